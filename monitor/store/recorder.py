"""Collects the engine's events into batches for the writer."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from monitor.engine.event_log import EventLog
from monitor.engine.tracker import Tracker
from monitor.engine.uptimes import Uptimes
from monitor.model.events import (
    Checked,
    ConnectivityChanged,
    DomainEvent,
    EndpointAdded,
    IncidentAnnotated,
    IncidentClosed,
    IncidentOpened,
    IncidentUpdated,
    LocationChecked,
    Noted,
    PathTraced,
    SilenceEnded,
    SilenceStarted,
)
from monitor.store.batch import Batch, LogLine


class Recorder:
    """Subscribes to a publisher; :meth:`take` returns everything since the last call.

    ``restored`` are the ids of the endpoints whose saved state was read from the file at the start.
    """

    def __init__(
        self, tracker: Tracker, event_log: EventLog, uptimes: Uptimes, restored: Iterable[str] = ()
    ) -> None:
        self._tracker = tracker
        self._event_log = event_log
        self._uptimes = uptimes
        self._events: list[DomainEvent] = []
        self._touched: set[str] = set()
        """Endpoints whose saved state has changed."""
        self._restored = set(restored)
        self._lines = event_log.total
        self._encode = msgspec.msgpack.Encoder().encode

    def accept(self, event: DomainEvent) -> None:
        """Record one event."""
        self._events.append(event)
        match event:
            case Checked():
                if self._matters(event):
                    self._touched.add(event.endpoint)
            case PathTraced() | ConnectivityChanged() | Noted() | SilenceStarted() | SilenceEnded():
                pass
            case IncidentAnnotated() | LocationChecked():
                pass
            case EndpointAdded() if event.endpoint in self._restored:
                self._restored.discard(event.endpoint)  # later it may be removed, and added again
            case IncidentOpened() | IncidentUpdated() | IncidentClosed():
                self._touched.add(event.incident.endpoint)
            case _:
                self._touched.add(event.endpoint)

    def _matters(self, event: Checked) -> bool:
        """Whether a restart needs the endpoint's saved state although a result may have changed no state.

        It is a heartbeat, or the last changes still count for flapping. The newest result itself is read from
        the results.
        """
        if event.result.heartbeat:
            return True
        tracked = self._tracker.by_id(event.endpoint)
        return tracked is not None and (tracked.health.changes | tracked.health.turns) != 0

    def take(self, *, everything: bool = False) -> Batch:
        """A batch of the new events; with ``everything``, the whole state, for a new file."""
        if everything:
            self._events = [*self._tracker.picture(), *self._events]
            self._touched.update(tracked.id for tracked in self._tracker.endpoints.values())
            self._uptimes.changed.update(dict.fromkeys(self._touched, 0.0))
        batch = Batch(
            events=self._events,
            edges={
                id: (at, self._uptimes.availability(id).edges(at)) for id, at in self._uptimes.changed.items()
            },
            saved=self._saved(),
            lines=self._new_lines(),
        )
        self._events, self._touched, self._uptimes.changed = [], set(), {}
        return batch

    def _saved(self) -> dict[str, bytes]:
        states = ((id, self._tracker.saved(id)) for id in self._touched)
        return {id: self._encode(state) for id, state in states if state}

    def _new_lines(self) -> list[LogLine]:
        events, self._lines = self._event_log.since(self._lines), self._event_log.total
        return [LogLine(one.at, one.level, one.text, self._id(one.handle)) for one in events]

    def _id(self, handle: int | None) -> str | None:
        tracked = None if handle is None else self._tracker.endpoints.get(handle)
        return tracked.id if tracked else None
