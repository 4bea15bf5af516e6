"""Compares each endpoint's phases with its own past every few minutes, away from the path of a check."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from monitor.engine import Engine
from monitor.engine.slowdowns import note_slowdown
from monitor.engine.tracked import Tracked
from monitor.judge.maintenance import touches
from monitor.model import Endpoint, Slowdown, State
from monitor.store.slowdowns import Slowdowns, Watched, compared
from monitor.syntax.selection import compile_selection

_ROUND = 300.0
"""Seconds in which every endpoint has its turn, unless that takes more than the share below."""
_PAUSE = 0.5
_SHARE = 0.02
"""Limit of the share of a core that it takes."""


class SlowdownWatch:
    """Examines the endpoints of ``engine`` in the history at ``path``, a few at a time, and marks them."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._slowdowns = Slowdowns(path)
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start, inside the running loop."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_PAUSE)
            chosen = [one for one in self._engine.endpoints.values() if one.state is not State.PAUSED]
            for some in _parts(chosen):
                used = await self.look_at(some)
                await asyncio.sleep(max(_ROUND * len(some) / len(chosen), used / _SHARE))
            self._slowdowns.forget_others({one.id for one in self._engine.endpoints.values()})

    async def look_at(self, some: Sequence[Tracked]) -> float:
        """Examine some endpoints now. Returns the seconds of CPU that it took."""
        at = self._engine.clock()
        watched = [
            Watched(one.id, one.endpoint.interval, one.slowdown, one.checked_since)
            for one in some
            if not self._was_maintained(one.endpoint, at)
        ]
        marks, used = await asyncio.to_thread(self._examine, watched, at)
        for id, mark in marks.items():
            self._engine.publisher.publish(note_slowdown(self._engine.tracker, id, mark, at))
        return used

    def _was_maintained(self, endpoint: Endpoint, at: float) -> bool:
        """Whether maintenance falls into the last minutes that would be compared with the past."""
        since = at - compared(endpoint.interval)
        return any(
            compile_selection(window.select)(endpoint) and touches(window, since, at)
            for window in self._engine.config.maintenance
        )

    def _examine(self, watched: Sequence[Watched], at: float) -> tuple[dict[str, Slowdown | None], float]:
        began = time.thread_time()
        marks = self._slowdowns.examine(watched, at)
        return marks, time.thread_time() - began


def _parts(endpoints: Sequence[Tracked]) -> Iterator[Sequence[Tracked]]:
    """Divide the endpoints into parts, at most as many as a round has pauses."""
    size = -(-len(endpoints) // round(_ROUND / _PAUSE)) or 1
    for start in range(0, len(endpoints), size):
        yield endpoints[start : start + size]
