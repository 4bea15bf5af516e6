"""The lines of the log from before those of the board, loaded page by page. No Textual, no I/O of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from monitor.link.history import History
from monitor.model import Event
from monitor.store.travel import GetPastLog, PastLog
from monitor.tui.data.board import Board
from monitor.tui.data.stored_moment import handles_by_id, stored_event

MOST = 5000
"""Limit of loaded lines."""
_RESOLUTION = 0.001
"""The history's resolution in seconds."""


class OlderLog:
    """The lines before those of ``board``, which begin with its engine and are bounded."""

    def __init__(self, history: Callable[[], History | None], board: Board) -> None:
        self._history = history
        self.board = board
        self._engine = board.started_at
        self._loaded: list[Event] = []
        """Oldest first."""
        self._newer: Sequence[Event] = ()
        """The board's lines at the last call."""
        self._more = True
        """Whether the history may have older ones."""
        self.revision = 0
        """Increased by every answer."""
        self._loading = False

    @property
    def can_load(self) -> bool:
        """Whether another page can be loaded now."""
        ready = self.board.revision and not self._loading and self._history() is not None
        return bool(ready) and self._more and len(self._loaded) < MOST

    def events(self) -> Sequence[Event]:
        """The loaded lines and those of the board, oldest first."""
        if self.board.started_at != self._engine:
            self._engine, self._loaded, self._newer, self._more = self.board.started_at, [], (), True
        newer = tuple(self.board.events)
        self._keep_dropped(newer)
        self._newer = newer
        return [*self._loaded, *newer]

    def _keep_dropped(self, newer: Sequence[Event]) -> None:
        """Keep the lines that the board has dropped since, so that there is no gap."""
        if self._loaded and newer:
            self._loaded += [one for one in self._newer if one.at < newer[0].at]

    async def load(self) -> None:
        """Load the next page, if there is one."""
        history = self._history()
        if history is None or not self.can_load:
            return
        self._loading = True
        try:
            self._take(await history.ask(GetPastLog(moment=self._before())))
        finally:
            self._loading = False

    def _before(self) -> float:
        """The last moment before the oldest known line."""
        known = [*self._loaded[:1], *self.board.events]
        return known[0].at - _RESOLUTION if known else self.board.now()

    def _take(self, answer: object) -> None:
        lines = answer.lines if isinstance(answer, PastLog) else ()
        handles = handles_by_id(self.board)
        self.revision += 1
        self._loaded[:0] = [stored_event(line, handles) for line in lines]
        self._more = bool(lines)
