"""What the incidents of an engine say of their notifications."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from virtual import Script, endpoint, until, virtual, watching

from monitor.alerts.outbox import Item, Stage
from monitor.engine import Engine
from monitor.model import (
    Alert,
    Entry,
    Incident,
    Kind,
    Message,
    Notification,
    NotificationState,
    State,
    Suppression,
)
from monitor.service.notifications import (
    KEPT,
    earlier_messages,
    note_items,
    note_suppressions,
    notification,
    with_notification,
    without_suppression,
)

MAIL = Alert(name="Mail", url="mailto://ann:secret@example.com")
CHAT = Alert(name="Chat", url="slack://a/b/c")


def item(incident: str = "i", **keys: Any) -> Item:
    entry = Entry(endpoint="a", kind=Kind.DOWN, at=5.0, state=State.DOWN, incident=incident)
    message = Message(id="m", alert="Mail", kind=Kind.DIGEST, at=7.0, entries=(entry,))
    return Item(**{"message": message, "title": "", "text": "", "body": b"", "alert": "Mail", **keys})


@pytest.mark.parametrize(
    ("keys", "state", "detail"),
    [
        ({}, NotificationState.WAITING, ""),
        ({"tries": 2, "error": "refused"}, NotificationState.RETRYING, "refused"),
        (
            {"tries": 2, "error": "refused", "stage": Stage.SENT, "ended_at": 9.0},
            NotificationState.DELIVERED,
            "",
        ),
        ({"tries": 9, "error": "refused", "stage": Stage.GIVEN_UP}, NotificationState.FAILED, "refused"),
        ({"stage": Stage.REPLACED}, NotificationState.REPLACED, "a later message says the same"),
        (
            {"stage": Stage.REPLACED, "delivered_by": "Chat"},
            NotificationState.REPLACED,
            "the alert 'Chat' delivered it",
        ),
    ],
)
def test_each_stage_of_a_message_has_its_words(keys: Any, state: NotificationState, detail: str):
    made = item(**keys)
    noted = notification(made, made.message.entries[0], "mail")
    assert (noted.state, noted.detail, noted.ended_at) == (state, detail, keys.get("ended_at"))
    assert (noted.alert, noted.channel, noted.kind, noted.at) == ("Mail", "mail", Kind.DOWN, 7.0)


def test_a_copy_names_the_alert_that_it_replaces():
    copy = item(alert="Chat", path=("Mail",))
    noted = notification(copy, copy.message.entries[0], "slack")
    assert (noted.alert, noted.fallback_for) == ("Chat", "Mail")


async def down(running: Any) -> Incident:
    """The incident of an endpoint that has gone down, in an engine with two alerts."""
    running.engine.config = replace(running.engine.config, alerts=(MAIL, CHAT))
    await until(100)
    (incident,) = running.engine.incidents.values()
    return incident


@contextmanager
def published(engine: Engine) -> Iterator[list[Any]]:
    events: list[Any] = []
    engine.publisher.subscribe(events.append)
    yield events
    engine.publisher.unsubscribe(events.append)


@virtual
async def test_an_incident_shows_the_newest_state_of_each_message_and_says_so_once():
    async with watching(Script(a="d"), endpoint("a")) as running:
        incident, engine = await down(running), running.engine
        with published(engine) as events:
            note_items(engine, [item(incident.id)])
            note_items(engine, [item(incident.id)])
            note_items(engine, [item(incident.id, stage=Stage.SENT, ended_at=9.0), item("unknown")])
        assert [one.state for one in engine.incidents[incident.id].notifications] == ["delivered"]
        assert [one.incident.notifications[0].state for one in events] == ["waiting", "delivered"]


@virtual
async def test_a_message_follows_those_that_its_alert_has_delivered():
    async with watching(Script(a="d"), endpoint("a")) as running:
        incident, engine = await down(running), running.engine
        sent = {"stage": Stage.SENT, "ended_at": 9.0}
        later = item(incident.id)
        later.message = msgspec.structs.replace(later.message, id="n", at=20.0)
        assert earlier_messages(engine, later) == ()
        note_items(
            engine, [item(incident.id), item(incident.id, alert="Chat", path=("Mail",), **sent), later]
        )
        assert earlier_messages(engine, later) == ()
        note_items(engine, [item(incident.id, **sent)])
        assert earlier_messages(engine, later) == ("m",)


@virtual
async def test_an_incident_shows_why_an_alert_sends_nothing_for_as_long_as_it_does():
    async with watching(Script(a="d"), endpoint("a")) as running:
        incident, engine = await down(running), running.engine
        for reasons in (
            {"Mail": Suppression.SILENCE, "Chat": Suppression.HOURS},
            {"Mail": None, "Gone": None},
        ):
            note_suppressions(engine, {incident.id: reasons})
        (noted,) = engine.incidents[incident.id].notifications
        assert (noted.alert, noted.channel, noted.state, noted.detail) == (
            "Chat",
            "slack",
            NotificationState.SUPPRESSED,
            "hours",
        )


@virtual
async def test_the_reasons_of_an_incident_that_is_over_stay():
    async with watching(Script(a="d" * 40 + "uu"), endpoint("a")) as running:
        incident, engine = await down(running), running.engine
        note_suppressions(engine, {incident.id: {"Mail": Suppression.SILENCE}})
        await until(3000)
        assert engine.incidents[incident.id].ended is not None
        note_suppressions(engine, {incident.id: {"Mail": None}})
        assert [one.detail for one in engine.incidents[incident.id].notifications] == ["silence"]


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
