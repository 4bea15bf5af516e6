"""Follows an engine: pull, apply, wait, and reconnect after a lost link."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from enum import Enum

from monitor.errors import LinkError
from monitor.link.messages import Changes
from monitor.tui.data.board import Board
from monitor.tui.data.source import Source

TICK = 0.25
"""Seconds between two pulls."""
_PATIENCE = (0.5, 1.0, 2.0, 5.0)
"""Seconds before each attempt to reach a lost engine; the last value repeats."""
SILENCE = 3.0
"""Seconds without an answer after which the screen warns; a healthy engine is never that slow."""


class Link(Enum):
    """The state of the link."""

    LOADING = "loading"
    CONNECTED = "connected"
    SILENT = "silent"
    """A request has had no answer for too long."""
    LOST = "lost"


class Follower:
    """Keeps ``board`` current with ``source``. ``changed`` is called after each visible change.

    ``say`` shows the user a sentence. Nothing is pulled while ``resting()``: a frozen view, or a terminal
    with waiting output, costs the engine nothing, and the next pull brings the newest state. ``windows``
    returns those whose uptimes are shown.
    """

    def __init__(
        self,
        source: Source,
        board: Board,
        changed: Callable[[], None],
        resting: Callable[[], bool],
        say: Callable[[str], None],
        windows: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self.link = Link.LOADING
        self.trouble = ""
        """Why the engine cannot be reached; empty if it can."""
        self._source = source
        self._board = board
        self._changed = changed
        self._resting = resting
        self._say = say
        self._windows = windows
        self._wake = asyncio.Event()

    @property
    def loading(self) -> bool:
        """Whether the engine has not answered yet."""
        return self.link is Link.LOADING

    def hurry(self) -> None:
        """Pull now instead of at the next tick."""
        self._wake.set()

    async def run(self) -> None:
        """Follow until cancelled."""
        attempt = 0
        while True:
            try:
                more = await self._begin()
                attempt = 0
                await self._pull(more)
            except LinkError as error:
                self._lose(error)
            await self._wait(_PATIENCE[min(attempt, len(_PATIENCE) - 1)])
            attempt += 1

    def _lose(self, error: LinkError) -> None:
        self.link, self.trouble = Link.LOST, str(error)
        self._board.problems = error.problems or self._board.problems
        self._changed()

    async def _begin(self) -> bool:
        """Get a snapshot. Return whether more parts follow."""
        snapshot = await self._source.hello()
        was_lost, same = self.link is Link.LOST, snapshot.started_at == self._board.started_at
        self._board.reset(snapshot)
        self.link, self.trouble = Link.CONNECTED, ""
        self._changed()
        if was_lost:
            self._say("connected again" if same else "connected again: the engine has been restarted")
        return snapshot.more

    async def _pull(self, more: bool) -> None:
        """Pull repeatedly. Partial answers are drawn once complete, or at the next tick."""
        loop = asyncio.get_running_loop()
        drawn = loop.time()
        while True:
            if not more or self._resting():
                await self._wait(TICK)
            if not self._resting():
                changes = await self._ask()
                more = changes.more
                self._board.apply(changes)
                if not more or loop.time() - drawn >= TICK:
                    self._changed()
                    drawn = loop.time()

    async def _ask(self) -> Changes:
        """Get the changes. If the answer is late, the screen says so."""
        silence = asyncio.get_running_loop().call_later(SILENCE, self._note_silence)
        try:
            changes = await self._source.pull(self._windows())
        finally:
            silence.cancel()
        self.link = Link.CONNECTED
        return changes

    def _note_silence(self) -> None:
        self.link = Link.SILENT
        self._changed()

    async def _wait(self, seconds: float) -> None:
        self._wake.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return
