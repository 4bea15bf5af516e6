"""One alert at work; whole worlds are in test_worlds."""

from math import inf
from typing import Any

import msgspec
import pytest
from simulation import alert

from monitor.judge.alerting.message_scheduler import MessageScheduler
from monitor.judge.alerting.subject import Subject
from monitor.model import Ending, Hours, Incident, Kind, Limit, Message, State, Suppression


def incident(id: str, **keys) -> Incident:
    return Incident(**{"id": f"i-{id}", "endpoint": id, "handle": 0, "name": id, "began": 100.0, **keys})


def down(id: str, at: float = 110.0, began: float = 100.0) -> Subject:
    return Subject(id=id, state=State.DOWN, since=at, opened=at, incident=incident(id, began=began))


def scheduler(subjects: dict[str, Subject], **keys) -> MessageScheduler:
    return MessageScheduler(alert(**keys), subjects, lambda _: False, lambda _: 30.0)


def test_a_digest_begins_with_the_first_failure_and_not_with_its_confirmation() -> None:
    one = scheduler({"a": down("a", at=104.0)})
    one.review("a", 104.0)
    assert one.due() == 110.0
    assert one.tick(109.9, []) == []
    assert [message.kind for message in one.tick(110.0, [])] == [Kind.DOWN]
    assert one.due() == inf


def test_a_digest_waits_for_what_began_to_fail_with_it_but_no_longer_than_an_interval() -> None:
    subjects = {"a": down("a"), "b": Subject(id="b", state=State.FAILING, failing=108.0)}
    one = scheduler(subjects)
    one.review("a", 110.0)
    assert one.tick(110.0, ["b"]) == []
    assert one.tick(139.9, ["b"]) == []
    assert len(one.tick(140.0, ["b"])) == 1


def test_a_digest_does_not_wait_for_what_failed_long_before() -> None:
    subjects = {"a": down("a"), "b": Subject(id="b", state=State.FAILING, failing=50.0)}
    one = scheduler(subjects)
    one.review("a", 110.0)
    assert len(one.tick(110.0, ["b"])) == 1


def test_what_is_over_before_the_digest_is_sent_is_left_out() -> None:
    subjects = {"a": down("a", at=104.0)}
    one = scheduler(subjects)
    one.review("a", 104.0)
    subjects["a"] = Subject(id="a", state=State.UP, since=106.0)
    one.closed(incident("a", ended=105.0, ending=Ending.RECOVERED))
    one.review("a", 106.0)
    assert one.tick(120.0, []) == []
    assert not one.state.tracks


def _failing_again_within_a_digest(**keys) -> MessageScheduler:
    """A reported outage is over and the next one is confirmed before the digest of recoveries is sent."""
    subjects = {"a": down("a")}
    one = scheduler(subjects, **keys)
    one.review("a", 110.0)
    one.tick(110.0, [])
    subjects["a"] = Subject(id="a", state=State.UP, since=206.0)
    one.closed(incident("a", ended=200.0, ending=Ending.RECOVERED))
    one.review("a", 206.0)
    assert one.tick(207.0, []) == []
    subjects["a"] = Subject(id="a", state=State.FAILING, failing=207.5)
    one.review("a", 207.5)
    again = msgspec.structs.replace(incident("a", began=207.5), id="i-again")
    subjects["a"] = Subject(id="a", state=State.DOWN, since=208.0, opened=208.0, incident=again)
    one.review("a", 208.0)
    return one


def test_a_recovery_leaves_before_the_next_outage() -> None:
    one = _failing_again_within_a_digest()
    (up,) = one.tick(208.0, [])
    (down_again,) = one.tick(218.0, [])
    assert (up.kind, up.entries[0].incident, up.entries[0].state) == (Kind.UP, "i-a", State.UP)
    assert (down_again.kind, down_again.entries[0].incident) == (Kind.DOWN, "i-again")


def test_an_alert_that_does_not_ask_for_recoveries_reports_the_next_outage_alone() -> None:
    one = _failing_again_within_a_digest(on=frozenset({"down"}))
    assert one.tick(208.0, []) == []
    assert [message.kind for message in one.tick(218.0, [])] == [Kind.DOWN]


def test_an_outage_that_ends_because_somebody_pauses_is_not_over() -> None:
    subjects = {"a": down("a")}
    one = scheduler(subjects)
    one.review("a", 110.0)
    one.tick(110.0, [])
    subjects["a"] = Subject(id="a", state=State.PAUSED)
    one.closed(incident("a", ended=150.0, ending=Ending.PAUSED))
    one.review("a", 150.0)
    assert one.due() == inf
    assert not one.state.tracks


def test_summaries_beyond_the_limit_come_at_growing_intervals() -> None:
    subjects = {f"e{number}": down(f"e{number}") for number in range(200)}
    one = scheduler(subjects, digest=0.0, limit=Limit(1, 3600.0))
    sent = []
    for number in range(200):
        at = 110.0 + number
        one.review(f"e{number}", at)
        sent += one.tick(at, [])
    assert [(message.at, message.more) for message in sent] == [(110.0, 0), (136.0, 26), (197.0, 61)]


def test_an_endpoint_that_is_gone_is_in_no_digest() -> None:
    one = scheduler({"a": down("a", at=104.0)})
    one.review("a", 104.0)
    one.forget("a")
    assert one.tick(120.0, []) == []


NIGHT = Hours(weekday=0, start=60, end=120)


def test_an_outage_that_the_desk_holds_back_has_a_reason() -> None:
    def reason(at: float, **keys) -> Suppression | None:
        one = scheduler({"a": down("a")}, **keys)
        one.review("a", at)
        return one.suppressed["a"]

    assert reason(110.0) is None
    assert reason(110.0, after=60.0) is Suppression.DELAY
    assert reason(170.0, after=60.0) is None
    assert reason(110.0, hours=(NIGHT,), timezone="UTC") is Suppression.HOURS
    assert reason(110.0, on=frozenset({"up"})) is None


def test_an_outage_beyond_the_limit_is_held_back_until_the_summary() -> None:
    subjects = {"a": down("a"), "b": down("b", at=121.0, began=120.0)}
    one = scheduler(subjects, limit=Limit(count=1, seconds=3600.0), digest=0.0)
    for id, at in (("a", 110.0), ("b", 121.0)):
        one.review(id, at)
        one.tick(at, [])
    assert one.suppressed == {"a": None, "b": Suppression.LIMIT}
    assert len(one.tick(150.0, [])) == 1
    one.review("b", 151.0)
    assert one.suppressed["b"] is None


def held_back(**keys) -> tuple[dict[str, Subject], MessageScheduler]:
    """``a`` is reported at 110 s, and ``b``, beyond the limit, held back until a summary at 135 s."""
    subjects = {"a": down("a"), "b": down("b")}
    one = scheduler(subjects, digest=0.0, limit=Limit(1, 20.0), **keys)
    one.review("a", 110.0)
    assert len(one.tick(110.0, [])) == 1
    one.review("b", 110.0)
    assert one.tick(110.0, []) == []
    assert one.due() == 135.0
    return subjects, one


def names(messages: list[Message]) -> list[tuple[str, str]]:
    return [(str(entry.kind), entry.endpoint) for one in messages for entry in one.entries]


def test_what_was_held_back_is_left_out_once_there_is_later_news() -> None:
    subjects, one = held_back()
    subjects["b"] = Subject(id="b", state=State.UP, since=131.0)
    one.closed(incident("b", ended=131.0, ending=Ending.RECOVERED))
    one.review("b", 131.0)
    assert names(one.tick(131.0, [])) == [("up", "b")]
    assert one.due() == inf


def test_what_was_held_back_waits_for_the_end_of_a_silence() -> None:
    subjects, one = held_back()
    subjects["b"].maintenance = True
    assert one.tick(135.0, []) == []
    assert one.due() == 195.0
    subjects["b"].maintenance = False
    assert names(one.tick(195.0, [])) == [("down", "b")]


def test_an_outage_that_was_held_back_and_then_explained_is_reported_when_it_is_unexplained() -> None:
    subjects, one = held_back()
    subjects["b"].state = State.UNREACHABLE
    assert one.tick(135.0, []) == []
    assert one.due() == inf
    subjects["b"].state = State.DOWN
    one.review("b", 160.0)
    assert names(one.tick(160.0, [])) == [("down", "b")]


def test_what_was_held_back_about_a_removed_endpoint_is_forgotten() -> None:
    _, one = held_back()
    one.forget("b")
    assert one.due() == inf


# ── a clock that is set back ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "keys", [{}, {"digest": 0.0}, {"after": 900.0}], ids=["digest", "at once", "escalation"]
)
def test_an_outage_is_reported_although_the_clock_was_set_back_by_a_year(keys: dict[str, Any]) -> None:
    year = 365 * 86400.0
    subjects = {"a": down("a", at=year + 10, began=year)}
    one = scheduler(subjects, **keys)
    one.review("a", year + 10)
    assert one.due() > 100.0
    one.catch_up(100.0)
    one.review("a", 100.0)
    assert names(one.tick(100.0 if not keys.get("digest", 1.0) else 110.0, [])) == [("down", "a")]


def test_reminders_and_the_limit_go_on_although_the_clock_was_set_back() -> None:
    subjects = {"a": down("a", at=9000.0, began=9000.0)}
    one = scheduler(subjects, digest=0.0, remind=600.0, limit=Limit(1, 3600.0))
    one.review("a", 9000.0)
    assert names(one.tick(9000.0, [])) == [("down", "a")]
    one.catch_up(100.0)
    one.review("a", 100.0)
    assert one.tick(699.0, []) == []
    assert names(one.tick(700.0, [])) == [("reminder", "a")]
