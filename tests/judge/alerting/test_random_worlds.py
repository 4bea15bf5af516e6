"""Random worlds: whatever happens, no alarm is false, and no outage is missed or reported twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import given, settings
from random_worlds import random_worlds
from worlds import HOUR, Course, World, run_ours

from monitor.engine.tracked import Tracked
from monitor.engine.tracker import WELL
from monitor.model import Ending, Entry, Kind, State
from monitor.model.events import FlappingChanged, IncidentClosed, IncidentOpened

SLACK = 62.0
"""Seconds that a digest may wait for others, and the engine's second between two looks."""
ALARMS = (Kind.DOWN, Kind.REMINDER)


@dataclass(frozen=True)
class Sighting:
    """An entry of a message, and its endpoint as it was when the message was sent."""

    entry: Entry
    at: float
    state: State
    silenced: bool
    acknowledged: bool
    maintenance: bool


@dataclass
class Witness(Course):
    """A course that looks at the endpoints whenever a message is sent, and times what has to be reported."""

    sightings: list[Sighting] = field(default_factory=list)
    audible: dict[str, float] = field(default_factory=dict)
    """By incident: the longest time in a row for which it had to be reported."""
    incidents: dict[str, str] = field(default_factory=dict)
    """The endpoint of each incident."""
    endings: dict[str, Ending | None] = field(default_factory=dict)
    flapped: set[str] = field(default_factory=set)
    _since: dict[str, tuple[str, float]] = field(default_factory=dict)
    _seen: int = 0

    def _hear(self, events: Sequence[Any]) -> None:
        for event in events:
            match event:
                case IncidentOpened(incident=incident):
                    self.incidents[incident.id] = incident.endpoint
                case IncidentClosed(incident=incident):
                    self.endings[incident.id] = incident.ending
                case FlappingChanged():
                    self.flapped.add(event.endpoint)
        super()._hear(events)
        if events:
            self._look(events[-1].at)

    def _tick_until(self, at: float, end: float) -> float:
        ticked = super()._tick_until(at, end)
        self._look(at)
        return ticked

    def _look(self, at: float) -> None:
        for message in self.messages[self._seen :]:
            self.sightings += [self._sighting(entry, message.at) for entry in message.entries]
        self._seen = len(self.messages)
        for tracked in self.tracker.endpoints.values():
            self._time(tracked, at)

    def _sighting(self, entry: Entry, at: float) -> Sighting:
        tracked = self._tracked(entry.endpoint)
        return Sighting(
            entry=entry,
            at=at,
            state=tracked.state,
            silenced=tracked.silence is not None,
            acknowledged=tracked.acknowledged is not None,
            maintenance=tracked.in_maintenance,
        )

    def _time(self, tracked: Tracked, at: float) -> None:
        incident = self.tracker.incidents.open(tracked.id)
        reported = (
            incident and tracked.state is State.DOWN and not muted(tracked) and not tracked.acknowledged
        )
        now = incident.id if incident and reported else ""
        before, since = self._since.setdefault(tracked.id, (now, at))
        if before:
            self.audible[before] = max(self.audible.get(before, 0.0), at - since)
        if now != before:
            self._since[tracked.id] = (now, at)

    def is_calm(self, tracked: Tracked) -> bool:
        """Whether an endpoint is up at the end, and nothing keeps its recovery from being reported."""
        return tracked.state in WELL and not muted(tracked) and tracked.id not in self.flapped


def muted(tracked: Tracked) -> bool:
    """Whether no alert may be sent about an endpoint."""
    return tracked.silence is not None or tracked.in_maintenance


def lived(world: World) -> Witness:
    course = Witness(
        world.endpoints,
        world.alerts,
        world.finds,
        world.maintenance,
        world.restarts,
        acts=world.acts,
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
def test_nothing_is_said_about_an_endpoint_that_is_silenced_or_in_maintenance(world: World):
    for seen in lived(world).sightings:
        assert not seen.silenced
        assert not seen.maintenance


@settings(max_examples=25, deadline=None)
@given(random_worlds())
def test_an_alarm_is_about_what_is_down_and_not_acknowledged(world: World):
    for seen in lived(world).sightings:
        if seen.entry.kind in ALARMS:
            assert seen.state is State.DOWN
            assert not seen.acknowledged
        elif seen.entry.kind is Kind.UP:
            assert seen.entry.state in WELL  # it may leave just before the next outage
        else:
            assert seen.state not in {State.UNREACHABLE, State.INCONCLUSIVE, State.PAUSED}


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
    flapped = {incident for incident, id in course.incidents.items() if id in course.flapped}
    for incident, seconds in course.audible.items():
        assert seconds < 10 + SLACK or incident in reported or incident in flapped


@settings(max_examples=25, deadline=None)
@given(random_worlds())
def test_every_outage_that_is_reported_and_over_is_reported_as_over(world: World):
    course = lived(replace(world, seconds=2 * HOUR))
    for tracked in course.tracker.endpoints.values():
        said = [seen.entry for seen in course.sightings if seen.entry.endpoint == tracked.id]
        told = [entry for entry in said if entry.kind in (Kind.DOWN, Kind.UP)]
        if told and course.is_calm(tracked) and course.endings[told[-1].incident] is Ending.RECOVERED:
            assert told[-1].kind is Kind.UP


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
