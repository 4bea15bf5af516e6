"""What one dashboard has not been told yet."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from monitor import __version__
from monitor.link.messages import Card, Changes, Row, Snapshot
from monitor.model import Incident

if TYPE_CHECKING:
    from monitor.engine.core import Engine

AT_ONCE = 250
"""Endpoints, or incidents, told of in one answer: a few milliseconds' work, while checks are in flight."""


class Feed:
    """One listener's share of the engine's news: what changed is noted, and told when it asks.

    A listener that does not ask costs a dict of handles, however much happens.
    """

    def __init__(self, engine: Engine, samples: int) -> None:
        self._engine = engine
        self._samples = samples
        self._told: dict[int, int] = {}
        """Handle -> how many of its samples have been told."""
        self._rows: dict[int, None] = {}
        """Handles whose row is to be told, in the order in which they changed."""
        self._cards: set[int] = set()
        """Those of them whose card is to be told as well."""
        self._incidents: dict[int, None] = {}
        """Numbers of the incidents that are to be told, in the order in which they were altered."""
        self._open: set[int] = set()
        """Numbers of those that were told to be open."""
        self._forgotten: list[int] = []
        """Those of them of which nobody can tell any more how they ended."""
        self._moved = False
        self._events = 0
        self._problems = False
        self._dashboard = engine.config.dashboard

    def row_changed(self, handle: int) -> None:
        """Something about an endpoint's present is new."""
        self._rows[handle] = None

    def incident_altered(self, number: int) -> None:
        """An incident is new, another than before, or forgotten."""
        if number in self._engine.incident_tracker.incidents:
            self._incidents[number] = None
            return
        self._incidents.pop(number, None)
        if number in self._open:
            self._open.discard(number)
            self._forgotten.append(number)

    def config_changed(self, handles: Iterable[int]) -> None:
        """Endpoints came, went, moved or became others: ``handles`` are the new and altered ones."""
        altered = dict.fromkeys(handles)
        self._cards |= altered.keys()
        self._rows |= altered
        self._moved = True

    def forget(self, handle: int) -> None:
        """An endpoint has gone."""
        for known in (self._told, self._rows):
            known.pop(handle, None)
        self._cards.discard(handle)

    def problems_changed(self) -> None:
        """The config's problems are others."""
        self._problems = True

    def snapshot(self) -> Snapshot:
        """The whole picture, or its beginning; :meth:`changes` goes on from here."""
        engine = self._engine
        self._rows, self._cards, self._told = dict.fromkeys(engine.watched), set(engine.watched), {}
        self._incidents = dict.fromkeys(engine.incident_tracker.incidents)
        self._open, self._forgotten = set(), []
        self._moved = self._problems = False
        self._dashboard = engine.config.dashboard
        self._events = engine.event_log.total
        rows, cards = self._next()
        incidents = self._next_incidents()
        return Snapshot(
            version=__version__,
            title=engine.config.title,
            config_file=engine.config.file,
            started_at=engine.started_at,
            now=engine.clock(),
            cards=cards,
            rows=rows,
            events=engine.event_log.since(0),
            incidents=incidents,
            problems=engine.problems,
            honesty=engine.honesty(),
            dashboard=engine.config.dashboard,
            more=self._more,
        )

    def changes(self) -> Changes:
        """What is new since the last answer, or the beginning of it."""
        engine = self._engine
        rows, cards = self._next()
        incidents = self._next_incidents()
        forgotten, self._forgotten = tuple(self._forgotten), []
        more = self._more
        moved, self._moved = self._moved and not more, self._moved and more
        problems, self._problems = self._problems, False
        restyled, self._dashboard = self._dashboard != engine.config.dashboard, engine.config.dashboard
        events, self._events = engine.event_log.since(self._events), engine.event_log.total
        return Changes(
            now=engine.clock(),
            rows=rows,
            cards=cards,
            order=tuple(engine.watched) if moved else None,
            events=events,
            incidents=incidents,
            forgotten=forgotten,
            problems=engine.problems if problems else None,
            dashboard=engine.config.dashboard if restyled else None,
            honesty=engine.honesty(),
            more=more,
        )

    def _next(self) -> tuple[tuple[Row, ...], tuple[Card, ...]]:
        """The next rows to tell, and the cards among them: so many that no check has to wait for us."""
        known = self._engine.watched
        handles = list(islice(self._rows, AT_ONCE))
        for handle in handles:
            del self._rows[handle]
        cards = tuple(known[handle].card() for handle in handles if handle in self._cards)
        self._cards.difference_update(handles)
        return tuple(map(self._row, handles)), cards

    def _next_incidents(self) -> tuple[Incident, ...]:
        numbers = list(islice(self._incidents, AT_ONCE))
        incidents = tuple(self._engine.incident_tracker.incidents[number] for number in numbers)
        for incident in incidents:
            del self._incidents[incident.number]
            (self._open.add if incident.ended is None else self._open.discard)(incident.number)
        return incidents

    @property
    def _more(self) -> bool:
        return bool(self._rows or self._incidents)

    def _row(self, handle: int) -> Row:
        watched = self._engine.watched[handle]
        fresh = watched.samples.total - self._told.get(handle, 0)
        self._told[handle] = watched.samples.total
        return self._engine.row(watched, min(fresh, self._samples))
