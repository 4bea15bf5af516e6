"""Loads one endpoint's details from an engine whenever they change."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from monitor.errors import LinkError
from monitor.link.history import History
from monitor.link.messages import Detail
from monitor.store.past import Question
from monitor.text import plain
from monitor.tui.data.board import Entry
from monitor.tui.data.timeline import Timeline

Ask = Callable[[int, float], Awaitable[Detail]]
"""Returns the details of an endpoint by handle, with the points after a time."""
Run = Callable[..., object]
"""Runs an async function in the background; an app that ends may never call it."""


LIVE = 0.2
"""Seconds between two requests while a check is in progress."""


class DetailLoader:
    """Keeps one endpoint's timeline current. ``answered`` is called after each answer.

    One request at a time, never cancelled; later changes are loaded by the next one. A check in progress is
    followed until its end.
    """

    def __init__(
        self,
        ask: Ask,
        answered: Callable[[], None],
        live: float = LIVE,
        history: Callable[[], History | None] = lambda: None,
    ) -> None:
        self._history = history
        self._ask = ask
        self._live = live
        self._answered = answered
        self.timeline = Timeline(-1)
        self.wrong = ""
        """Why the engine returned no details."""
        self._seen = -1
        """The entry's revision at the last request."""
        self._asking = False
        self._entry: Entry | None = None
        self._turned = asyncio.Event()
        """Set when another endpoint is to be loaded."""

    def why_incomplete(self) -> str:
        """Why details or the part of the chart from the history are missing; empty if neither is."""
        return self.wrong or self.timeline.lookback.wrong

    def turn_to(self, handle: int) -> None:
        """Switch to this endpoint, and load it in any case."""
        if handle != self.timeline.handle:
            self.timeline = Timeline(handle, zoom=self.timeline.zoom)
            self.wrong = ""
            self._turned.set()
        self._seen = -1

    def _forget(self) -> None:
        self.timeline = Timeline(self.timeline.handle, zoom=self.timeline.zoom)
        self._seen = -1
        self._turned.set()

    def keep_up(self, entry: Entry, run: Run) -> None:
        """Load the endpoint if it has changed since the last request.

        Drops the details of another ``entry`` or of another moment.
        """
        if entry is not self._entry:
            if self._entry is not None and self._entry.info.handle == self.timeline.handle:
                self._forget()
            self._entry = entry
        if entry.revision != self._seen and not self._asking:
            self._seen, self._asking = entry.revision, True
            self._turned.clear()
            run(partial(self._follow, self.timeline))
        self.look_back(entry, run)

    def look_back(self, entry: Entry, run: Run) -> None:
        """Ask the history for the part of the chart that the engine does not remember."""
        history = self._history()
        if history is not None:
            for question in self.timeline.questions(entry):
                run(partial(self._look_up, history, question, self.timeline))

    async def _look_up(self, history: History, question: Question, timeline: Timeline) -> None:
        timeline.lookback.take(await history.ask(question))
        if timeline is self.timeline:
            self._answered()

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
        """Whether a check or a trace in progress must be followed."""
        try:
            detail = await self._ask(timeline.handle, timeline.newest)
        except LinkError as error:
            self._note(timeline, plain(str(error)))
            return False
        timeline.take(detail)
        self._note(timeline, "")
        tracing = detail.path is not None and not detail.path.done
        return tracing or detail.in_progress is not None

    def _note(self, timeline: Timeline, wrong: str) -> None:
        """Drop the error of the previous endpoint."""
        if timeline is self.timeline:
            self.wrong = wrong

    async def _has_turned(self) -> bool:
        """Wait a moment, or until another endpoint is requested."""
        try:
            async with asyncio.timeout(self._live):
                return await self._turned.wait()
        except TimeoutError:
            return False
