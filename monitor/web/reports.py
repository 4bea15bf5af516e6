"""`/api/v1/report` from the engine's memory. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from monitor.judge.availability import Seconds
from monitor.judge.reporting import Measured, Period, report
from monitor.judge.sketch import Sketch
from monitor.link.figures import Measure
from monitor.link.picture import Picture
from monitor.model import Incident
from monitor.model.report import By
from monitor.outputs.reports.json import document
from monitor.syntax.selection import Selection


def report_json(
    picture: Picture, measures: Iterable[Measure], period: Period, by: By, selects: Selection
) -> dict[str, Any]:
    """The report of the selected endpoints, in config order."""
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
