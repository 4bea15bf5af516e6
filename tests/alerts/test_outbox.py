"""What is tried when, and in which order."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.outbox import FALLBACK_AFTER, GIVEN_UP_AFTER, Item, Outbox, Stage
from monitor.model import Entry, Kind, Message, State


def item(id: str, *endpoints: str, kind: Kind = Kind.DOWN, alert: str = "mail", at: float = 0.0) -> Item:
    entries = tuple(Entry(endpoint=one, kind=kind, at=at, state=State.DOWN) for one in endpoints)
    message = Message(id=id, alert=alert, kind=kind, at=at, entries=entries)
    return Item(message=message, title=id, text="", body=b"", alert=alert)


def due(outbox: Outbox, at: float = 0.0) -> list[str]:
    return [one.key for one in outbox.due(at)]


def test_messages_about_one_endpoint_keep_their_order():
    outbox = Outbox()
    for one in (item("1", "a"), item("2", "a", kind=Kind.FLAPPING), item("3", "b")):
        outbox.add(one, 0.0)
    assert due(outbox) == ["1", "3"]
    assert due(outbox) == []
    outbox.delivered("1", 1.0)
    assert due(outbox, 1.0) == ["2"]


def test_a_recovery_replaces_an_outage_whose_delivery_fails_meanwhile():
    outbox = Outbox()
    outbox.add(item("1", "a"), 0.0)
    assert due(outbox) == ["1"]
    outbox.add(item("2", "a", kind=Kind.UP), 5.0)
    outbox.failed("1", "no answer", 10.0)
    assert outbox.changed["1"].stage is Stage.REPLACED
    assert due(outbox, 10.0) == ["2"]


def test_an_earlier_recovery_replaces_nothing():
    outbox = Outbox()
    outbox.add(item("1", "a", kind=Kind.UP), 0.0)
    assert due(outbox) == ["1"]
    outbox.add(item("2", "a"), 5.0)
    outbox.delivered("1", 6.0)
    assert due(outbox, 6.0) == ["2"]
    outbox.failed("2", "no answer", 10.0)
    assert due(outbox, 15.0) == ["2"]


def test_a_reminder_replaces_the_undelivered_one_before_it_and_not_the_outage():
    outbox = Outbox()
    outbox.add(item("1", "a"), 0.0)
    assert due(outbox) == ["1"]
    outbox.failed("1", "no answer", 0.0)
    for hour in (1, 2, 3):
        outbox.add(item(f"r{hour}", "a", kind=Kind.REMINDER), 3600.0 * hour)
    assert [one.key for one in outbox] == ["1", "r3"]
    outbox.add(item("r4", "a", "b", kind=Kind.REMINDER), 14400.0)
    outbox.add(item("r5", "a", kind=Kind.REMINDER), 18000.0)
    assert [one.key for one in outbox] == ["1", "r4", "r5"]
    outbox.add(item("2", "a", "b", kind=Kind.UP), 18001.0)
    assert [one.key for one in outbox] == ["2"]


def test_another_alert_does_not_wait():
    outbox = Outbox()
    outbox.add(item("1", "a"), 0.0)
    outbox.add(item("2", "a", alert="chat"), 0.0)
    assert due(outbox) == ["1", "2"]


def test_a_message_does_not_wait_for_a_clock_that_was_set_back():
    outbox, year = Outbox(), 365 * 86400.0
    outbox.add(item("1", "a", at=year), year)
    outbox.add(item("2", "b", at=year), year)
    assert due(outbox, year) == ["1", "2"]
    outbox.failed("1", "500", year)
    assert due(outbox, year + 4) == []
    assert due(outbox, 0.0) == ["1"]
    outbox.failed("1", "500", 0.0)
    assert due(outbox, 9.0) == []
    assert due(outbox, 10.0) == ["1"]
    outbox.failed("1", "500", 10.0)
    assert outbox.fall_back({"mail": "chat"}, FALLBACK_AFTER - 1) == []
    assert len(outbox.fall_back({"mail": "chat"}, FALLBACK_AFTER)) == 1


def test_a_failed_message_is_tried_again_with_growing_pauses():
    outbox, at, pauses = Outbox(), 0.0, []
    outbox.add(item("1", "a"), at)
    for _ in range(5):
        (one,) = outbox.due(at)
        outbox.failed("1", "500", at)
        pauses.append(one.next_at - at)
        assert outbox.due(one.next_at - 0.1) == []
        at = one.next_at
    assert pauses == [5, 10, 30, 60, 120]
    assert (one.tries, one.error) == (5, "500")


def test_a_message_is_given_up_after_a_day():
    outbox = Outbox()
    outbox.add(item("1", "a"), 0.0)
    outbox.due(GIVEN_UP_AFTER)
    outbox.failed("1", "500", GIVEN_UP_AFTER)
    assert len(outbox) == 0
    assert outbox.changed["1"].stage is Stage.GIVEN_UP


def test_a_message_that_never_failed_does_not_fall_back():
    outbox = Outbox()
    outbox.add(item("1", "a"), 0.0)
    outbox.due(0.0)
    assert outbox.fall_back({"mail": "chat"}, 10 * FALLBACK_AFTER) == []


LATER = FALLBACK_AFTER + 1


@pytest.mark.parametrize(
    ("fallbacks", "failing", "through", "arrived"),
    [
        pytest.param({}, {"mail"}, ["mail"], [], id="no fallback"),
        pytest.param({"mail": "chat"}, {"mail"}, ["mail", "chat"], ["chat"], id="one"),
        pytest.param({"mail": "chat"}, set(), ["mail"], ["mail"], id="not needed"),
        pytest.param(
            {"mail": "chat", "chat": "pager"},
            {"mail", "chat"},
            ["mail", "chat", "pager"],
            ["pager"],
            id="the fallback's own fallback",
        ),
        pytest.param(
            {"mail": "chat", "chat": "pager"},
            {"mail"},
            ["mail", "chat"],
            ["chat"],
            id="the fallback delivers, so its own is not used",
        ),
        pytest.param(
            {"mail": "chat", "chat": "mail"}, {"mail", "chat"}, ["mail", "chat"], [], id="a loop of two"
        ),
        pytest.param({"mail": "mail"}, {"mail"}, ["mail"], [], id="its own fallback"),
    ],
)
def test_a_late_message_follows_the_chain_of_fallbacks_once(fallbacks, failing, through, arrived):
    outbox, tried, ids, sent = Outbox(), [], set(), []
    outbox.add(item("1", "a"), 0.0)
    for at in (number * LATER for number in range(8)):
        outbox.fall_back(fallbacks, at)
        for one in outbox.due(at):
            tried.append(one.alert)
            ids.add(one.message.id)
            if one.alert in failing:
                outbox.failed(one.key, "500", at)
            else:
                outbox.delivered(one.key, at)
                sent.append(one.alert)
    assert (list(dict.fromkeys(tried)), sent, ids) == (through, arrived, {"1"})
    assert [one.alert for one in outbox] == ([] if arrived else through)


def fallen_back() -> Outbox:
    """A message in flight through ``mail``, for the second time, and its copy through ``chat``."""
    outbox = Outbox()
    outbox.add(item("1", "a"), 0.0)
    outbox.due(0.0)
    outbox.failed("1", "500", 0.0)
    outbox.fall_back({"mail": "chat"}, LATER)
    assert due(outbox, LATER) == ["1", "1@chat"]
    return outbox


def test_a_copy_waits_two_minutes_of_its_own_before_the_next_fallback():
    outbox = fallen_back()
    outbox.failed("1@chat", "500", LATER)
    assert outbox.fall_back({"mail": "chat", "chat": "pager"}, LATER + FALLBACK_AFTER - 1) == []
    (copy,) = outbox.fall_back({"mail": "chat", "chat": "pager"}, LATER + FALLBACK_AFTER)
    assert (copy.key, copy.path) == ("1@pager", ("mail", "chat"))


@pytest.mark.parametrize("end", ["failed", "notifier died", "restart"])
def test_a_message_in_flight_is_not_tried_again_when_its_copy_has_arrived(end: str):
    outbox = fallen_back()
    outbox.delivered("1@chat", LATER + 1)
    assert [one.key for one in outbox] == ["1"]
    match end:
        case "failed":
            outbox.failed("1", "500", LATER + 2)
        case "notifier died":
            outbox.lost_all()
        case "restart":
            outbox = Outbox(list(outbox))
    assert due(outbox, 10 * LATER) == []
    assert (outbox.changed["1"].stage, outbox.changed["1"].delivered_by) == (Stage.REPLACED, "chat")


def test_a_recovery_replaces_the_copies_of_the_outage_as_well():
    outbox = fallen_back()
    outbox.failed("1", "500", LATER)
    outbox.failed("1@chat", "500", LATER)
    outbox.add(item("2", "a", kind=Kind.UP), LATER + 1)
    assert [one.key for one in outbox] == ["2"]


def test_a_recovery_replaces_the_outage_that_was_never_delivered():
    outbox = Outbox()
    outbox.add(item("1", "a"), 0.0)
    outbox.due(0.0)
    outbox.failed("1", "500", 0.0)
    outbox.add(item("2", "a", kind=Kind.UP), 60.0)
    assert outbox.changed["1"].stage is Stage.REPLACED
    assert due(outbox, 60.0) == ["2"]


def test_a_digest_of_recoveries_replaces_a_digest_of_outages():
    outbox = Outbox()
    outbox.add(item("1", "a", "b"), 0.0)
    outbox.add(item("2", "a", "b", "c", kind=Kind.UP), 60.0)
    assert outbox.changed["1"].stage is Stage.REPLACED
    outbox.add(item("3", "a", "b"), 70.0)
    outbox.add(item("4", "a", kind=Kind.UP), 80.0)
    assert outbox.changed["3"].stage is Stage.WAITING  # b is still down


def test_an_outage_that_is_being_delivered_is_not_replaced():
    outbox = Outbox()
    outbox.add(item("1", "a"), 0.0)
    outbox.due(0.0)
    outbox.add(item("2", "a", kind=Kind.UP), 1.0)
    assert due(outbox, 1.0) == []
    outbox.delivered("1", 2.0)
    assert due(outbox, 2.0) == ["2"]


def test_what_was_in_flight_when_the_notifier_died_is_sent_again():
    outbox = Outbox()
    outbox.add(item("1", "a"), 0.0)
    assert due(outbox) == ["1"]
    outbox.lost_all()
    assert due(outbox) == ["1"]


def test_the_same_message_is_added_once():
    outbox = Outbox()
    outbox.add(item("1", "a"), 0.0)
    outbox.add(item("1", "a"), 0.0)
    assert len(outbox) == 1


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.sampled_from("abc"), st.sampled_from([Kind.DOWN, Kind.UP])),
            st.tuples(st.sampled_from(["ok", "fail", "restart", "die"]), st.just(""), st.just(Kind.DOWN)),
        ),
        max_size=40,
    )
)
def test_every_message_is_sent_once_in_order_or_replaced(steps):
    outbox, stored, sent, in_flight = Outbox(), {}, [], []
    for number, (what, endpoint, kind) in enumerate([*steps, *[("ok", "", Kind.DOWN)] * 60]):
        at = 1000.0 * number
        match what:
            case "add":
                outbox.add(item(f"{number:02}{endpoint}", endpoint, kind=kind, at=at), at)
            case "restart":
                outbox, in_flight = Outbox(sorted(stored.values(), key=lambda one: one.message.id)), []
            case "die":
                outbox.lost_all()
                in_flight = []
            case "ok" | "fail" if in_flight:
                key = in_flight.pop(0)
                if what == "ok":
                    outbox.delivered(key, at)
                    sent.append(key)
                else:
                    outbox.failed(key, "no", at)
        in_flight += due(outbox, at)
        stored |= {key: msgspec.structs.replace(one) for key, one in outbox.changed.items()}
    added = {f"{number:02}{step[1]}" for number, step in enumerate(steps) if step[0] == "add"}
    replaced = {key for key, one in stored.items() if one.stage is Stage.REPLACED}
    assert len(sent) == len(set(sent))
    assert set(sent) | replaced == added
    assert not set(sent) & replaced
    for endpoint in "abc":
        own = [key for key in sent if key.endswith(endpoint)]
        assert own == sorted(own)


RING = {"mail": "chat", "chat": "pager", "pager": "mail"}


@given(st.lists(st.sampled_from(["ok", "fail", "late", "die", "restart", "recover"]), max_size=30))
def test_through_any_fallbacks_a_message_arrives_and_is_not_sent_again(steps: list[str]):
    outbox, arrived, in_flight, at, recovered = Outbox(), [], [], 0.0, False
    outbox.add(item("1", "a"), at)
    stored = {key: msgspec.structs.replace(one) for key, one in outbox.changed.items()}
    for step in [*steps, "late", *["ok"] * 20]:
        at += LATER if step == "late" else 1000.0
        match step:
            case "late":
                for copy in outbox.fall_back(RING, at):
                    assert len({*copy.path, copy.alert}) == len(copy.path) + 1
            case "restart":
                outbox, in_flight = Outbox([msgspec.structs.replace(one) for one in stored.values()]), []
            case "die":
                outbox.lost_all()
                in_flight = []
            case "recover" if not recovered:
                recovered = True
                outbox.add(item("2", "a", kind=Kind.UP, at=at), at)
            case "ok" | "fail" if in_flight:
                key = in_flight.pop(0)
                if step == "ok":
                    outbox.delivered(key, at)
                    arrived.append(key)
                else:
                    outbox.failed(key, "no", at)
        fresh = due(outbox, at)
        ids = {key.partition("@")[0] for key in arrived}
        assert not ids & {key.partition("@")[0] for key in fresh}
        in_flight += fresh
        stored |= {key: msgspec.structs.replace(one) for key, one in outbox.changed.items()}
    assert len(arrived) == len(set(arrived))
    assert not len(outbox)
    told = {key.partition("@")[0] for key in arrived}
    assert told >= ({"2"} if "recover" in steps else {"1"})
