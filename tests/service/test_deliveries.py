"""Which daemon sends, and what another has sent already."""

from __future__ import annotations

import pytest

from monitor.alerts.outbox import Item
from monitor.model import Entry, Kind, Message, State
from monitor.service.deliveries import Deliveries


def item(*endpoints: str, kind: Kind = Kind.DOWN, incident: str = "i", at: float = 100.0) -> Item:
    entries = tuple(
        Entry(endpoint=id, kind=kind, at=at, state=State.DOWN, incident=incident) for id in endpoints
    )
    message = Message(id=f"{endpoints}{at}", alert="mail", kind=kind, at=at, entries=entries)
    return Item(message=message, title="", text="", body=b"", alert="mail")


class Two:
    """Two daemons that tell each other what they delivered."""

    def __init__(self) -> None:
        self.one, self.other = Deliveries(lambda: True), Deliveries(lambda: False)
        self.one.share(self.other.changed)


def test_only_the_leader_may_send():
    two = Two()
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
    two = Two()
    two.one.note(sent)
    assert two.other.covers(mine) is covered
    assert two.one.covers(mine) is covered


def test_a_value_that_is_none_of_ours_is_left_out():
    two = Two()
    for value in (b"", b"{", b"\xff", b'"x"'):
        two.other.changed("key", value)
    assert not two.other.covers(item("shop"))
