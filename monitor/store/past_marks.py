"""Silences, acknowledgements and pauses of the past, in the order in which they were made and ended.

They are circumstances and no rules: a replay applies them at their times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from monitor.engine.tracker import WELL, Tracker
from monitor.model import Incident, State
from monitor.model.events import DomainEvent
from monitor.store.reader import Reader


class Mark(NamedTuple):
    """A change of marks: ``apply`` makes it, at ``at``."""

    at: float
    apply: Callable[[Tracker], list[DomainEvent]]


def past_marks(reader: Reader, since: float, until: float) -> list[Mark]:
    """The marks of a window, and those that were in force when it began."""
    kinds = (_silences, _acknowledgements, _pauses)
    return sorted((mark for kind in kinds for mark in kind(reader, since, until)), key=attrgetter("at"))


def _silences(reader: Reader, since: float, until: float) -> Iterator[Mark]:
    for silence, ended in reader.past_silences(since, until):
        yield Mark(silence.at, partial(Tracker.silence, silence=silence))
        if ended is not None:
            yield Mark(ended, partial(Tracker.end_silence, id=silence.id, at=ended))


def _acknowledgements(reader: Reader, since: float, until: float) -> Iterator[Mark]:
    for incident in reader.incidents(since, until):
        if incident.acknowledged:
            yield Mark(incident.acknowledged.at, partial(_acknowledge, incident))


def _pauses(reader: Reader, since: float, until: float) -> Iterator[Mark]:
    for endpoint in reader.endpoints():
        states = [*reader.states(endpoint, since, until), None]
        for state, following in pairwise(states):
            if state and state.state is State.PAUSED:
                yield Mark(state.since, partial(_pause, endpoint.id, state.since))
                if following:
                    yield Mark(following.since, partial(_resume, endpoint.id, following.since))


def _pause(id: str, at: float, tracker: Tracker) -> list[DomainEvent]:
    tracked = tracker.by_id(id)
    return tracker.pause(tracked, at) if tracked else []


def _resume(id: str, at: float, tracker: Tracker) -> list[DomainEvent]:
    tracked = tracker.by_id(id)
    return tracker.resume(tracked, at) if tracked else []


def _acknowledge(incident: Incident, tracker: Tracker) -> list[DomainEvent]:
    """Acknowledge what was acknowledged, unless other rules find nothing wrong with it."""
    tracked, mark = tracker.by_id(incident.endpoint), incident.acknowledged
    if tracked is None or mark is None or tracked.state in WELL:
        return []
    return tracker.acknowledge(tracked, mark, mark.at)
