"""Uptime: edges from events, and the seconds of a window."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge.availability import Availability, Edge, Kind, Seconds
from monitor.model import Ending, Incident, Result, State, Status
from monitor.model.events import (
    Checked,
    DomainEvent,
    EndpointAdded,
    IncidentClosed,
    IncidentOpened,
    MaintenanceChanged,
    StateChanged,
)

UP, DOWN, UNKNOWN, MAINTENANCE = Kind.UP, Kind.DOWN, Kind.UNKNOWN, Kind.MAINTENANCE


def checked(at: float) -> Checked:
    return Checked(
        at=at,
        endpoint="a",
        result=Result(endpoint="a", status=Status.UP, reason=None, message="", checked_at=at),
    )


def turned(at: float, after: State) -> StateChanged:
    return StateChanged(at=at, endpoint="a", before=State.PENDING, after=after)


def incident(began: float, ended: float | None = None) -> Incident:
    ending = None if ended is None else Ending.RECOVERED
    return Incident(id="1", endpoint="a", handle=0, name="a", began=began, ended=ended, ending=ending)


def opened(at: float, began: float) -> IncidentOpened:
    return IncidentOpened(at=at, incident=incident(began))


def closed(at: float, ended: float) -> IncidentClosed:
    return IncidentClosed(at=at, incident=incident(0.0, ended))


def added(interval: float, timeout: float) -> EndpointAdded:
    return EndpointAdded(
        at=0.0, endpoint="a", name="a", kind="http", target="", interval=interval, timeout=timeout
    )


def maintained(at: float, *, active: bool) -> MaintenanceChanged:
    return MaintenanceChanged(at=at, endpoint="a", active=active)


@pytest.mark.parametrize(
    ("events", "edges"),
    [
        ([turned(10, State.UP)], [(10, UP)]),
        ([turned(10, State.UP), turned(20, State.DEGRADED), turned(30, State.FAILING)], [(10, UP)]),
        ([turned(10, State.UP), turned(20, State.PAUSED)], [(10, UP), (20, UNKNOWN)]),
        # confirmed at 40, it began at 20
        (
            [turned(10, State.UP), turned(20, State.FAILING), turned(40, State.DOWN), opened(40, 20)],
            [(10, UP), (20, DOWN)],
        ),
        # a gap inside the failures stays unknown
        (
            [
                turned(10, State.UP),
                turned(20, State.FAILING),
                turned(25, State.INCONCLUSIVE),
                turned(30, State.FAILING),
                turned(40, State.DOWN),
                opened(40, 20),
            ],
            [(10, UP), (20, DOWN), (25, UNKNOWN), (30, DOWN)],
        ),
        # the end is confirmed at 70, it was over at 60
        (
            [turned(10, State.DOWN), opened(10, 5), turned(70, State.UP), closed(70, 60)],
            [(5, UNKNOWN), (10, DOWN), (60, UP)],
        ),
        (
            [
                turned(10, State.UP),
                maintained(20, active=True),
                turned(25, State.DOWN),
                maintained(30, active=False),
            ],
            [(10, UP), (20, MAINTENANCE), (30, DOWN)],
        ),
        # nobody checked between 20 and 100
        (
            [added(10, 5), turned(10, State.UP), checked(10), checked(20), checked(100)],
            [(10, UP), (20, UNKNOWN), (100, UP)],
        ),
        ([added(10, 5), turned(10, State.UP), checked(10), checked(35)], [(10, UP)]),
    ],
)
def test_edges_follow_from_events(events: list[DomainEvent], edges: list[tuple[float, Kind]]):
    availability = Availability()
    for event in events:
        availability.accept(event)
    assert availability.edges() == [Edge(*edge) for edge in edges]


@given(
    st.lists(
        st.one_of(
            st.builds(lambda state: ("turn", state), st.sampled_from(State)),
            st.just(("check", None)),
            st.builds(lambda ago: ("open", ago), st.floats(0, 50)),
            st.builds(lambda ago: ("close", ago), st.floats(0, 50)),
            st.builds(lambda active: ("maintain", active), st.booleans()),
        ),
        max_size=30,
    )
)
def test_a_copy_that_applies_only_the_changes_is_the_same(steps: list[tuple[str, object]]):
    availability, copy = Availability(patience=15.0), []
    for number, (what, value) in enumerate(steps):
        at = 10.0 * number
        event: DomainEvent = {
            "turn": lambda: turned(at, value),  # noqa: B023 -- called at once
            "check": lambda: checked(at),  # noqa: B023
            "open": lambda: opened(at, at - value),  # noqa: B023
            "close": lambda: closed(at, at - value),  # noqa: B023
            "maintain": lambda: maintained(at, active=value),  # noqa: B023
        }[what]()
        since = availability.accept(event)
        if since is not None:
            copy = [edge for edge in copy if edge.at < since] + availability.edges(since)
        assert copy == availability.edges()
        moments = [edge.at for edge in copy]
        assert moments == sorted(set(moments))


EDGES = [
    Edge(100, UP),
    Edge(200, DOWN),
    Edge(250, UP),
    Edge(300, UNKNOWN),
    Edge(400, MAINTENANCE),
    Edge(500, UP),
]


@pytest.mark.parametrize(
    ("since", "until", "seconds"),
    [
        (100, 200, Seconds(up=100)),
        (150, 225, Seconds(up=50, down=25)),
        (0, 150, Seconds(up=50, unknown=100)),
        (0, 50, Seconds(unknown=50)),
        (210, 220, Seconds(down=10)),
        (290, 510, Seconds(up=20, maintenance=100, unknown=100)),
        (500, 600, Seconds(up=100)),
    ],
)
def test_the_seconds_of_a_window(since: float, until: float, seconds: Seconds):
    assert Availability(EDGES).seconds(since, until) == seconds


def test_a_clock_that_was_years_ahead_for_a_moment_hides_nothing_that_comes_later():
    known, year = Availability(), 365 * 86400.0
    events: list[DomainEvent] = [added(10, 5), turned(0, State.UP), *map(checked, range(0, 100, 10))]
    events += [checked(3 * year), checked(3 * year + 10)]
    events += [
        checked(110),
        checked(120),
        opened(130, 120),
        checked(130),
        closed(150, 140),
        checked(140),
        checked(150),
    ]
    for event in events:
        known.accept(event)
    assert known.edges() == [Edge(0, UP), Edge(90, UNKNOWN), Edge(110, UP), Edge(120, DOWN), Edge(140, UP)]
    assert known.seconds(0, 150) == Seconds(up=110, down=20, unknown=20)


def test_time_after_the_last_check_is_known_as_long_as_none_was_missed():
    availability = Availability([Edge(0, UP)], checked=100.0, patience=25.0)
    assert availability.seconds(0, 120) == Seconds(up=120)
    assert availability.seconds(0, 130) == Seconds(up=100, unknown=30)
    assert Availability().seconds(0, 10) == Seconds(unknown=10)


@given(
    st.lists(st.tuples(st.integers(1, 20), st.sampled_from(Kind)), max_size=20),
    st.integers(0, 200),
    st.integers(0, 200),
)
def test_seconds_match_a_count_second_by_second(steps: list[tuple[int, Kind]], since: int, lasting: int):
    edges, at = [], 0
    for gap, kind in steps:
        at += gap
        edges.append(Edge(float(at), kind))
    counted = dict.fromkeys(Kind, 0)
    for second in range(since, since + lasting):
        counted[next((edge.kind for edge in reversed(edges) if edge.at <= second), UNKNOWN)] += 1
    found = Availability(edges).seconds(since, since + lasting)
    assert found == Seconds(counted[UP], counted[DOWN], counted[MAINTENANCE], counted[UNKNOWN])


@pytest.mark.parametrize(
    ("seconds", "uptime"),
    [
        (Seconds(), None),
        (Seconds(unknown=50, maintenance=3), None),
        (Seconds(up=50), 1.0),
        (Seconds(up=2, down=1), 0.66666666),
        (Seconds(up=1e9, down=1), 0.99999999),
    ],
)
def test_uptime_is_rounded_down(seconds: Seconds, uptime: float | None):
    assert seconds.uptime == uptime
    if uptime is not None:
        assert uptime == 1.0 or seconds.down > 0
        assert math.isclose(uptime, seconds.up / seconds.known, abs_tol=1e-8)


@pytest.mark.parametrize(
    ("began", "ended", "planned"),
    [(110, 190, True), (90, 190, False), (110, 210, False), (20, 40, False), (320, 340, False)],
)
def test_an_incident_is_planned_if_all_of_it_lies_in_maintenance(began: float, ended: float, planned: bool):
    edges = [Edge(0, UP), Edge(90, DOWN), Edge(100, MAINTENANCE), Edge(200, DOWN), Edge(300, UNKNOWN)]
    assert Availability(edges).was_maintenance(began, ended) is planned


def test_old_edges_are_dropped_without_changing_later_windows():
    availability = Availability(EDGES)
    before = availability.seconds(260, 600)
    availability.forget(260)
    assert availability.seconds(260, 600) == before
    assert availability.edges()[0] == Edge(250, UP)
