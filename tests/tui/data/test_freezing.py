"""The changes that a frozen view does not show."""

import asyncio

import pytest

from monitor.errors import LinkError
from monitor.tui.data import freezing as module
from monitor.tui.data.freezing import Freezing


class Counting:
    """An engine that answers with the next of these numbers; then, it is lost."""

    def __init__(self, *totals):
        self.totals = list(totals)

    async def count_state_changes(self):
        if not self.totals:
            raise LinkError("the engine has gone")
        return self.totals.pop(0)


@pytest.fixture
def frozen(monkeypatch):
    """Freezes before an engine with these numbers, until it is lost; what was seen after each change."""
    monkeypatch.setattr(module, "PAUSE", 0.0)

    async def run(*totals):
        seen, lost = [], asyncio.Event()

        def changed():
            seen.append(freezing.unseen)
            if freezing.trouble:
                lost.set()

        freezing = Freezing(Counting(*totals), changed, lambda: 7.0)
        freezing.switch()
        await lost.wait()
        return freezing, seen

    return run


@pytest.mark.parametrize(
    ("totals", "seen"),
    [
        ((40, 40), [0, 0]),
        ((40, 42, 47), [2, 7, 7]),
        ((40, 42, 1), [2, 1, 1]),  # restarted
        ((), [0]),
    ],
)
async def test_changes_are_counted_from_the_moment_of_freezing(frozen, totals, seen):
    freezing, counted = await frozen(*totals)
    assert counted == seen
    assert freezing.trouble == "the engine has gone"


async def test_going_on_forgets_the_count_and_freezing_again_begins_a_new_one(frozen):
    freezing, _ = await frozen(1, 3)
    freezing.switch()
    assert (freezing.on, freezing.unseen, freezing.trouble, freezing.seconds) == (False, 0, "", 0.0)
    freezing.switch()
    assert (freezing.on, freezing.unseen) == (True, 0)
    freezing.switch()


async def test_its_age_is_that_of_the_freezing():
    now = 5.0
    freezing = Freezing(Counting(1), lambda: None, lambda: now)
    freezing.switch()
    now = 17.0
    assert freezing.seconds == 12.0
    freezing.switch()
