"""An endpoint's history, aggregated into steps. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from monitor.link.messages import Point
from monitor.syntax.duration import iso_time

BUCKETS = 2000
"""Limit of steps in one answer."""
_PERCENTILES = (50, 90, 95, 99)
_PASSED = "ug"
_ROUNDING = 1e-6
"""Share of a step that is no step of its own: a window divided into 200 steps has 200 of them."""


def starts(since: float, until: float, step: float) -> list[float]:
    """The start of each step; the last one may be shorter, as it ends at ``until``."""
    count = max(ceil((until - since) / step - _ROUNDING), 1)
    return [since + number * step for number in range(count)]


def series(points: Sequence[Point], since: float, until: float, step: float) -> list[dict[str, Any]]:
    """For each step: the number of checks and of failures, and latency percentiles.

    The engine remembers no phases: they are in the history on disk alone.
    """
    begins = starts(since, until, step)
    buckets: list[list[Point]] = [[] for _ in begins]
    for point in points:
        if since <= point.at < until:
            buckets[min(int((point.at - since) / step), len(buckets) - 1)].append(point)
    return list(map(_bucket, begins, buckets))


def _bucket(at: float, points: Sequence[Point]) -> dict[str, Any]:
    passed = sorted(one.latency_ms for one in points if one.outcome in _PASSED and one.latency_ms >= 0)
    figures = {f"p{share}": round(_percentile(passed, share), 3) for share in _PERCENTILES} if passed else {}
    return {
        "at": iso_time(at),
        "checks": sum(one.outcome != "i" for one in points),
        "failed": sum(one.outcome == "d" for one in points),
        "latency_ms": {**figures, "max": round(passed[-1], 3)} if passed else None,
        "phases_ms": {},
    }


def _percentile(ordered: Sequence[float], share: int) -> float:
    """The smallest latency that at least ``share`` per cent do not exceed."""
    return ordered[max(ceil(len(ordered) * share / 100) - 1, 0)]
