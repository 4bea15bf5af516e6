"""What was done to the config from this dashboard, and the way back."""

import asyncio

from fake_source import FakeSource

from monitor.errors import LinkError
from monitor.link.edits import Edited, Remove, Undo
from monitor.tui.data.undo import Edits

REMOVE = Remove(handles=(1,))


class Teller:
    """Somebody who has edits made, and what they are told."""

    def __init__(self):
        self.source, self.told, self.changes = FakeSource([], []), [], 0
        self.edits = Edits(self.source, self.told.append, self.changed)
        self.source.replies[Undo] = lambda asked: Edited(ok=True, text=f"undone: {asked.edit}")

    def changed(self):
        self.changes += 1

    async def remove(self, **answer):
        self.source.replies[Remove] = Edited(**answer)
        return await self.edits.make(REMOVE)


async def test_edits_are_taken_back_the_newest_first():
    teller = Teller()
    await teller.remove(ok=True, text="deleted a", edit=7)
    await teller.remove(ok=True, text="deleted b", edit=8)
    for _ in range(3):
        await teller.edits.undo()
    assert teller.told == [
        "deleted a (u takes it back)",
        "deleted b (u takes it back)",
        "undone: 8",
        "undone: 7",
        "there is no change from this dashboard to undo",
    ]
    assert teller.changes == 4


async def test_edits_taken_back_in_a_hurry_are_two():
    teller = Teller()
    await teller.remove(ok=True, text="deleted a", edit=7)
    await teller.remove(ok=True, text="deleted b", edit=8)
    await asyncio.gather(teller.edits.undo(), teller.edits.undo())
    assert [asked.edit for asked in teller.source.asked[2:]] == [8, 7]


async def test_what_was_refused_cannot_be_taken_back():
    teller = Teller()
    refused = await teller.remove(ok=False, text="not deleted")
    assert not refused.ok
    await teller.edits.undo()
    assert teller.told[0] == "not deleted"
    assert teller.source.asked == [REMOVE]


async def test_what_could_not_be_taken_back_can_be_later():
    teller = Teller()
    await teller.remove(ok=True, text="deleted", edit=7)
    teller.source.replies[Undo] = Edited(ok=False, text="changed by somebody else")
    await teller.edits.undo()
    await teller.edits.undo()
    assert [asked.edit for asked in teller.source.asked[1:]] == [7, 7]
    assert teller.told[-1] == "changed by somebody else"


async def test_an_engine_that_refuses_or_has_gone_is_reported():
    teller = Teller()
    teller.source.replies[Remove] = LinkError("there is no config file to write to")
    assert await teller.edits.make(REMOVE) == Edited(
        ok=False, text="not done: there is no config file to write to"
    )
    assert teller.told == ["not done: there is no config file to write to"]
