"""A frozen view: since when, and the number of changes of state that it does not show."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from monitor.errors import LinkError
from monitor.tui.data.source import Source

PAUSE = 1.0
"""Seconds between two questions for the number of changes."""


class Freezing:
    """Whether the view is frozen. While it is, ``changed`` is called every second: its age has changed.

    The engine only counts meanwhile; the first pull afterwards brings the newest state.
    """

    def __init__(self, source: Source, changed: Callable[[], None], monotonic: Callable[[], float]) -> None:
        self.unseen = 0
        """Number of changes of state since the view was frozen."""
        self.trouble = ""
        """Why the engine cannot be reached; empty if it can."""
        self._source = source
        self._changed = changed
        self._monotonic = monotonic
        self._since: float | None = None
        self._counting: asyncio.Task[None] | None = None

    @property
    def on(self) -> bool:
        return self._since is not None

    @property
    def seconds(self) -> float:
        """Seconds since the view was frozen."""
        return 0.0 if self._since is None else self._monotonic() - self._since

    def switch(self) -> None:
        """Freeze the view, or let it go on."""
        if self._counting:
            self._counting.cancel()
            self._counting = None
        self.unseen, self.trouble = 0, ""
        self._since = None if self.on else self._monotonic()
        if self.on:
            self._counting = asyncio.create_task(self._count())

    async def _count(self) -> None:
        try:
            before = await self._source.count_state_changes()
            while True:
                await asyncio.sleep(PAUSE)
                total = await self._source.count_state_changes()
                self.unseen = total - before if total >= before else total  # the engine was restarted
                self._changed()
        except LinkError as error:
            self.trouble = str(error)
            self._changed()
