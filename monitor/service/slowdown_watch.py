"""Compares each endpoint's phases with its own past in the history, every few minutes.

It works away from the path of a check: in a thread, a little at a time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from monitor.engine import Engine
from monitor.engine.slowdowns import note_slowdown
from monitor.engine.tracked import Tracked
from monitor.judge.baseline import (
    LEAST_CHECKS,
    PAST,
    VALID,
    Baseline,
    Hour,
    Spread,
    Timed,
    baseline,
    began,
    judged,
)
from monitor.judge.maintenance import touches
from monitor.model import Endpoint, Slowdown, State
from monitor.store.phase_reader import PhaseReader
from monitor.store.phases import Phases
from monitor.store.reader import StoredEndpoint
from monitor.store.schema import UNREADABLE
from monitor.syntax.selection import compile_selection

_ROUND = 300.0
"""Seconds in which every endpoint has its turn, unless that takes more than the share below."""
_PAUSE = 0.5
_SHARE = 0.02
"""Limit of the share of a core that it takes."""
_LAST = 1200.0
"""Seconds of the last minutes that are compared with the past; more for endpoints that are checked rarely."""
_SPARE = 4
"""Checks of each half that may fail or be late."""
_YOUNG = 3600.0
"""Seconds after which an endpoint without a baseline may have one."""
_BREATH = 0.001
"""Pause in seconds after one or two milliseconds of work, for the thread that checks endpoints."""
_BEFORE = 86400.0
"""Seconds before a new mark in which its start is searched for."""


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


class Watched(NamedTuple):
    """An endpoint, and the mark that it has."""

    id: str
    interval: float
    mark: Slowdown | None
    since: float = 0.0
    """Earlier results are of another target, and do not count."""


class _Known(NamedTuple):
    baseline: Baseline | None
    until: float
    """When it must be computed again."""
    since: float = 0.0
    """The endpoint's :attr:`Watched.since` when it was computed."""


class Slowdowns:
    """Examines endpoints; remembers their baselines, which take a while to make."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, _Known] = {}

    def forget_others(self, ids: Collection[str]) -> None:
        """Forget all endpoints but these."""
        self._known = {id: known for id, known in self._known.items() if id in ids}

    def examine(self, endpoints: Iterable[Watched], at: float) -> dict[str, Slowdown | None]:
        """The marks that have changed, by id. At most one new baseline is made; the rest wait for their turn.

        A history that is missing or unreadable changes nothing.
        """
        try:
            with PhaseReader(self._path) as reader, reader.at_once():
                return self._examine(reader, endpoints, at)
        except (OSError, *UNREADABLE):
            return {}

    def _examine(
        self, reader: PhaseReader, endpoints: Iterable[Watched], at: float
    ) -> dict[str, Slowdown | None]:
        found, made = {}, False
        for watched in endpoints:
            known = self._known.get(watched.id)
            if known and known.since != watched.since:
                known = None
            stored = (
                reader.endpoint(watched.id) if known is None or known.baseline or known.until <= at else None
            )
            if stored is None:
                continue
            if known is None or known.until <= at:
                if made:
                    continue
                made = True
                known = self._known[watched.id] = _made(reader, stored, watched.since, at)
            mark = _judged(reader, stored, watched, known.baseline, at) if known.baseline else watched.mark
            if mark != watched.mark:
                found[watched.id] = mark
            time.sleep(_BREATH)
        return found


def compared(interval: float) -> float:
    """Seconds of the last minutes that are compared with the past, of an endpoint with this interval."""
    return max(_LAST, 2 * (LEAST_CHECKS + _SPARE) * interval)


def _made(reader: PhaseReader, stored: StoredEndpoint, since: float, at: float) -> _Known:
    hours: list[Hour] = []
    begin = max(at - PAST - 3600, since)
    while begin < at:
        end = min(begin + 86400, at)
        hours += [Hour(start, _spreads(part)) for start, part in reader.hourly(stored, begin, end) if part]
        begin = end
        time.sleep(_BREATH)
    new = baseline(hours, at)
    return _Known(new, at + (VALID if new else _YOUNG), since)


def _spreads(part: Phases) -> dict[str, Spread]:
    highs = part.percentiles(0.9)
    return {name: Spread(ms, highs[name]) for name, ms in part.medians().items()}


def _judged(
    reader: PhaseReader, stored: StoredEndpoint, watched: Watched, usual: Baseline, at: float
) -> Slowdown | None:
    half = compared(watched.interval) / 2
    older, newer = (reader.phases(stored, at - ago, at - ago + half) for ago in (2 * half, half))
    if min(older.checks(), newer.checks()) < LEAST_CHECKS:
        return watched.mark
    mark = judged(watched.mark, usual, older.medians(), newer.medians(), at)
    if mark is None or watched.mark is not None:
        return mark
    minutes = reader.minutely(stored, at - max(_BEFORE, 4 * half), at)
    medians = ((start, part.medians()) for start, part in minutes)
    return began(mark, [Timed(start, ms[mark.phase]) for start, ms in medians if mark.phase in ms])
