"""Which alerts reported an incident, in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from monitor.model import Kind, Notification, NotificationState
from monitor.tui.drawing.notifications import brief, in_full, lines, style
from monitor.tui.drawing.text_layout import TextLayout
from monitor.tui.terminal.symbols import UNICODE
from monitor.tui.terminal.theme import PALETTES

NOON = datetime(2026, 11, 23, 12, 0).astimezone().timestamp()
LAYOUT = TextLayout(UNICODE, PALETTES["dark"])


def sent(state: str = "delivered", alert: str = "Mail", **keys: Any) -> Notification:
    usual: dict[str, Any] = {"message": "m", "channel": "mail", "kind": Kind.DOWN, "at": NOON}
    return Notification(alert=alert, state=NotificationState(state), **{**usual, **keys})


SILENCED = sent("suppressed", "Pager", channel="pagerduty", detail="silence", message="")


@pytest.mark.parametrize(
    ("notifications", "expected"),
    [
        ((), ""),
        ((sent(),), "Mail"),
        ((sent("waiting"),), "Mail sending"),
        ((sent(), sent("waiting", message="n", kind=Kind.UP)), "Mail sending"),
        ((sent(), SILENCED), "Mail, silence"),
        ((SILENCED, sent("suppressed", detail="silence"), sent(alert="Chat")), "Chat, silence"),
        ((sent(alert="Chat"), sent("retrying")), "Mail retrying, Chat"),
        ((sent("replaced"), sent(alert="Chat", fallback_for="Mail")), "Chat"),
        ((sent("failed"),), "Mail failed"),
    ],
)
def test_a_few_words_say_who_was_told(notifications: Any, expected: str):
    assert brief(notifications) == expected


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (sent(ended_at=NOON + 2), "Mail (mail): down delivered 12:00:02"),
        (sent(ended_at=NOON + 2, tries=1), "Mail (mail): down delivered 12:00:02 after 1 failed try"),
        (sent("waiting"), "Mail (mail): down being sent since 12:00:00"),
        (
            sent("retrying", tries=3, detail="the receiver answered 500"),
            "Mail (mail): down not delivered since 12:00:00, 3 failed tries: the receiver answered 500",
        ),
        (
            sent("failed", tries=9, detail="refused", ended_at=NOON + 60),
            "Mail (mail): down given up 12:01:00 after 9 failed tries: refused",
        ),
        (
            sent("replaced", detail="a later message says the same", ended_at=NOON),
            "Mail (mail): down not needed 12:00:00: a later message says the same",
        ),
        (
            sent(alert="Chat", channel="slack", fallback_for="Mail", ended_at=NOON),
            "Chat (slack) instead of Mail: down delivered 12:00:00",
        ),
        (SILENCED, "Pager (pagerduty): nothing sent since 12:00:00: silenced"),
        (
            sent("suppressed", detail="delay"),
            "Mail (mail): nothing sent since 12:00:00: the alert's `after` is not over yet",
        ),
        (sent("suppressed", detail="new"), "Mail (mail): nothing sent since 12:00:00: new"),
    ],
)
def test_a_line_says_everything(one: Notification, expected: str):
    assert in_full(one) == expected


def test_messages_that_do_not_arrive_stand_out():
    palette = LAYOUT.palette
    assert style((sent(), sent("retrying", "Chat")), palette) == palette.warn
    assert style((sent("retrying"), sent()), palette) == palette.dim


def test_only_the_newest_are_in_full():
    many = tuple(sent(message=str(number)) for number in range(30))
    drawn = ["".join(segment.text for segment in line) for line in lines(many, 60, LAYOUT)]
    assert (len(drawn), drawn[0]) == (9, "22 earlier messages")
