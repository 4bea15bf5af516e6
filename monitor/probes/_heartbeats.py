"""Heartbeats: the last report of each name, when it came, and how the run went."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from monitor.model import Heartbeat
from monitor.text import plain

NOBODY = "nobody listens for heartbeats here"
_HIGHEST_EXIT_STATUS = 255


class Signal(StrEnum):
    """The outcome that a heartbeat reports."""

    SUCCESS = "success"
    FAILURE = "failure"
    START = "start"


class Call(NamedTuple):
    """A heartbeat as it came over HTTP."""

    name: str
    signal: Signal = Signal.SUCCESS
    note: str = ""


class CallError(ValueError):
    """A call that cannot be understood, and why."""


def addressee(path: str, names: Container[str]) -> tuple[str, str] | None:
    """The name, one of ``names``, and the action that ``path`` (below ``/push/``) means; None if none.

    An action is the last step of the path: ``NAME/start``, ``NAME/fail``, ``NAME/1``.
    """
    if path in names:
        return path, ""
    name, _, action = path.rpartition("/")
    return (name, action) if name in names else None


def understood(name: str, action: str, query: Mapping[str, str]) -> Call:
    """The meaning of a call, with an action (healthchecks.io) or a ``status`` (Uptime Kuma)."""
    status, note = query.get("status", "").lower(), plain(query.get("msg", ""))
    if action and status:
        raise CallError("says it twice: in the path and as status")
    if action.isdecimal() and action.isascii() and int(action) <= _HIGHEST_EXIT_STATUS:
        return _ended(name, int(action), note)
    if action not in _ACTIONS:
        raise CallError("the path ends in none of /start, /fail and an exit status from 0 to 255")
    if status not in _STATUSES:
        raise CallError("status is neither up nor down")
    return Call(name, _STATUSES[status] if status else _ACTIONS[action], note)


_ACTIONS: Mapping[str, Signal] = {"": Signal.SUCCESS, "fail": Signal.FAILURE, "start": Signal.START}
_STATUSES: Mapping[str, Signal] = {"": Signal.SUCCESS, "up": Signal.SUCCESS, "down": Signal.FAILURE}


def _ended(name: str, status: int, note: str) -> Call:
    if status == 0:
        return Call(name, Signal.SUCCESS, note)
    return Call(name, Signal.FAILURE, f"exit status {status}" + (f": {note}" if note else ""))


@dataclass(frozen=True, slots=True)
class Beat:
    """A report that a run ended, well or not."""

    at: float
    """By the loop's clock."""
    heard_at: float
    """In seconds since the epoch."""
    note: str = ""
    failed: bool = False
    run_s: float | None = None
    """How long the run took, if it said when it began."""


class Heartbeats:
    """The last heartbeat of each name, for one engine. Create it within its event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._beats: dict[str, Beat] = {}
        self._started: dict[str, float] = {}
        """When runs under way began, in seconds since the epoch."""
        self._waiting: dict[str, asyncio.Future[Beat]] = {}
        self.since = 0.0
        """Since when somebody listens, by the loop's clock."""
        self.deaf = NOBODY
        """Why nobody listens; empty while somebody does."""
        self.patient = False
        """Whether a check waits for the first heartbeat. `monitor check` does, since it checks only once."""
        self.heard: Callable[[str], object] = str
        """Called with the name of each heartbeat."""

    def listen(self) -> None:
        """Listen from now on, and forget the heartbeats from before."""
        self._beats.clear()
        self._started.clear()
        self.since, self.deaf = self._loop.time(), ""

    def stop(self, why: str = NOBODY) -> None:
        """Stop listening; ``why`` becomes the message of every check."""
        self.deaf = why

    def take(self, call: Call) -> None:
        """Record a heartbeat."""
        if call.signal is Signal.START:
            self._started[call.name] = time.time()
        else:
            self._end(call)
        self.heard(call.name)

    def _end(self, call: Call) -> None:
        now, started = time.time(), self._started.pop(call.name, None)
        beat = self._beats[call.name] = Beat(
            at=self._loop.time(),
            heard_at=now,
            note=call.note,
            failed=call.signal is Signal.FAILURE,
            run_s=None if started is None else max(now - started, 0.0),
        )
        waiting = self._waiting.pop(call.name, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(beat)

    def recall(self, name: str, known: Heartbeat, until: float) -> None:
        """Restore the heartbeats of an earlier run, known ``until`` a moment (seconds since the epoch).

        Not if the next heartbeat was due between then and now: it may have come with nobody listening.
        """
        now = time.time()
        if known.started_at is not None:
            self._started[name] = known.started_at
        if known.heard_at is None or until < known.due_at + known.grace_s <= now:
            return
        self._beats[name] = Beat(
            at=self._loop.time() - (now - known.heard_at),
            heard_at=known.heard_at,
            note=known.note,
            failed=known.failed,
            run_s=known.run_s,
        )

    def last(self, name: str) -> Beat | None:
        """The last heartbeat of ``name`` since somebody listens."""
        return self._beats.get(name)

    def started(self, name: str) -> float | None:
        """When the run of ``name`` that is under way began, in seconds since the epoch."""
        return self._started.get(name)

    async def next(self, name: str, seconds: float) -> Beat | None:
        """The next heartbeat of ``name``; None when none comes within ``seconds``."""
        waiting = self._waiting.setdefault(name, self._loop.create_future())
        try:
            return await asyncio.wait_for(asyncio.shield(waiting), seconds)
        except TimeoutError:
            return None
