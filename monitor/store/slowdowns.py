"""Finds in the history which endpoints have a phase that is lastingly slower than usual."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple

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
from monitor.model import Slowdown
from monitor.store.phase_reader import PhaseReader
from monitor.store.phases import Phases
from monitor.store.reader import StoredEndpoint
from monitor.store.schema import UNREADABLE

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
