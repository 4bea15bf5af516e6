"""What one dashboard has not been told yet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from monitor import __version__
from monitor.link.messages import Changes, Row, Snapshot

if TYPE_CHECKING:
    from monitor.engine.core import Engine


class Feed:
    """One listener's share of the engine's news: what changed is noted, and told when it asks.

    A listener that does not ask costs one set of handles, however much happens.
    """

    def __init__(self, engine: Engine, samples: int) -> None:
        self._engine = engine
        self._samples = samples
        self._told: dict[int, int] = {}
        """Handle -> how many of its samples have been told."""
        self._rows: set[int] = set()
        self._cards: set[int] = set()
        self._moved = False
        self._events = 0
        self._problems = False

    def row_changed(self, handle: int) -> None:
        """Something about an endpoint's present is new."""
        self._rows.add(handle)

    def config_changed(self, handles: Iterable[int]) -> None:
        """Endpoints came, went, moved or became others: ``handles`` are the new and altered ones."""
        altered = set(handles)
        self._cards |= altered
        self._rows |= altered
        self._moved = True

    def forget(self, handle: int) -> None:
        """An endpoint has gone."""
        self._told.pop(handle, None)

    def problems_changed(self) -> None:
        """The config's problems are others."""
        self._problems = True

    def snapshot(self) -> Snapshot:
        """The whole picture; :meth:`changes` goes on from here."""
        engine = self._engine
        self._rows, self._cards, self._moved, self._problems = set(), set(), False, False
        self._told = {}
        self._events = engine.journal.total
        return Snapshot(
            version=__version__,
            title=engine.config.title,
            config_file=engine.config.file,
            started_at=engine.started_at,
            now=engine.clock(),
            cards=tuple(watched.card() for watched in engine.watched.values()),
            rows=tuple(map(self._row, engine.watched)),
            events=engine.journal.since(0),
            problems=engine.problems,
            honesty=engine.honesty(),
        )

    def changes(self) -> Changes:
        """What is new since the last answer."""
        engine, known = self._engine, self._engine.watched
        rows, self._rows = self._rows, set()
        cards, self._cards = self._cards, set()
        moved, self._moved = self._moved, False
        problems, self._problems = self._problems, False
        events, self._events = engine.journal.since(self._events), engine.journal.total
        return Changes(
            now=engine.clock(),
            rows=tuple(self._row(handle) for handle in rows if handle in known),
            cards=tuple(known[handle].card() for handle in cards if handle in known),
            order=tuple(known) if moved else None,
            events=events,
            problems=engine.problems if problems else None,
            honesty=engine.honesty(),
        )

    def _row(self, handle: int) -> Row:
        watched = self._engine.watched[handle]
        fresh = watched.samples.total - self._told.get(handle, 0)
        self._told[handle] = watched.samples.total
        return self._engine.row(watched, min(fresh, self._samples))
