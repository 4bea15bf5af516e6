"""Domain events in words."""

import pytest
from msgspec.structs import replace
from virtual import config, endpoint

from monitor.engine.event_log import KEPT, EventLog
from monitor.engine.tracker import Tracker
from monitor.model import Acknowledgement, Difference, Silence, Slowdown, State
from monitor.model.events import (
    Acknowledged,
    CertificateChanged,
    ConnectivityChanged,
    DomainEvent,
    EndpointRemoved,
    PauseChanged,
    SilenceEnded,
    SilenceStarted,
    SlowdownChanged,
    StateChanged,
)

NAMES = ("Shop", "Gateway", "Switch")


def test_the_log_asks_for_every_event_that_it_has_words_for():
    known = vars(EventLog)["accept"].dispatcher.registry
    assert set(EventLog.KINDS) == set(known) - {object}


class Log:
    """An event log about three endpoints, with a clock to set."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.tracker = Tracker(first_handle=7)
        self.log = EventLog(self.tracker, lambda: self.now)
        endpoints = config(*map(endpoint, NAMES))
        self.tracker.apply(endpoints, Difference(added=frozenset(NAMES)), 1000.0)

    def turn(self, state: State, after: float = 0.0, because_of: tuple[str, ...] = ()) -> None:
        self.now += after
        changed = StateChanged(
            at=self.now,
            endpoint="Shop",
            before=State.PENDING,
            after=state,
            message="refused",
            because_of=because_of,
        )
        self.log.accept(changed)

    @property
    def lines(self) -> list[tuple[str, str]]:
        return [(line.level, line.text) for line in self.log.since(0)]


def test_lines_are_read_from_where_one_left_off():
    log = Log().log
    log.note("info", "one")
    seen = log.total
    log.note("bad", "two")
    assert [line.text for line in log.since(0)] == ["one", "two"]
    (line,) = log.since(seen)
    assert (line.at, line.level, line.text, line.handle) == (1000.0, "bad", "two", None)
    assert log.since(log.total) == ()


def test_a_phase_that_is_slower_has_a_line_at_its_start_and_one_at_its_end(time_zone):
    time_zone("UTC")
    log = Log()
    small = Slowdown(phase="tls", since=600.0, ms=68.0, usual_ms=17.0)
    large = replace(small, ms=170.0)
    for at, before, after in ((1800.0, None, small), (2400.0, small, large), (7800.0, large, None)):
        log.log.accept(SlowdownChanged(at=at, endpoint="Shop", before=before, after=after, state=State.UP))
    assert log.lines == [
        ("warn", "tls 4 × slower since 00:10: 68.0 ms, usually 17.0 ms"),
        ("good", "tls is no longer slower than usual, after 2h"),
    ]


def test_the_newest_thousand_are_kept():
    log = Log().log
    for number in range(2 * KEPT):
        log.note("info", str(number))
    assert log.total == 2 * KEPT
    assert [line.text for line in log.since(0)] == [str(number) for number in range(KEPT, 2 * KEPT)]
    assert [line.text for line in log.since(2 * KEPT - 1)] == [str(2 * KEPT - 1)]


def test_the_first_state_up_is_no_news():
    log = Log()
    log.turn(State.UP)
    assert log.lines == []


@pytest.mark.parametrize(
    ("states", "line"),
    [
        ([State.DOWN], ("bad", "down: refused")),
        ([State.DEGRADED], ("warn", "degraded: refused")),
        ([State.UP, State.FAILING, State.DOWN], ("bad", "down: refused")),
        ([State.DOWN, State.UP], ("good", "up again after 1m30s")),
        ([State.DEGRADED, State.UP], ("good", "no longer degraded, after 1m30s")),
        ([State.DOWN, State.DEGRADED], ("warn", "up again after 1m30s, degraded: refused")),
    ],
)
def test_a_change_of_state_is_a_line(states: list[State], line: tuple[str, str]):
    log = Log()
    for state in states:
        log.turn(state, after=90.0)
    assert log.lines[-1] == line


@pytest.mark.parametrize(
    "passing", [State.FAILING, State.INCONCLUSIVE, State.PAUSED, State.PENDING, State.UP]
)
def test_a_passing_state_is_no_line(passing: State):
    log = Log()
    for state in (State.UP, passing, State.UP):
        log.turn(state)
    assert log.lines == []


def test_a_gap_in_an_outage_is_part_of_it():
    log = Log()
    log.turn(State.DOWN)
    for state in (State.INCONCLUSIVE, State.DOWN, State.UP):
        log.turn(state, after=60.0)
    assert [text for _, text in log.lines] == ["down: refused", "up again after 3m"]


@pytest.mark.parametrize(
    ("because_of", "text"),
    [
        (("Gateway",), "unreachable: Gateway is down"),
        (("Gateway", "Switch"), "unreachable: Gateway and Switch are down"),
    ],
)
def test_an_unreachable_endpoint_names_its_dependencies(because_of: tuple[str, ...], text: str):
    log = Log()
    log.turn(State.UNREACHABLE, because_of=because_of)
    assert log.lines == [("warn", text)]


ANN = Acknowledgement(at=5.0, by="ann", note="on it")
SHOP = Silence(id="1", select=("name:Shop",), at=1000.0, until=4600.0, by="ann", note="moving")


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (Acknowledged(at=5.0, endpoint="Shop", acknowledgement=ANN), ("info", "acknowledged by ann: on it")),
        (Acknowledged(at=5.0, endpoint="Shop", acknowledgement=None), ("info", "no longer acknowledged")),
        (PauseChanged(at=5.0, endpoint="Shop", paused=True, by="ann"), ("info", "paused by ann")),
        (PauseChanged(at=5.0, endpoint="Shop", paused=False), ("info", "resumed")),
        (SilenceStarted(at=1000.0, silence=SHOP), ("info", "silenced for 1h by ann: moving")),
        (SilenceEnded(at=5.0, silence=SHOP, by="bob"), ("info", "no longer silenced by bob")),
        (CertificateChanged(at=5.0, endpoint="Shop", expected=True, text="renewed"), ("info", "renewed")),
        (CertificateChanged(at=5.0, endpoint="Shop", expected=False, text="other"), ("warn", "other")),
        (ConnectivityChanged(at=5.0, online=True), ("good", "this machine is online again")),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, tuple) else "",
)
def test_other_events_are_lines_too(event: DomainEvent, line: tuple[str, str]):
    log = Log()
    log.log.accept(event)
    assert log.lines == [line]


def test_a_line_names_its_endpoint():
    log = Log()
    log.turn(State.DOWN)
    assert [line.handle for line in log.log.since(0)] == [7]


def test_a_wide_silence_is_one_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("monitor.engine.event_log._MOST_LINES", 2)
    log = Log()
    log.log.accept(SilenceStarted(at=0.0, silence=Silence(id="1", select=("*",), at=0.0)))
    assert log.lines == [("info", "silenced until further notice: *")]


def test_a_removed_endpoint_starts_over():
    log = Log()
    log.turn(State.DOWN)
    log.log.accept(EndpointRemoved(at=5.0, endpoint="Shop"))
    log.turn(State.UP)
    assert [text for _, text in log.lines] == ["down: refused"]


def test_an_outage_whose_dependency_is_up_again_is_not_said_to_have_failed_with_a_passed_check():
    log = Log()
    changed = StateChanged(
        at=1000.0, endpoint="Shop", before=State.UNREACHABLE, after=State.DOWN, message="200 OK"
    )
    log.log.accept(changed)
    assert log.lines == [("bad", "down until its recovery is confirmed")]
