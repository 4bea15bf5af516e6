"""Asking an engine for one endpoint's details, as often as they change and no oftener."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

from monitor.errors import LinkError
from monitor.link.messages import Detail
from monitor.text import plain
from monitor.tui.data.board import Entry
from monitor.tui.data.timeline import Timeline

Ask = Callable[[int, float], Awaitable[Detail]]
"""Gives the details of the endpoint with a handle, with the points after a time."""


LIVE = 0.2
"""Seconds between two looks at a check that is under way."""


class DetailLoader:
    """Keeps one endpoint's story up to its newest check; ``answered`` is called after each answer.

    One request at a time, never cut off: what changes meanwhile is asked about next. A check that is
    found under way is looked at until it is over.
    """

    def __init__(self, ask: Ask, answered: Callable[[], None], live: float = LIVE) -> None:
        self._ask = ask
        self._live = live
        self._answered = answered
        self.timeline = Timeline(-1)
        self.wrong = ""
        """Why the engine gave no details."""
        self._seen = -1
        """The revision of the entry that was last asked about."""
        self._asking = False
        self._entry: Entry | None = None
        self._turned = asyncio.Event()
        """Set once another endpoint is to be asked about."""

    def turn_to(self, handle: int) -> None:
        """Let it be about this endpoint, and ask anew in any case."""
        if handle != self.timeline.handle:
            self.timeline = Timeline(handle, zoom=self.timeline.zoom)
            self.wrong = ""
            self._turned.set()
        self._seen = -1

    def _forget(self) -> None:
        self.timeline = Timeline(self.timeline.handle, zoom=self.timeline.zoom)
        self._seen = -1
        self._turned.set()

    def keep_up(self, entry: Entry, run: Callable[[Coroutine[None, None, None]], object]) -> None:
        """Have ``run`` ask, if the endpoint has changed since it was last asked about.

        What was known of another ``entry``, at another time, is forgotten.
        """
        if entry is not self._entry:
            if self._entry is not None and self._entry.info.handle == self.timeline.handle:
                self._forget()
            self._entry = entry
        if entry.revision != self._seen and not self._asking:
            self._seen, self._asking = entry.revision, True
            self._turned.clear()
            run(self._follow(self.timeline))

    async def _follow(self, timeline: Timeline) -> None:
        try:
            while await self._take(timeline):
                self._answered()
                if await self._has_turned():
                    break
        finally:
            self._asking = False
        self._answered()

    async def _take(self, timeline: Timeline) -> bool:
        """Whether there is more to come of a check under way."""
        try:
            detail = await self._ask(timeline.handle, timeline.newest)
        except LinkError as error:
            self._note(timeline, plain(str(error)))
            return False
        timeline.take(detail)
        self._note(timeline, "")
        return detail.in_progress is not None

    def _note(self, timeline: Timeline, wrong: str) -> None:
        """What is wrong with one endpoint is nothing to the next."""
        if timeline is self.timeline:
            self.wrong = wrong

    async def _has_turned(self) -> bool:
        """Wait a moment, or until another endpoint is asked about."""
        try:
            async with asyncio.timeout(self._live):
                return await self._turned.wait()
        except TimeoutError:
            return False
