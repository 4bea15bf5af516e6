"""Marks of one daemon on another, in virtual time and without a server between them."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest
from virtual import Script, clock, config, endpoint, until, virtual

from monitor.alerts.outbox import Item
from monitor.engine import Engine
from monitor.model import Entry, Kind, Message, State
from monitor.service.shared_values import Deliveries, SharedMarks

WEIRD = "ä b.c*"


class Two:
    """Two daemons; the bucket between them passes on what is new, as :class:`Shared` does."""

    def __init__(self) -> None:
        script = Script(shop="d")
        self.one, self.other = (
            Engine(config(endpoint("shop"), endpoint(WEIRD)), clock=clock, run_probe=script) for _ in "ab"
        )
        self.stored: dict[str, bytes] = {}
        self.marks = [SharedMarks(engine) for engine in (self.one, self.other)]
        for mine, theirs in ((0, 1), (1, 0)):
            self.marks[mine].share(lambda key, value, theirs=theirs: self._put(theirs, key, value))

    def _put(self, theirs: int, key: str, value: bytes) -> None:
        if self.stored.get(key) != value:
            self.stored[key] = value
            self.marks[theirs].changed(key, value)


@asynccontextmanager
async def two():
    both = Two()
    both.one.start()
    both.other.start()
    await until(30)
    yield both
    await both.one.stop()
    await both.other.stop()


def handle(engine: Engine, id: str = "shop") -> list[int]:
    tracked = engine.tracker.by_id(id)
    assert tracked
    return [tracked.handle]


@virtual
async def test_an_acknowledgement_holds_on_both_and_can_be_taken_back_on_either():
    async with two() as both:
        both.one.acknowledge(handle(both.one), "ann", "on it")
        tracked = both.other.tracker.by_id("shop")
        assert tracked
        assert tracked.acknowledged
        assert tracked.acknowledged.note == "on it"
        both.other.unacknowledge(handle(both.other))
        mine = both.one.tracker.by_id("shop")
        assert mine
        assert mine.acknowledged is None


@virtual
async def test_a_pause_holds_on_both_whatever_the_id():
    async with two() as both:
        both.one.pause(handle(both.one, WEIRD), "ann")
        tracked = both.other.tracker.by_id(WEIRD)
        assert tracked
        assert tracked.state is State.PAUSED
        both.other.resume(handle(both.other, WEIRD))
        mine = both.one.tracker.by_id(WEIRD)
        assert mine
        assert mine.state is not State.PAUSED


@virtual
async def test_a_silence_holds_on_both_and_ends_on_both():
    async with two() as both:
        silence = both.one.silence_selection(["name:shop"], clock() + 600, by="ann")
        assert both.other.tracker.silences == {silence.id: silence}
        both.other.end_silence(silence.id)
        assert both.one.tracker.silences == {}


@virtual
async def test_a_value_that_is_none_of_ours_is_left_out():
    async with two() as both:
        for key in ("ack.shop", "pause.shop", "silence.x", "other.x", "ack"):
            both.marks[0].changed(key, b"\x1b{")
        both.marks[0].changed("silence.x", b'{"id":"x","select":["name:"],"at":1}')
        assert both.one.tracker.silences == {}
        left_out = [one.text for one in both.one.event_log.since(0) if "ignored an invalid mark" in one.text]
        assert len(left_out) == 5
        assert not any("\x1b" in text for text in left_out)


# ---- delivered alerts


def item(*endpoints: str, kind: Kind = Kind.DOWN, incident: str = "i", at: float = 100.0) -> Item:
    entries = tuple(
        Entry(endpoint=id, kind=kind, at=at, state=State.DOWN, incident=incident) for id in endpoints
    )
    message = Message(id=f"{endpoints}{at}", alert="mail", kind=kind, at=at, entries=entries)
    return Item(message=message, title="", text="", body=b"", alert="mail")


class TwoSenders:
    """Two daemons that tell each other what they delivered."""

    def __init__(self) -> None:
        self.one, self.other = Deliveries(lambda: True), Deliveries(lambda: False)
        self.one.share(self.other.changed)


def test_only_the_leader_may_send():
    two = TwoSenders()
    assert (two.one.may_send, two.other.may_send) == (True, False)


@pytest.mark.parametrize(
    ("sent", "mine", "covered"),
    [
        (item("shop"), item("shop"), True),
        (item("shop"), item("shop", at=9999.0), True),
        (item("shop"), item("shop", incident="j"), False),
        (item("shop"), item("shop", kind=Kind.UP), False),
        (item("shop", "mail"), item("mail"), True),
        (item("shop"), item("shop", "mail"), False),
        (item("shop", kind=Kind.REMINDER), item("shop", kind=Kind.REMINDER, at=219.0), True),
        (item("shop", kind=Kind.REMINDER), item("shop", kind=Kind.REMINDER, at=221.0), False),
        (
            item("shop", kind=Kind.DEGRADED, incident=""),
            item("shop", kind=Kind.DEGRADED, incident="", at=90.0),
            True,
        ),
        (
            item("shop", kind=Kind.DEGRADED, incident=""),
            item("shop", kind=Kind.DEGRADED, incident="", at=500.0),
            False,
        ),
        (item(), item(), False),
    ],
)
def test_what_another_sent_is_not_sent_again(sent: Item, mine: Item, covered: bool):
    two = TwoSenders()
    two.one.note(sent)
    assert two.other.covers(mine) is covered
    assert two.one.covers(mine) is covered


def test_a_delivery_that_is_none_of_ours_is_left_out():
    two = TwoSenders()
    for value in (b"", b"{", b"\xff", b'"x"'):
        two.other.changed("key", value)
    assert not two.other.covers(item("shop"))
