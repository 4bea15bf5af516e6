"""The history on disk, beyond the engine's memory. Read in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from monitor.judge.reporting import Period
from monitor.model import Incident
from monitor.model.report import By, Report
from monitor.store.phase_reader import PhaseReader
from monitor.store.reader import Reader, StoredEndpoint
from monitor.store.reports import report_of
from monitor.store.schema import UNREADABLE
from monitor.store.summaries import Summary
from monitor.syntax.duration import iso_time
from monitor.syntax.selection import Selection
from monitor.web.memory import starts

_PERCENTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
_T = TypeVar("_T")


class Series(NamedTuple):
    """An endpoint's history in steps: of its verdicts, and of each location of a cluster."""

    points: list[dict[str, Any]]
    locations: dict[str, list[dict[str, Any]]]


class Past:
    """The history in a file. Every method returns None if it is missing or unreadable."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    async def _read(self, work: Callable[[PhaseReader], _T], *, at_once: bool = True) -> _T | None:
        if self._path is None:
            return None
        return await asyncio.to_thread(self._read_now, self._path, work, at_once)

    def _read_now(self, path: Path, work: Callable[[PhaseReader], _T], at_once: bool) -> _T | None:
        try:
            with PhaseReader(path) as reader, reader.at_once() if at_once else nullcontext():
                return work(reader)
        except (OSError, *UNREADABLE):
            return None

    async def incidents(self, since: float, until: float) -> list[Incident] | None:
        """The incidents that overlap a period."""
        return await self._read(lambda reader: reader.incidents(since, until))

    async def report(self, period: Period, selects: Selection, by: By) -> Report | None:
        """The report of a period, as in `monitor report`."""
        return await self._read(lambda reader: report_of(reader, period, selects, by), at_once=False)

    async def series(self, id: str, since: float, until: float, step: float) -> Series | None:
        """As :func:`monitor.web.memory.series`, over the whole history of an endpoint."""
        *begins, last = starts(since, until, step)

        def points(reader: PhaseReader, endpoint: StoredEndpoint) -> list[dict[str, Any]]:
            parts = reader.series(endpoint, since, last, len(begins)) if begins else []
            parts += reader.series(endpoint, last, until, 1)
            edges = pairwise((*begins, last, until))
            medians = [reader.phases(endpoint, *edge).medians() for edge in edges]
            return list(map(_point, (*begins, last), parts, medians))

        def work(reader: PhaseReader) -> Series:
            endpoint = reader.endpoint(id)
            if endpoint is None:
                return Series([], {})
            locations = reader.locations(endpoint).items()
            return Series(
                points(reader, endpoint), {location: points(reader, seen) for location, seen in locations}
            )

        return await self._read(work)

    async def uptimes(
        self, ids: Sequence[str], bounds: Sequence[float]
    ) -> dict[str, tuple[float | None, ...]] | None:
        """The uptimes of these endpoints in the windows between successive ``bounds``."""

        def work(reader: Reader) -> dict[str, tuple[float | None, ...]]:
            found = {}
            for endpoint in filter(None, map(reader.endpoint, ids)):
                known = reader.availability(endpoint)
                found[endpoint.id] = tuple(known.seconds(*pair).uptime for pair in pairwise(bounds))
            return found

        return await self._read(work)


def _point(at: float, summary: Summary, phases_ms: Mapping[str, float]) -> dict[str, Any]:
    sketch = summary.latencies
    figures = {name: _rounded(sketch.percentile(share)) for name, share in _PERCENTILES.items()}
    return {
        "at": iso_time(at),
        "checks": summary.checks,
        "failed": summary.failed,
        "latency_ms": {**figures, "max": _rounded(sketch.maximum)} if sketch else None,
        "phases_ms": {phase: _rounded(ms) for phase, ms in phases_ms.items()},
    }


def _rounded(ms: float | None) -> float | None:
    return None if ms is None else round(ms, 3)
