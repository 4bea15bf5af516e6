"""The only writer of the history: a thread that writes each batch in one transaction.

A disk's problems never delay a check. While the disk is full, slow, read-only or locked, batches wait in
bounded memory. A corrupt file is renamed, a deleted one is created again. :attr:`Writer.trouble` has the
current problem.
"""

from __future__ import annotations

import math
import os
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Condition, Thread

from monitor.errors import EngineRunningError
from monitor.model import Retention
from monitor.store import files
from monitor.store.batch import Batch
from monitor.store.recording import Recording, milliseconds
from monitor.store.rolling import Rolling
from monitor.store.schema import NewerVersionError
from monitor.store.steady_clock import SteadyClock

KEEP = Retention()
"""The default retention."""
_CLOSED = -1
_IDLE = 5.0
"""Seconds without a batch after which the thread checks that the file still exists."""
_MOST_RESULTS = 500_000
"""Limit of results in memory while nothing can be written; beyond it the oldest are lost."""
_AT_ONCE = 8
"""Endpoints to roll up after each batch: about 8 ms of work."""
_PAUSES = (0.5, 1.0, 2.0, 5.0)
"""Seconds between two attempts to write."""
_SHARED_EVERY = 600.0
"""Seconds between two deletions of expired rows that belong to no endpoint."""
_PAGES = 200
"""Free pages returned to the disk at once."""


class Writer:
    """Writes the history in ``path``. Call :meth:`start` before the first batch, :meth:`close` at the end.

    The thread calls ``note(level, text)`` for each line of the log, and ``claim()`` before each batch, which
    raises EngineRunningError if another engine writes the file.
    """

    def __init__(
        self,
        path: Path,
        *,
        group: str = "",
        retention: Retention = KEEP,
        note: Callable[[str, str], object] = lambda _level, _text: None,
        claim: Callable[[], object] = lambda: None,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
        steady: SteadyClock | None = None,
    ) -> None:
        self.path = path
        self.trouble = ""
        """Why nothing can be written; empty if it can."""
        self.lost = 0
        """Number of results lost because nothing could be written for too long."""
        self.wants_everything = False
        """Whether the file is new, so that the next batch should contain the whole state."""
        self.size = 0
        """Bytes on disk after the last batch; kept here, because asking a hanging disk would hang too."""
        self._group = group
        self._retention = retention
        self._note = note
        self._claim = claim
        self._clock = clock
        self._timer = timer
        self._steady = steady
        self._waiting: deque[Batch] = deque()
        self._flushes: list[Future[None]] = []
        self._changed = Condition()
        self._closing = False
        self._database: sqlite3.Connection | None = None
        self._recording: Recording | None = None
        self._descriptor = _CLOSED
        """The file, open for as long as the database is."""
        self._identity: tuple[int, int] | None = None
        self._shared_at = -math.inf
        self._thread = Thread(target=self._run, name="history", daemon=True)

    # ── for the engine's loop ───────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, batch: Batch) -> None:
        """Queue ``batch``. Never waits."""
        if not batch:
            return
        batch.submitted = self._timer()
        with self._changed:
            self._waiting.append(batch)
            self._make_room()
            self._changed.notify()

    def flush(self) -> Future[None]:
        """A future that is done once everything submitted is on disk, or an attempt has failed."""
        done: Future[None] = Future()
        with self._changed:
            self._flushes.append(done)
            self._changed.notify()
        return done

    def close(self, seconds: float = 3.0) -> None:
        """Write the queue for at most ``seconds``, and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(seconds)

    @property
    def behind(self) -> float:
        """Seconds since the oldest waiting batch was submitted; 0 if none waits."""
        with self._changed:
            oldest = self._waiting[0].submitted if self._waiting else None
        return 0.0 if oldest is None else self._timer() - oldest

    def _make_room(self) -> None:
        """Drop the oldest results if too many wait; states, incidents and marks stay."""
        waiting = sum(batch.results for batch in self._waiting) if len(self._waiting) > 1 else 0
        for place, batch in enumerate(self._waiting):
            if waiting <= _MOST_RESULTS:
                return
            self.lost += batch.results
            waiting -= batch.results
            self._waiting[place] = batch.without_results()

    # ── the thread ──────────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        tries = 0
        while True:
            batches, flushes, closing = self._take(_PAUSES[min(tries, len(_PAUSES)) - 1] if tries else None)
            if not (batches or flushes or closing):
                self._notice_deletion()
                self._notice_damage()
                continue
            written = self._write(batches)
            tries = 0 if written else tries + 1
            for flush in flushes:
                flush.set_result(None)
            if closing and (written or tries > 1):
                break
            if written and not closing:
                self._look_after_itself()
        self._disconnect()

    def _take(self, pause: float | None) -> tuple[list[Batch], list[Future[None]], bool]:
        """The queued batches, or none after an idle time; after a failure, wait ``pause`` seconds first."""
        with self._changed:
            if pause is not None:
                self._changed.wait_for(lambda: self._closing, pause)
            else:
                self._changed.wait_for(self._is_wanted, _IDLE)
            flushes, self._flushes = self._flushes, []
            return list(self._waiting), flushes, self._closing

    def _is_wanted(self) -> bool:
        return bool(self._waiting or self._flushes or self._closing)

    def _write(self, batches: list[Batch]) -> bool:
        """Write ``batches``, and remove the written ones from the queue. Return whether all were written."""
        try:
            self._connect_if_needed()
            self._transaction(batches)
        except (NewerVersionError, EngineRunningError) as error:
            self._disconnect()
            self._in_trouble(f"the history {self.path} is not written: {error}")
        except (sqlite3.Error, OSError) as error:
            self._disconnect()
            self._in_trouble(f"the history {self.path} cannot be written: {_reason(error)}")
            self._replace_if_corrupt(error)
        else:
            self._written(len(batches))
            return True
        return False

    def _transaction(self, batches: list[Batch]) -> None:
        database, recording = self._database, self._recording
        assert database
        assert recording
        if not batches:
            return
        database.execute("BEGIN IMMEDIATE")
        try:
            for batch in batches:
                recording.write(batch)
            database.execute("COMMIT")
        except BaseException:
            database.rollback()
            raise

    def _written(self, count: int) -> None:
        self.size = files.size(self.path)
        with self._changed:
            for _ in range(count):
                self._waiting.popleft()
        if self.trouble:
            self.trouble = ""
            lost = f"; {self.lost} results were lost meanwhile" if self.lost else ""
            self._note("good", f"the history is written again{lost}")
            self.lost = 0

    def _in_trouble(self, text: str) -> None:
        if not self.trouble:
            self._note("bad", text)
        self.trouble = text

    # ── the file ────────────────────────────────────────────────────────────────────────────────

    def _connect_if_needed(self) -> None:
        self._claim()
        self._notice_deletion()
        self._notice_damage()
        if self._database is None:
            self._database = files.connect(self.path, self._group)
            self._recording = Recording(self._database)
            self._descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
            self._identity = files.identity(self.path)

    def _notice_deletion(self) -> None:
        if self._database and files.identity(self.path) != self._identity:
            self._disconnect()
            self._begin_again(f"the history {self.path} was deleted; a new one begins")

    def _notice_damage(self) -> None:
        """Replace the file if another program overwrote or truncated it: SQLite may not notice for hours."""
        if self._database and not files.is_whole(self._descriptor):
            self._disconnect()
            self._replace_unless_sound()

    def _disconnect(self) -> None:
        database, self._database, self._recording = self._database, None, None
        if database:
            database.close()
        descriptor, self._descriptor = self._descriptor, _CLOSED
        if descriptor != _CLOSED:
            os.close(descriptor)

    def _replace_if_corrupt(self, error: Exception) -> None:
        """Rename the file if the file itself is broken, and not the disk."""
        if isinstance(error, OSError | sqlite3.OperationalError) or not isinstance(
            error, sqlite3.DatabaseError
        ):
            return
        self._replace_unless_sound()

    def _replace_unless_sound(self) -> None:
        if files.is_blank(self.path):
            self._begin_again(f"the history {self.path} was emptied; it begins again")
            return
        if files.identity(self.path) is None or files.is_sound(self.path):
            return
        try:
            aside = files.move_aside(self.path)
        except OSError as failed:
            self._in_trouble(f"the history {self.path} is corrupt and cannot be moved: {_reason(failed)}")
            return
        self._begin_again(f"the history was corrupt; it is {aside} now, and a new one begins")

    def _begin_again(self, text: str) -> None:
        self.wants_everything = True
        self._note("bad", text)

    def _look_after_itself(self) -> None:
        """Roll up finished hours and drop old rows, some after each batch, unless the clock has jumped."""
        assert self._database
        if self._steady and not self._steady.is_steady():
            return
        now, timer = self._clock(), self._timer()
        rolling = Rolling(self._database, self._retention)
        try:
            self._database.execute("BEGIN IMMEDIATE")
            rolling.step(milliseconds(now), _AT_ONCE)
            if timer - self._shared_at >= _SHARED_EVERY:
                self._shared_at = timer
                rolling.return_from_the_future(milliseconds(now))
                rolling.prune_shared(milliseconds(now))
            self._database.execute("COMMIT")
            self._database.execute(f"PRAGMA incremental_vacuum({_PAGES})").fetchall()
        except sqlite3.Error as error:
            self._disconnect()
            self._in_trouble(f"the history {self.path} cannot be tidied: {error}")
            self._replace_if_corrupt(error)


def _reason(error: Exception) -> str:
    """The error without its number, and without the path, which is part of every message here."""
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
