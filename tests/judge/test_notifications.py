"""The notifications of one incident, as they come in."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.judge.notifications import KEPT, with_notification, without_suppression
from monitor.model import Kind, Notification, NotificationState, Suppression


def sent(message: str, alert: str = "mail", **keys: Any) -> Notification:
    usual: dict[str, Any] = {"kind": Kind.DOWN, "at": 1.0, "state": NotificationState.WAITING}
    return Notification(message=message, alert=alert, channel="mail", **{**usual, **keys})


def silenced(alert: str = "mail") -> Notification:
    state, why = NotificationState.SUPPRESSED, Suppression.SILENCE
    return Notification(alert=alert, channel="mail", kind=Kind.DOWN, at=1.0, state=state, detail=why)


ARRIVED = sent("1", state=NotificationState.DELIVERED)


@pytest.mark.parametrize(
    ("known", "new", "after"),
    [
        pytest.param((), sent("1"), (sent("1"),), id="the first"),
        pytest.param((sent("1"), sent("2")), ARRIVED, (ARRIVED, sent("2")), id="a new state of one"),
        pytest.param((sent("1"),), sent("1", "chat"), (sent("1"), sent("1", "chat")), id="another alert"),
        pytest.param((silenced(),), sent("1"), (sent("1"),), id="no longer suppressed"),
        pytest.param(
            (silenced("chat"),), sent("1"), (silenced("chat"), sent("1")), id="another is suppressed still"
        ),
        pytest.param(
            (silenced(),),
            sent("1", "chat", fallback_for="mail"),
            (sent("1", "chat", fallback_for="mail"),),
            id="a fallback sends",
        ),
        pytest.param((ARRIVED,), silenced("chat"), (ARRIVED, silenced("chat")), id="suppressed later"),
    ],
)
def test_the_newest_state_of_each_is_kept(known: Any, new: Notification, after: Any):
    assert with_notification(known, new) == after


def test_a_suppression_that_is_over_is_dropped():
    assert without_suppression((silenced(), ARRIVED, silenced("chat")), "mail") == (ARRIVED, silenced("chat"))


def test_the_oldest_reminders_are_dropped_first():
    known: tuple[Notification, ...] = (sent("down"),)
    for number in range(KEPT + 10):
        known = with_notification(known, sent(f"reminder {number}", kind=Kind.REMINDER))
    assert len(known) == KEPT
    assert (known[0].message, known[1].message) == ("down", "reminder 11")
