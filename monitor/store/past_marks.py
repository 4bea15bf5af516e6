"""Silences, acknowledgements, pauses and slower phases of the past, in the order of their starts and ends.

They are not rules: a replay applies them at their times, whatever the config.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

import msgspec

from monitor.engine.slowdowns import note_slowdown
from monitor.engine.tracker import WELL, Tracker
from monitor.model import Acknowledgement, Silence, Slowdown, State
from monitor.model.events import DomainEvent
from monitor.store.reader import Reader
from monitor.store.recording import ACKNOWLEDGED, SLOWER, milliseconds
from monitor.store.schema import version

_MARKS_SINCE = 6
"""Older files have no table of marks."""
_IN_WINDOW = """
SELECT endpoints.id, marks.at, data FROM marks JOIN endpoints ON endpoints.key = marks.endpoint
WHERE marks.kind = :kind AND at < :until AND at >= coalesce((
  SELECT max(at) FROM marks AS one
  WHERE one.endpoint = marks.endpoint AND one.kind = :kind AND one.at <= :since
), :since)
"""
# Not the ends of acknowledgements by a recovery: other rules may confirm a recovery later.
_TAKEN_BACK = """
 AND (data IS NOT NULL OR NOT EXISTS (SELECT 1 FROM states
  WHERE states.endpoint = marks.endpoint AND since = marks.at AND state IN ('up', 'degraded')))
"""


class Mark(NamedTuple):
    """A change of marks: ``apply`` makes it, at ``at``."""

    at: float
    apply: Callable[[Tracker], list[DomainEvent]]


class MarkReader(Reader):
    """Reads the marks of a window, and those that were in force when it began."""

    def marks(self, since: float, until: float) -> list[Mark]:
        """All marks, in order of time."""
        kinds = (self._silences, self._acknowledgements, self._slowdowns, self._pauses)
        return sorted((mark for kind in kinds for mark in kind(since, until)), key=attrgetter("at"))

    def _silences(self, since: float, until: float) -> Iterator[Mark]:
        rows = self._database.execute(
            "SELECT data, ended, ended_by FROM silences WHERE began < ? AND (ended IS NULL OR ended > ?)",
            (milliseconds(until), milliseconds(since)),
        )
        for data, ended, by in rows:
            silence = msgspec.msgpack.decode(data, type=Silence)
            yield Mark(silence.at, partial(Tracker.silence, silence=silence))
            by_recovery = silence.until_up and not by  # other rules may confirm the recovery at another time
            if ended is not None and not by_recovery:
                yield Mark(ended / 1000, partial(Tracker.end_silence, id=silence.id, at=ended / 1000))

    def _acknowledgements(self, since: float, until: float) -> Iterator[Mark]:
        given = set()
        for id, at, data in self._stored(_IN_WINDOW + _TAKEN_BACK, ACKNOWLEDGED, since, until):
            mark = msgspec.msgpack.decode(data, type=Acknowledgement) if data else None
            given.add((id, at))
            yield Mark(at / 1000, partial(_acknowledge, id, mark, at / 1000))
        for incident in self.incidents(since, until):  # for files written before there were marks
            known = incident.acknowledged
            if known and (incident.endpoint, milliseconds(known.at)) not in given:
                yield Mark(known.at, partial(_acknowledge, incident.endpoint, known, known.at))

    def _slowdowns(self, since: float, until: float) -> Iterator[Mark]:
        for id, at, data in self._stored(_IN_WINDOW, SLOWER, since, until):
            mark = msgspec.msgpack.decode(data, type=Slowdown) if data else None
            yield Mark(at / 1000, partial(note_slowdown, id=id, mark=mark, at=at / 1000))

    def _stored(
        self, sql: str, kind: str, since: float, until: float
    ) -> Iterator[tuple[str, int, bytes | None]]:
        if version(self._database) >= _MARKS_SINCE:
            window = {"kind": kind, "since": milliseconds(since), "until": milliseconds(until)}
            yield from self._database.execute(sql, window)

    def _pauses(self, since: float, until: float) -> Iterator[Mark]:
        for endpoint in self.endpoints():
            states = [*self.states(endpoint, since, until), None]
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


def _acknowledge(id: str, mark: Acknowledgement | None, at: float, tracker: Tracker) -> list[DomainEvent]:
    """Apply an acknowledgement, unless the endpoint is not failing by the rules of the replay."""
    tracked = tracker.by_id(id)
    if tracked is None or tracked.state in WELL or tracked.acknowledged == mark:
        return []
    return tracker.acknowledge(tracked, mark, at)
