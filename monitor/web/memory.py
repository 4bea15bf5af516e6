"""Series and reports from the memory of the engine; `past` has those of the whole history. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any

from monitor.judge.availability import Seconds
from monitor.judge.reporting import Measured, Period, report
from monitor.judge.sketch import Sketch
from monitor.link.figures import Measure
from monitor.link.messages import Point
from monitor.link.picture import Picture
from monitor.model import Incident
from monitor.model.report import By
from monitor.outputs.reports.json import document
from monitor.syntax.duration import iso_time
from monitor.syntax.selection import Selection

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


def report_json(
    picture: Picture, measures: Iterable[Measure], period: Period, by: By, selects: Selection
) -> dict[str, Any]:
    """The answer to ``/api/v1/report``: the selected endpoints, in config order."""
    known = {one.handle: one for one in measures}
    incidents = _incidents(picture, period)
    members = [
        _measured(info.id, info.name, info.group, info.tags, known[info.handle], incidents[info.id])
        for info, _ in picture.endpoints()
        if info.handle in known and selects(info)
    ]
    return document(report(members, period, by))


def _incidents(picture: Picture, period: Period) -> dict[str, list[Incident]]:
    """The incidents that overlap the period, by endpoint."""
    found: dict[str, list[Incident]] = defaultdict(list)
    for one in picture.incidents.values():
        if one.began < period.until and (one.ended is None or one.ended > period.since):
            found[one.endpoint].append(one)
    return found


def _measured(
    id: str, name: str, group: str, tags: tuple[str, ...], measure: Measure, incidents: list[Incident]
) -> Measured:
    return Measured(
        id=id,
        name=name,
        group=group or None,
        tags=tags,
        slo=measure.slo,
        checks=measure.checks,
        failed=measure.failed,
        seconds=Seconds(*measure.seconds),
        last_hour=Seconds(*measure.last_hour),
        incidents=incidents,
        in_maintenance=measure.in_maintenance,
        latencies=Sketch.decode(measure.latencies),
    )
