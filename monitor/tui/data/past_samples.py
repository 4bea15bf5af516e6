"""The samples of a past moment: in full for the endpoints on the screen, the last one of all others.

All samples of 1,000 endpoints are 1.2 MB, which takes minutes over a slow line; a screen shows fifty of them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence

from monitor.link.messages import Changes, EndpointStatus
from monitor.tui.data.board import SAMPLES, Board

PART = 100
"""Limit of endpoints in one question."""
_OF_EVERY_SAMPLE = "p95"
"""The figure that needs every endpoint's samples once it is sorted or filtered by."""

Ask = Callable[[Sequence[int], int], Awaitable[Sequence[EndpointStatus]]]
"""Asks for the statuses of these handles with at most so many samples."""


class PastSamples:
    """Loads the samples of ``board``, which has the states of its moment."""

    def __init__(self, board: Board, ask: Ask) -> None:
        self._board = board
        self._ask = ask
        self._loaded: dict[int, int] = {}
        """Handle -> the number of requested samples."""
        self._visible: Sequence[int] = ()
        self._least = 1
        self._loading = False

    def show(self, visible: Sequence[int], figures: Collection[str]) -> bool:
        """Note what the screen shows, sorts and filters by. Return whether :meth:`load` must be called."""
        self._visible = visible
        self._least = SAMPLES if _OF_EVERY_SAMPLE in figures else 1
        return not self._loading and self._missing() is not None

    async def load(self) -> AsyncGenerator[None, None]:
        """Load until nothing is missing, visible endpoints first. Yields after each part."""
        self._loading = True
        try:
            while part := self._missing():
                handles, samples = part
                self._loaded |= dict.fromkeys(handles, samples)
                self._take(await self._ask(handles, samples))
                yield
        finally:
            self._loading = False

    def _missing(self) -> tuple[Sequence[int], int] | None:
        """The next endpoints to load, and how many samples of each."""
        for handles, samples in ((self._visible, SAMPLES), (self._board.entries, self._least)):
            if missing := [one for one in handles if self._loaded.get(one, 0) < samples]:
                return missing[:PART], samples
        return None

    def _take(self, statuses: Sequence[EndpointStatus]) -> None:
        for status in statuses:
            if entry := self._board.entries.get(status.handle):
                entry.forget_samples()
        self._board.apply(Changes(now=self._board.now(), statuses=tuple(statuses)))
