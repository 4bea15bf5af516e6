"""Decides when to ring the terminal's bell: when an endpoint is newly down. Pure.

tmux and most terminals turn a bell into a mark at the window, a sound or a notification.
"""

from __future__ import annotations

from monitor.model import State
from monitor.tui.data.board import Board, Entry

QUIET = 10.0
"""Minimum seconds between two rings: a hundred endpoints behind one switch ring once."""


class Bell:
    """Follows a board; only outages since the engine was first seen ring."""

    def __init__(self) -> None:
        self._engine: float | None = None
        """The start of the engine that is followed."""
        self._seen_at = 0.0
        """When it was first seen, by its clock."""
        self._down: set[str] = set()
        self._rang_at = float("-inf")

    def rings(self, board: Board, now: float) -> bool:
        """Whether to ring now; ``now`` is of a monotonic clock."""
        if self._engine != board.started_at:
            self._engine, self._seen_at = board.started_at, board.now()
        entries = [entry for entry in board.entries.values() if _disturbs(entry)]
        new = any(
            entry.status.since >= self._seen_at and entry.info.id not in self._down for entry in entries
        )
        self._down = {entry.info.id for entry in entries}
        if not new or now - self._rang_at < QUIET:
            return False
        self._rang_at = now
        return True


def _disturbs(entry: Entry) -> bool:
    """Whether an endpoint is down, and not silenced, acknowledged or in maintenance."""
    row = entry.status
    return row.state is State.DOWN and not (row.silenced or row.acknowledged or row.maintenance)
