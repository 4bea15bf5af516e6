"""A window on one endpoint's history, and its statistics. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from monitor.link.messages import Point

PASSED = "ug"
"""The outcomes that have a latency."""


class Figures(NamedTuple):
    """Statistics of a window; latencies in milliseconds, None without any."""

    checks: int
    failed: int
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    maximum: float | None = None
    phases_ms: Mapping[str, float] | None = None
    """Median of each phase; None where it is not known."""


@dataclass(frozen=True, slots=True)
class Window:
    """The points from ``start`` to ``end``, in seconds since the epoch."""

    points: tuple[Point, ...]
    start: float
    end: float
    summarised: Figures | None = None
    """The statistics, if the points are summaries of checks and not checks."""

    @classmethod
    def of(cls, points: Sequence[Point], span: float | None, end: float | None = None) -> Window:
        """The last ``span`` seconds before ``end`` (None: all of them; before the newest point)."""
        if not points:
            return cls((), 0.0, span or 60.0)
        end = points[-1].at if end is None else end
        start = min(points[0].at, end - 1) if span is None else end - span
        first = bisect_left(points, start, key=lambda point: point.at)
        last = bisect_right(points, end, key=lambda point: point.at)
        return cls(tuple(points[first:last]), start, end)

    def figures(self) -> Figures:
        """The statistics of the window."""
        if self.summarised is not None:
            return self.summarised
        checks, failed = len(self.points), sum(point.outcome == "d" for point in self.points)
        values = self.latencies()
        if not values:
            return Figures(checks, failed)
        p50, p95, p99 = (percentile(values, share) for share in (50, 95, 99))
        return Figures(checks, failed, p50, p95, p99, values[-1])

    def latencies(self) -> list[float]:
        """The latencies of passed checks, ascending."""
        return sorted(point.latency_ms for point in self.points if measured(point))


def measured(point: Point) -> bool:
    """Whether the check passed and its latency is known."""
    return point.outcome in PASSED and point.latency_ms >= 0


def percentile(ordered: Sequence[float], per_cent: float) -> float:
    """The nearest-rank percentile of ascending values; at least one is needed."""
    return ordered[max(math.ceil(len(ordered) * per_cent / 100) - 1, 0)]
