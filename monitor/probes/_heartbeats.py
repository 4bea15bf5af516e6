"""Heartbeats: the last report of each name, its time, and the outcome of the run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf
from typing import NamedTuple

import msgspec

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
    """Says why a call cannot be understood."""


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
        raise CallError("gives the outcome twice: in the path and as status")
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
    """Its time by the loop's clock."""
    heard_at: float
    """Its time in seconds since the epoch."""
    note: str = ""
    failed: bool = False
    run_s: float | None = None
    """The length of the run, if its beginning was reported."""
    known_until: float = inf
    """Until when a later one would have been received, by the loop's clock."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """The heartbeats of one name, as a file holds them; moments are seconds since the epoch."""

    heard_at: float | None = None
    note: str = ""
    failed: bool = False
    run_s: float | None = None
    started_at: float | None = None


class Heartbeats:
    """The last heartbeat of each name, for one engine. Create it within its event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._beats: dict[str, Beat] = {}
        self._started: dict[str, float] = {}
        """Name -> the beginning of its present run, in seconds since the epoch."""
        self._waiting: dict[str, asyncio.Future[Beat]] = {}
        self.since = 0.0
        """When listening began, by the loop's clock."""
        self.deaf = NOBODY
        """Why heartbeats cannot be received; empty if they can."""
        self.patient = False
        """Whether a check waits for the first heartbeat. `monitor check` does, since it checks only once."""
        self.heard: Callable[[str], object] = str
        """Called with the name of each heartbeat."""

    def listen(self) -> None:
        """Listen from now on."""
        self.since, self.deaf = self._loop.time(), ""

    def stop(self, why: str = NOBODY) -> None:
        """Stop listening; ``why`` becomes the message of every check."""
        now = self._loop.time()
        self._beats = {
            name: replace(beat, known_until=min(beat.known_until, now)) for name, beat in self._beats.items()
        }
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

    def known(self, name: str) -> Heard:
        """Everything about ``name`` that has to survive a restart."""
        beat = self._beats.get(name)
        return Heard(
            heard_at=None if beat is None else beat.heard_at,
            note="" if beat is None else beat.note,
            failed=beat is not None and beat.failed,
            run_s=None if beat is None else beat.run_s,
            started_at=self._started.get(name),
        )

    def recall(self, name: str, heard: Heard, until: float) -> None:
        """Restore the heartbeats of an earlier run, which listened ``until`` (seconds since the epoch)."""
        now, time_now = self._loop.time(), time.time()
        if heard.started_at is not None:
            self._started[name] = heard.started_at
        if heard.heard_at is None:
            return
        self._beats[name] = Beat(
            at=now - (time_now - heard.heard_at),
            heard_at=heard.heard_at,
            note=heard.note,
            failed=heard.failed,
            run_s=heard.run_s,
            known_until=now - (time_now - until),
        )

    def last(self, name: str, within: float = inf) -> Beat | None:
        """The last heartbeat of ``name``; the next one is due ``within`` seconds after it.

        None if the next one was due while nobody listened: it may have been sent.
        """
        beat = self._beats.get(name)
        if beat is None or beat.known_until < beat.at + within <= self.since:
            return None
        return beat

    def started(self, name: str) -> float | None:
        """The beginning of the present run of ``name``, in seconds since the epoch; None without one."""
        return self._started.get(name)

    async def next(self, name: str, seconds: float) -> Beat | None:
        """The next heartbeat of ``name``; None when none comes within ``seconds``."""
        waiting = self._waiting.setdefault(name, self._loop.create_future())
        try:
            return await asyncio.wait_for(asyncio.shield(waiting), seconds)
        except TimeoutError:
            return None
