"""Heartbeats as they are heard: who reported in, when, and whether anybody listens at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

NOBODY = "nobody listens for heartbeats here"


@dataclass(frozen=True, slots=True)
class Beat:
    """A heartbeat: when it was heard, by the loop's clock, and what it said."""

    at: float
    note: str = ""


class Heartbeats:
    """The last heartbeat of each name. One for each event loop: :func:`heartbeats`."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._beats: dict[str, Beat] = {}
        self._waiting: dict[str, asyncio.Future[Beat]] = {}
        self.since = 0.0
        """Since when somebody listens, by the loop's clock."""
        self.deaf = NOBODY
        """Why nobody listens; empty while somebody does."""
        self.patient = False
        """A check waits for a heartbeat, as it is the only one; otherwise it tells what it knows."""
        self.heard: Callable[[str], object] = str
        """Called with the name of each heartbeat."""

    def listen(self) -> None:
        """Somebody listens from now on; what was heard before is of another time."""
        self._beats.clear()
        self.since, self.deaf = self._loop.time(), ""

    def stop(self, why: str = NOBODY) -> None:
        """Nobody listens any more."""
        self.deaf = why

    def hear(self, name: str, note: str = "") -> None:
        """``name`` reports in."""
        beat = self._beats[name] = Beat(self._loop.time(), note)
        waiting = self._waiting.pop(name, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(beat)
        self.heard(name)

    def last(self, name: str) -> Beat | None:
        """The last heartbeat of ``name`` since somebody listens."""
        return self._beats.get(name)

    async def next(self, name: str, seconds: float) -> Beat | None:
        """The next heartbeat of ``name``; None when none comes within ``seconds``."""
        waiting = self._waiting.setdefault(name, self._loop.create_future())
        try:
            return await asyncio.wait_for(asyncio.shield(waiting), seconds)
        except TimeoutError:
            return None


_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Heartbeats] = WeakKeyDictionary()


def heartbeats() -> Heartbeats:
    """The running loop's."""
    loop = asyncio.get_running_loop()
    found = _by_loop.get(loop)
    if found is None:
        found = _by_loop[loop] = Heartbeats()
    return found
