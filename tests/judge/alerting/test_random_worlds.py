"""Random worlds: whatever happens, no alarm is false, and no outage is missed or reported twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from simulation import alert, endpoint
from worlds import HOUR, Course, Span, World, run_ours

from monitor.model import Endpoint, Entry, Kind, Maintenance, State
from monitor.model.events import FlappingChanged, IncidentClosed, IncidentOpened, StateChanged

SLACK = 62.0
"""Seconds that a digest may wait for others, and the engine's second between two looks."""
ALARMS = (Kind.DOWN, Kind.REMINDER)


@dataclass
class Witness(Course):
    """A course that remembers the states, incidents and flapping of its endpoints."""

    states: dict[str, list[tuple[float, State]]] = field(default_factory=dict)
    opened: dict[str, tuple[str, float]] = field(default_factory=dict)
    closed: dict[str, float] = field(default_factory=dict)
    flapped: set[str] = field(default_factory=set)

    def _hear(self, events: Sequence[Any]) -> None:
        for event in events:
            match event:
                case StateChanged():
                    self.states.setdefault(event.endpoint, []).append((event.at, event.after))
                case IncidentOpened():
                    self.opened[event.incident.id] = (event.incident.endpoint, event.at)
                case IncidentClosed():
                    self.closed[event.incident.id] = event.at
                case FlappingChanged():
                    self.flapped.add(event.endpoint)
        super()._hear(events)

    def is_down(self, id: str, at: float) -> bool:
        """Whether an endpoint is down at a moment, which may be the one of its recovery."""
        before = [state for since, state in self.states[id] if since < at]
        return State.DOWN in (*before[-1:], *(state for since, state in self.states[id] if since == at))

    def is_down_throughout(self, id: str, since: float, until: float) -> bool:
        """Whether an endpoint is down all this time."""
        return self.is_down(id, since) and not any(since < at <= until for at, _ in self.states[id])


# ── worlds ──────────────────────────────────────────────────────────────────────────────────────


def spans() -> st.SearchStrategy[tuple[Span, ...]]:
    """Spans one after another, within an hour."""
    pauses = st.one_of(st.just(0), st.integers(5, 900))
    lengths = st.one_of(st.integers(1, 60), st.integers(60, 900))
    part = st.tuples(pauses, lengths, st.sampled_from("ddddgniic"))

    def placed(parts: list[tuple[int, int, str]]) -> tuple[Span, ...]:
        found, at = [], 0.0
        for pause, length, letter in parts:
            found.append(Span(at + pause, at + pause + length, letter))
            at += pause + length
        return tuple(found)

    return st.lists(part, max_size=6).map(placed)


def endpoints(names: str, needs: bool) -> st.SearchStrategy[tuple[Endpoint, ...]]:
    """Endpoints with these names; with ``needs``, they depend on the first one."""

    def made(policies: list[tuple[float, int, int]]) -> tuple[Endpoint, ...]:
        return tuple(
            endpoint(
                name,
                interval=interval,
                down_after=down_after,
                up_after=up_after,
                depends_on=("a",) if needs and name != "a" else (),
            )
            for name, (interval, down_after, up_after) in zip(names, policies, strict=True)
        )

    policy = st.tuples(st.sampled_from([4.0, 30.0, 60.0]), st.integers(1, 4), st.integers(1, 3))
    return st.lists(policy, min_size=len(names), max_size=len(names)).map(made)


@st.composite
def random_worlds(draw: st.DrawFn) -> World:
    """Some endpoints, perhaps with a dependency and a maintenance window, and what befalls them."""
    names = "abcd"[: draw(st.integers(1, 4))]
    windows = draw(st.lists(st.tuples(st.integers(0, 3600), st.integers(60, 1800)), max_size=1))
    world = World(
        name="random",
        endpoints=draw(endpoints(names, draw(st.booleans()))),
        spans={name: draw(spans()) for name in names},
        outages=(),
        wanted=(),
        seconds=1.5 * HOUR,
        restarts=tuple(draw(st.lists(st.floats(1, 7000), max_size=2))),
        alerts=(alert(on=frozenset({"down", "up", "flapping", "certificate", "degraded"}), remind=600.0),),
    )
    begin = world.epoch
    return World(
        **{name: getattr(world, name) for name in world.__dataclass_fields__}
        | {
            "maintenance": tuple(
                Maintenance(name="w", select=("b",), start=begin + start, duration=length)
                for start, length in windows
            )
        }
    )


def lived(world: World) -> Witness:
    course = Witness(
        world.endpoints,
        world.alerts,
        world.finds,
        world.maintenance,
        world.restarts,
        epoch=world.epoch,
    )
    course.run(world.seconds)
    return course


def alarms(course: Course) -> Iterator[tuple[float, Entry]]:
    """Each alarm about an endpoint, and when it is sent."""
    for message in course.messages:
        for entry in message.entries:
            if entry.kind in ALARMS:
                yield message.at, entry


# ── what always holds ───────────────────────────────────────────────────────────────────────────


@settings(max_examples=25, deadline=None)
@given(random_worlds())
def test_an_alarm_is_about_what_is_down_and_not_in_maintenance(world: World):
    course = lived(world)
    for at, entry in alarms(course):
        assert course.is_down(entry.endpoint, at)
        for window in world.maintenance:
            inside = window.start is not None and window.start + 1 < at < window.start + window.duration
            assert not (inside and entry.endpoint == "b")


@settings(max_examples=25, deadline=None)
@given(random_worlds())
def test_an_alarm_follows_failures_that_happened(world: World):
    for at, entry in alarms(lived(world)):
        began = (entry.began or 0.0) - world.epoch
        assert world.finds(entry.endpoint, began) in "dn"
        assert began <= at - world.epoch


@settings(max_examples=25, deadline=None)
@given(random_worlds())
def test_each_outage_is_reported_once_and_none_that_lasts_is_missed(world: World):
    course = lived(world)
    reported = [entry.incident for _, entry in alarms(course) if entry.kind is Kind.DOWN]
    assert len(reported) == len(set(reported))
    for incident, (id, at) in course.opened.items():
        until = min(course.closed.get(incident, course.now), at + 10 + SLACK)
        lasts = until >= at + 10 + SLACK and course.is_down_throughout(id, at, until)
        if lasts and id not in course.flapped and not (world.maintenance and id == "b"):
            assert incident in reported


@settings(max_examples=25, deadline=None)
@given(random_worlds())
def test_up_comes_only_after_down_and_about_the_same_outage(world: World):
    course = lived(world)
    open_incident: dict[str, str] = {}
    flapping: set[str] = set()
    for message in course.messages:
        for entry in message.entries:
            match entry.kind:
                case Kind.DOWN | Kind.REMINDER:
                    assert entry.endpoint not in flapping
                    assert (entry.kind is Kind.DOWN) is (open_incident.get(entry.endpoint) != entry.incident)
                    open_incident[entry.endpoint] = entry.incident
                case Kind.UP:
                    assert entry.endpoint not in flapping
                    assert open_incident.pop(entry.endpoint) == entry.incident
                case Kind.FLAPPING if entry.text == "began":
                    assert entry.endpoint not in flapping
                    flapping.add(entry.endpoint)
                case Kind.FLAPPING:
                    flapping.remove(entry.endpoint)
                    open_incident[entry.endpoint] = entry.incident


@settings(max_examples=25, deadline=None)
@given(random_worlds())
def test_restarts_change_no_message(world: World):
    without = run_ours(world)
    with_restarts = run_ours(world, world.restarts)
    assert [one.id for one in with_restarts.messages] == [one.id for one in without.messages]
