"""Silences and acknowledgements of the past, in the order in which they were made and ended.

They are circumstances and no rules: a replay applies them at their times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from operator import attrgetter
from typing import NamedTuple

from monitor.engine.tracker import WELL, Tracker
from monitor.model import Incident
from monitor.model.events import DomainEvent
from monitor.store.reader import Reader


class Mark(NamedTuple):
    """A change of marks: ``apply`` makes it, at ``at``."""

    at: float
    apply: Callable[[Tracker], list[DomainEvent]]


def past_marks(reader: Reader, since: float, until: float) -> list[Mark]:
    """The marks of a window, and those that were in force when it began."""
    return sorted(
        [*_silences(reader, since, until), *_acknowledgements(reader, since, until)], key=attrgetter("at")
    )


def _silences(reader: Reader, since: float, until: float) -> Iterator[Mark]:
    for silence, ended in reader.past_silences(since, until):
        yield Mark(silence.at, partial(Tracker.silence, silence=silence))
        if ended is not None:
            yield Mark(ended, partial(Tracker.end_silence, id=silence.id, at=ended))


def _acknowledgements(reader: Reader, since: float, until: float) -> Iterator[Mark]:
    for incident in reader.incidents(since, until):
        if incident.acknowledged:
            yield Mark(incident.acknowledged.at, partial(_acknowledge, incident))


def _acknowledge(incident: Incident, tracker: Tracker) -> list[DomainEvent]:
    """Acknowledge what was acknowledged, unless other rules find nothing wrong with it."""
    tracked, mark = tracker.by_id(incident.endpoint), incident.acknowledged
    if tracked is None or mark is None or tracked.state in WELL:
        return []
    return tracker.acknowledge(tracked, mark, mark.at)
