"""Asking an engine for one endpoint's details, as often as they change and no oftener."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine

from monitor.errors import LinkError
from monitor.link.messages import Detail
from monitor.tui.board import Entry
from monitor.tui.story import Story

Ask = Callable[[int, float], Awaitable[Detail]]
"""Gives the details of the endpoint with a handle, with the points after a time."""


class Inquiry:
    """Keeps one endpoint's story up to its newest check; ``answered`` is called after each answer.

    One request at a time, never cut off: what changes meanwhile is asked about next.
    """

    def __init__(self, ask: Ask, answered: Callable[[], None]) -> None:
        self._ask = ask
        self._answered = answered
        self.story = Story(-1)
        self.wrong = ""
        """Why the engine gave no details."""
        self._seen = -1
        """The revision of the entry that was last asked about."""
        self._asking = False

    def turn_to(self, handle: int) -> None:
        """Let it be about this endpoint, and ask anew in any case."""
        if handle != self.story.handle:
            self.story = Story(handle, zoom=self.story.zoom)
            self.wrong = ""
        self._seen = -1

    def keep_up(self, entry: Entry, run: Callable[[Coroutine[None, None, None]], object]) -> None:
        """Have ``run`` ask, if the endpoint has changed since it was last asked about."""
        if entry.revision != self._seen and not self._asking:
            self._seen, self._asking = entry.revision, True
            run(self._take(self.story))

    async def _take(self, story: Story) -> None:
        try:
            detail = await self._ask(story.handle, story.newest)
        except LinkError as error:
            self.wrong = str(error)
        else:
            story.take(detail)
            self.wrong = ""
        finally:
            self._asking = False
        self._answered()
