"""What happened, in words."""

from dataclasses import replace

import pytest
from msgspec import structs
from virtual import endpoint

from monitor.engine.event_log import EventLog
from monitor.engine.schedule import Grid
from monitor.engine.watched import Watched
from monitor.model import Certificate, Reason, Result, State, Status


class Diary:
    """A event_log about one endpoint, with a clock to set."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.event_log = EventLog(lambda: self.now)
        self.watched = record("Shop")

    def turn(self, state: State, after: float = 0.0, redact: object = str) -> None:
        self.now += after
        self.watched.turn(state, 0.0, str)
        self.event_log.turned(self.watched, redact)

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(event.level, event.text) for event in self.event_log.since(0)]


def record(name: str) -> Watched:
    watched = Watched(7, endpoint(name), Grid(0.0, 10.0), 60, wall=1000.0, now=0.0)
    watched.last = Result(
        endpoint=name,
        status=Status.DOWN,
        reason=Reason.CONNECTION_REFUSED,
        message="refused by hunter2\x1b[2J",
        checked_at=1000.0,
    )
    return watched


def dead(name: str) -> Watched:
    watched = record(name)
    assert watched.last
    for _ in range(watched.endpoint.down_after):
        watched.learn(watched.last)
    return watched


def test_events_are_told_from_where_one_left_off():
    event_log = EventLog(lambda: 5.0)
    event_log.note("info", "one")
    seen = event_log.total
    event_log.note("bad", "two", 3)
    assert [event.text for event in event_log.since(0)] == ["one", "two"]
    (event,) = event_log.since(seen)
    assert (event.at, event.level, event.text, event.handle) == (5.0, "bad", "two", 3)
    assert event_log.since(event_log.total) == ()


def test_the_newest_thousand_are_kept():
    event_log = EventLog(lambda: 0.0)
    for number in range(2500):
        event_log.note("info", str(number))
    assert event_log.total == 2500
    assert [event.text for event in event_log.since(0)] == [str(number) for number in range(1500, 2500)]
    assert [event.text for event in event_log.since(2498)] == ["2498", "2499"]


def test_that_all_is_well_at_first_is_no_news():
    diary = Diary()
    diary.turn(State.UP)
    assert diary.told == []


MESSAGE = "refused by hunter2␛[2J"


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ([State.DOWN], ("bad", f"down: {MESSAGE}")),
        ([State.DEGRADED], ("warn", f"degraded: {MESSAGE}")),
        ([State.UP, State.FAILING, State.DOWN], ("bad", f"down: {MESSAGE}")),
        ([State.DOWN, State.UP], ("good", "up again after 1m30s")),
        ([State.DEGRADED, State.UP], ("good", "no longer degraded, after 1m30s")),
        ([State.DOWN, State.DEGRADED], ("warn", f"up again after 1m30s, degraded: {MESSAGE}")),
    ],
)
def test_a_change_of_state_is_told_in_words(states: list[State], told: tuple[str, str]):
    diary = Diary()
    for state in states:
        diary.turn(state, after=90.0)
    assert diary.told[-1] == told


@pytest.mark.parametrize(
    "passing", [State.FAILING, State.INCONCLUSIVE, State.PAUSED, State.PENDING, State.UP]
)
def test_what_leads_nowhere_is_not_told(passing: State):
    diary = Diary()
    for state in (State.UP, passing, State.UP):
        diary.turn(state)
    assert diary.told == []


def test_a_gap_in_an_outage_is_part_of_it():
    diary = Diary()
    diary.turn(State.DOWN)
    diary.turn(State.INCONCLUSIVE, after=60.0)
    diary.turn(State.DOWN, after=60.0)
    diary.turn(State.UP, after=60.0)
    assert [text for _, text in diary.told] == [f"down: {MESSAGE}", "up again after 3m"]


def test_who_is_to_blame_is_named():
    diary = Diary()
    gateway = dead("Gateway")
    diary.watched.dependencies = (gateway, record("Fine"))
    diary.turn(State.UNREACHABLE)
    assert diary.told == [("warn", "unreachable: Gateway is down")]


def test_several_who_are_to_blame_are_all_named():
    diary = Diary()
    diary.watched.dependencies = (dead("Gateway"), dead("Switch"))
    diary.turn(State.UNREACHABLE)
    assert diary.told == [("warn", "unreachable: Gateway and Switch are down")]


def test_secrets_are_not_told():
    diary = Diary()
    diary.turn(State.DOWN, redact=lambda text: text.replace("hunter2", "•••"))
    assert diary.told == [("bad", "down: refused by •••␛[2J")]


def test_an_event_names_its_endpoint():
    diary = Diary()
    diary.turn(State.DOWN)
    assert [event.handle for event in diary.event_log.since(0)] == [7]


def test_a_certificate_that_was_not_there_before_is_told():
    diary = Diary()
    first = Certificate(
        subject="CN=hunter2", issuer="CN=a", not_before=0.0, not_after=86400.0, fingerprint="1"
    )
    for certificate in (
        first,
        replace(first, not_after=3 * 86400.0, fingerprint="2"),
        replace(first, fingerprint="3"),
    ):
        result = structs.replace(diary.watched.last, certificate=certificate)
        diary.event_log.certificates(diary.watched, result, lambda text: text.replace("hunter2", "•••"))
        diary.watched.learn(result)
    assert diary.told == [
        ("info", "certificate renewed: CN=•••, until 1970-01-04 (was 1970-01-02)"),
        ("warn", "certificate changed: CN=•••, until 1970-01-02 (was 1970-01-04)"),
    ]
