"""An engine's history: restores the state at the start, and records all events from then on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from monitor.engine import Engine
from monitor.engine.event_log import EventLog
from monitor.engine.saved import TrackerState
from monitor.engine.tracker import Tracker
from monitor.engine.uptimes import KEPT as UPTIMES_KEPT
from monitor.engine.uptimes import Uptimes
from monitor.model import Retention
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
from monitor.store import files
from monitor.store.batch import Batch, LogLine, Statement
from monitor.store.restoring import Past, read_past, readable
from monitor.store.schema import UNREADABLE
from monitor.store.steady_clock import SteadyClock
from monitor.store.writer import KEEP, Writer

TICK = 0.5
"""Seconds between two batches. A killed process loses the results of this time, and of the time that a batch
takes to be written: together less than a second."""
PATIENCE = 5.0
"""Seconds to wait for a slow disk, by default."""
_SLOW = 5.0
"""Seconds after which a batch that is still not written is worth a line in the header and the log."""
_T = TypeVar("_T")


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


class History:
    """The history in ``path``, for one engine: :meth:`open`, :meth:`prepare`, then :meth:`follow`."""

    def __init__(
        self,
        path: Path,
        *,
        group: str = "",
        retention: Retention = KEEP,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.path = path
        self._clock = clock
        self._stack = ExitStack()
        self._lock: int | None = None
        self._socket = ""
        self._notes: list[tuple[str, str]] = []
        """Lines for the log, from the writer's thread."""
        self._writer = Writer(
            path,
            group=group,
            retention=retention,
            note=lambda level, text: self._notes.append((level, text)),
            claim=self._claim,
            clock=clock,
            steady=SteadyClock(clock),
        )
        self._recorder: Recorder | None = None
        self._statements: list[Statement] = []
        self.unsent: Callable[[], Iterable[Statement]] = tuple
        """Returns the rows of the unsent messages, for a new file."""
        self._documents: dict[str, bytes] = {}
        """Documents for the next batch."""
        self._found: dict[str, bytes] = {}
        """Documents by name."""
        self._past: Past | None = None
        """The state that an earlier run stored."""
        self._is_slow = False

    # ── the start ───────────────────────────────────────────────────────────────────────────────

    def open(self, socket: str = "") -> TrackerState | None:
        """Lock the file for an engine that listens on ``socket``, and read the state of an earlier run.

        Raises EngineRunningError if another engine writes it. The writer handles every other problem of the
        file; none prevents the start.
        """
        self._socket = socket
        try:
            self._claim()
        except OSError as error:
            self._notes.append(("bad", f"the history {self.path} cannot be locked: {error.strerror}"))
        try:
            self._past = read_past(self.path, self._clock() - UPTIMES_KEPT)
        except FileNotFoundError:
            return None
        except (OSError, *UNREADABLE) as error:
            text = f"the history {self.path} cannot be read; every endpoint begins again: {error}"
            self._notes.append(("bad", text))
            return None
        self._found = dict(self._past.documents)
        return self._past.tracker

    def _claim(self) -> None:
        """Lock the file, also again after its lock was deleted. Raises EngineRunningError or OSError."""
        if self._lock is None or not files.is_claim(self.path, self._lock):
            self._lock = self._stack.enter_context(files.claimed(self.path, self._socket))

    def prepare(self, engine: Engine) -> None:
        """Restore the past of ``engine`` before its start, and subscribe to its events."""
        past = self._past
        for id, availability in past.availabilities.items() if past else ():
            engine.uptimes.restore(id, availability)
        restored = [state.id for state in past.tracker.endpoints] if past else []
        self._recorder = Recorder(engine.tracker, engine.event_log, engine.uptimes, restored)
        engine.publisher.subscribe(self._recorder.accept)
        engine.history_trouble = lambda: self.trouble
        engine.history_figures = lambda: (self.size, self.behind)
        self._writer.start()

    # ── at work ─────────────────────────────────────────────────────────────────────────────────

    @property
    def trouble(self) -> str:
        """Why nothing can be written; empty if it can."""
        if self._writer.trouble or self.behind < _SLOW:
            return self._writer.trouble
        return f"the history {self.path} has not been written for more than {_SLOW:g} s: its disk is slow"

    @property
    def behind(self) -> float:
        """Seconds since the oldest event that is not written yet."""
        return self._writer.behind

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self._writer.size

    async def follow(self, engine: Engine) -> None:
        """Write a batch each second, until cancelled. Problems are logged."""
        while True:
            self._submit()
            self._note_slowness()
            while self._notes:
                engine.event_log.note(*self._notes.pop(0))
            await asyncio.sleep(TICK)

    def _note_slowness(self) -> None:
        """Log when the disk becomes slow and when it has caught up: the writer's thread hangs and cannot."""
        trouble, was_slow = self.trouble, self._is_slow
        self._is_slow = bool(trouble) and not self._writer.trouble
        if self._is_slow and not was_slow:
            self._notes.append(("bad", trouble))
        elif was_slow and not trouble:
            self._notes.append(("good", "the history is written again"))

    def add(self, statements: Iterable[Statement]) -> None:
        """Write further rows in the same transaction as the events up to now."""
        self._statements += statements

    def _submit(self) -> None:
        assert self._recorder
        everything, self._writer.wants_everything = self._writer.wants_everything, False
        batch = self._recorder.take(everything=everything)
        rows = [*self.unsent(), *self._statements] if everything else self._statements
        batch.statements, self._statements = rows, []
        batch.documents, self._documents = dict(self._found) if everything else self._documents, {}
        self._writer.submit(batch)

    def put(self, name: str, data: bytes) -> None:
        """Store ``data`` under a name, in the same transaction as the events up to now."""
        if self._found.get(name) != data:
            self._found[name] = self._documents[name] = data

    def document(self, name: str) -> bytes | None:
        """The data stored under a name."""
        return self._found.get(name)

    def waiting(self, type: type[_T]) -> list[_T]:
        """The messages that an earlier run did not send."""
        return readable(self._past.waiting, type) if self._past else []

    def write_soon(self) -> None:
        """Have everything up to now written at once, without waiting for it or for the next tick."""
        self._submit()

    async def flush(self, seconds: float = PATIENCE) -> None:
        """Wait until everything up to now is on disk, for so many seconds; not at all while in trouble."""
        self._submit()
        if not self.trouble:
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.wrap_future(self._writer.flush()), seconds)

    async def close(self) -> None:
        """Write the rest, and close the file."""
        if self._recorder:
            self._submit()
        await asyncio.to_thread(self._writer.close)
        self._stack.close()
