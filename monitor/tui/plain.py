"""What the dashboard says where there is no screen: one line for each change of state. No Textual."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TextIO

from monitor.link.messages import Changes, Snapshot
from monitor.model import State
from monitor.tui.board import Board, Entry
from monitor.tui.source import Source

_TICK = 0.5
"""Seconds from one pull to the next."""


class Transitions:
    """Tells which endpoints changed their state since the last time, one line each."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._states: dict[int, State] = {}
        self._seen = -1

    def lines(self) -> Iterator[str]:
        """The lines of what changed; of everything that is already known, the first time."""
        changed = list(self._board.changed_since(self._seen))
        self._seen = self._board.revision
        for entry in changed:
            handle, state = entry.card.handle, entry.row.state
            if self._states.get(handle, State.PENDING) is not state:
                yield _line(entry)
            self._states[handle] = state


def _line(entry: Entry) -> str:
    row = entry.row
    at = datetime.fromtimestamp(row.since, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    because = f": {row.message}" if row.message else ""
    return f"{at} {row.state.value} {entry.card.name}{because}"


async def watch(source: Source, out: TextIO) -> None:
    """Print changes of state until cancelled. LinkError when the engine has gone."""
    board = Board(time.time)
    transitions = Transitions(board)
    try:
        snapshot = await source.hello()
        board.reset(snapshot)
        news: Snapshot | Changes = snapshot
        while True:
            for line in transitions.lines():
                print(line, file=out, flush=True)
            await asyncio.sleep(0 if news.more else _TICK)
            news = await source.pull()
            board.apply(news)
    finally:
        await source.close()
