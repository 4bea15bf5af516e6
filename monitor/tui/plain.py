"""The dashboard without a screen: one line for each state change. No Textual."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TextIO

from monitor.link.messages import Changes, Snapshot
from monitor.model import Problem, State
from monitor.text import plain
from monitor.tui.data.board import Board, Entry
from monitor.tui.data.source import Source
from monitor.tui.lists.query import Query

_TICK = 0.5
"""Seconds between two pulls."""


class Transitions:
    """Describes the changes since the last call, a line each: selected states, and the config."""

    def __init__(self, board: Board, query: Query) -> None:
        self._board = board
        self._query = query
        self._states: dict[int, State] = {}
        self._problems: Sequence[Problem] = ()
        self._seen = -1

    def lines(self) -> Iterator[str]:
        """The lines of all changes; the first time, of all known states."""
        yield from self._config()
        changed = list(self._board.changed_since(self._seen))
        self._seen = self._board.revision
        for entry in changed:
            handle, state = entry.info.handle, entry.status.state
            if self._states.get(handle, State.PENDING) is not state and self._selects(entry):
                yield _line(entry)
            self._states[handle] = state

    def _config(self) -> Iterator[str]:
        """The problems of the newest config, or that it is in force again."""
        before, self._problems = self._problems, self._board.problems
        if before == self._problems:
            return
        lines = [f"config {plain(str(problem), 1000)}" for problem in self._problems] or [
            "config in force again"
        ]
        yield from (f"{_moment(self._board.now())} {line}" for line in lines)

    def _selects(self, entry: Entry) -> bool:
        return self._query.matches(entry, self._board.now())


def _line(entry: Entry) -> str:
    row = entry.status
    because = f": {row.message}" if row.message else ""
    return f"{_moment(row.since)} {row.state.value} {entry.info.name}{because}"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


async def watch(source: Source, out: TextIO, query: Query) -> None:
    """Print changes of state that ``query`` selects until cancelled. Raises LinkError if the link is lost."""
    board = Board(time.time)
    transitions = Transitions(board, query)
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
