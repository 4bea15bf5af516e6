"""One alert at work; whole worlds are in test_worlds."""

from math import inf

from simulation import alert

from monitor.judge.alerting.message_scheduler import MessageScheduler
from monitor.judge.alerting.subject import Subject
from monitor.model import Ending, Hours, Incident, Kind, Limit, State, Suppression


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


def test_a_recovery_leaves_before_the_next_outage() -> None:
    subjects = {"a": down("a")}
    one = scheduler(subjects)
    one.review("a", 110.0)
    one.tick(110.0, [])
    subjects["a"] = Subject(id="a", state=State.UP, since=206.0)
    one.closed(incident("a", ended=200.0, ending=Ending.RECOVERED))
    one.review("a", 206.0)
    assert one.tick(207.0, []) == []
    assert [message.kind for message in one.before("a", True, 208.0)] == [Kind.UP]


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
