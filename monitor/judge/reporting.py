"""Compute the figures of a report from the history of each endpoint. Pure, but for the local time zone.

Everything is rounded to the side that flatters less: uptimes down, downtimes as they are. A figure that
nothing is known for is None.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from monitor.judge.availability import Seconds
from monitor.judge.sketch import Sketch
from monitor.model import Ending, Incident
from monitor.model.report import Bar, Budget, By, Entry, Latencies, LocationEntry, Report

_NOTHING = Seconds()
MOST_PARTS = 62
"""Limit of parts: more could not be distinguished in a drawing."""
_STEPS = (60.0, 600.0, 3600.0)
"""Lengths of parts in seconds; longer parts are one or more days."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The checks of an endpoint from one location."""

    checks: int
    failed: int
    inconclusive: int
    latencies: Sketch


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The facts about one endpoint in a period."""

    id: str
    name: str
    group: str | None = None
    tags: tuple[str, ...] = ()
    slo: float | None = None
    checks: int = 0
    failed: int = 0
    seconds: Seconds = _NOTHING
    last_hour: Seconds = _NOTHING
    """The hour before the period's end."""
    incidents: Sequence[Incident] = ()
    """Those that overlap the period."""
    in_maintenance: Collection[str] = ()
    """Ids of the incidents that lie wholly in maintenance."""
    latencies: Sketch = field(default_factory=Sketch)
    parts: Sequence[Seconds] = ()
    """One for each part of :attr:`Period.parts`."""
    locations: Mapping[str, Seen] = field(default_factory=dict)
    """By name; empty without a cluster."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """The subject of a report."""

    since: float
    until: float
    now: float
    parts: tuple[float, ...] = ()
    """Moments that divide it, its ends included, for drawing."""

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.until - self.since


def report(members: Sequence[Measured], period: Period, by: By) -> Report:
    """The whole report; entries in the order of ``members``."""
    return Report(
        since=period.since,
        until=period.until,
        generated_at=period.now,
        by=by,
        entries=tuple(_entries(members, period, by)),
        total=entry(members, period),
        incidents=tuple(
            sorted(
                (one for member in members for one in member.incidents), key=lambda one: (one.began, one.id)
            )
        ),
        in_maintenance=frozenset(id for member in members for id in member.in_maintenance),
    )


def _entries(members: Sequence[Measured], period: Period, by: By) -> Iterable[Entry]:
    if by == "endpoint":
        return (
            entry([one], period, id=one.id, name=one.name, group=one.group, tags=one.tags) for one in members
        )
    gathered: dict[str, list[Measured]] = {}
    for one in members:
        for name in _names(one, by):
            gathered.setdefault(name, []).append(one)
    return (_gathered(name, gathered[name], period, by) for name in sorted(gathered, key=_last_if_empty))


def _names(one: Measured, by: By) -> Sequence[str]:
    """The groups or tags of an endpoint; one empty name if it has none."""
    return (one.tags or ("",)) if by == "tag" else (one.group or "",)


def _last_if_empty(name: str) -> tuple[bool, str]:
    return not name, name


def _gathered(name: str, members: Sequence[Measured], period: Period, by: By) -> Entry:
    if by == "tag":
        return entry(members, period, name=name, tags=(name,) if name else ())
    return entry(members, period, name=name, group=name or None)


def entry(
    members: Sequence[Measured],
    period: Period,
    *,
    id: str | None = None,
    name: str = "",
    group: str | None = None,
    tags: tuple[str, ...] = (),
) -> Entry:
    """The figures of several endpoints as one: sums, merged latencies, and the worst budget."""
    seconds = total(one.seconds for one in members)
    incidents = list(_counted(members))
    return Entry(
        id=id,
        name=name,
        group=group,
        tags=tags,
        checks=sum(one.checks for one in members),
        failed=sum(one.failed for one in members),
        uptime=seconds.uptime,
        known_s=seconds.known,
        down_s=seconds.down,
        maintenance_s=seconds.maintenance,
        unknown_s=seconds.unknown,
        incidents=len(incidents),
        longest_s=max((_until_the_end(one, period) for one in incidents), default=None),
        mttr_s=_mean([duration(one, period.now) for one in incidents if _repaired(one, period)]),
        mtbf_s=_between(seconds, sum(one.began >= period.since for one in incidents)),
        latency_ms=_latencies([one.latencies for one in members]),
        slo=_worst([budget(one, period) for one in members]),
        bars=_bars(members, period),
        locations=tuple(_located(members)),
    )


def _located(members: Sequence[Measured]) -> Iterable[LocationEntry]:
    for name in sorted({name for one in members for name in one.locations}):
        yield _location(name, [one.locations[name] for one in members if name in one.locations])


def _location(name: str, seen: Sequence[Seen]) -> LocationEntry:
    checks, failed, inconclusive = (
        sum(getattr(one, key) for one in seen) for key in ("checks", "failed", "inconclusive")
    )
    conclusive = checks - inconclusive
    return LocationEntry(
        location=name,
        checks=checks,
        failed=failed,
        inconclusive=inconclusive,
        success_rate=math.floor(1e8 * (conclusive - failed) / conclusive) / 1e8 if conclusive else None,
        latency_ms=_latencies([one.latencies for one in seen]),
    )


def total(several: Iterable[Seconds]) -> Seconds:
    """The sum of several windows."""
    sums = _NOTHING
    for one in several:
        sums = sums.plus(one)
    return sums


def _counted(members: Iterable[Measured]) -> Iterable[Incident]:
    """The incidents of which some time counts."""
    return (one for member in members for one in member.incidents if one.id not in member.in_maintenance)


def duration(incident: Incident, now: float) -> float:
    """Seconds from its beginning to its end, or to now while it is open."""
    return max((now if incident.ended is None else incident.ended) - incident.began, 0.0)


def _until_the_end(incident: Incident, period: Period) -> float:
    """Seconds up to the period's end, so that the report of a month stays the same."""
    ended = period.until if incident.ended is None else min(incident.ended, period.until)
    return max(ended - incident.began, 0.0)


def _repaired(incident: Incident, period: Period) -> bool:
    # The time to repair an endpoint that was paused or removed is unknown.
    return incident.ending is Ending.RECOVERED and (incident.ended or 0.0) <= period.until


def _mean(durations: Sequence[float]) -> float | None:
    return sum(durations) / len(durations) if durations else None


def _between(seconds: Seconds, failures: int) -> float | None:
    return seconds.up / failures if failures else None


def _latencies(sketches: Sequence[Sketch]) -> Latencies:
    if len(sketches) == 1:
        sketch = sketches[0]
    else:
        sketch = Sketch()
        for one in sketches:
            sketch.merge(one)
    if not sketch:
        return Latencies()
    p50, p90, p95, p99 = sketch.percentiles((0.5, 0.9, 0.95, 0.99))
    return Latencies(p50=p50, p90=p90, p95=p95, p99=p99, max=sketch.maximum)


def budget(one: Measured, period: Period) -> Budget:
    """The error budget of one endpoint's objective."""
    if one.slo is None:
        return Budget()
    allowed = round(100 - one.slo, 9) / 100
    last_hour, whole = one.last_hour, period.seconds * allowed
    burn = last_hour.down / last_hour.known / allowed if last_hour.known and allowed else None
    return Budget(objective=one.slo, budget_s=whole, left_s=whole - one.seconds.down, burn=burn)


def _worst(budgets: Sequence[Budget]) -> Budget:
    """The budget of which the smallest share is left."""
    return min((one for one in budgets if one.objective is not None), key=_share_left, default=Budget())


def _share_left(one: Budget) -> float:
    left, whole = one.left_s or 0.0, one.budget_s or 0.0
    return left / whole if whole else 0.0


def _bars(members: Sequence[Measured], period: Period) -> tuple[Bar, ...]:
    spans = list(pairwise(period.parts))
    sums = [total(one.parts[place] for one in members) for place in range(len(spans))]
    return tuple(_bar(start, end, one) for (start, end), one in zip(spans, sums, strict=True))


def _bar(start: float, end: float, seconds: Seconds) -> Bar:
    return Bar(
        start=start,
        end=end,
        uptime=seconds.uptime,
        known_s=seconds.known,
        down_s=seconds.down,
        maintenance_s=seconds.maintenance,
    )


def calendar_parts(since: float, until: float) -> tuple[float, ...]:
    """The moments that divide a period into equal parts, its ends included.

    Days begin at local midnight, so a day with a change to daylight saving has its true length.
    """
    step = next((step for step in _STEPS if (until - since) / step <= MOST_PARTS - 2), None)
    inner = _midnights(since, until) if step is None else _steps(since, until, step)
    return (since, *inner, until)


def _steps(since: float, until: float, step: float) -> list[float]:
    first = math.floor(since / step) + 1
    return [number * step for number in range(first, math.ceil(until / step))]


def _midnights(since: float, until: float) -> list[float]:
    every = math.ceil((until - since) / 86400 / (MOST_PARTS - 2))
    day = datetime.fromtimestamp(since).astimezone().date()
    found = []
    while (moment := _midnight(day := day + timedelta(days=every))) < until:
        found.append(moment)
    return found


def _midnight(day: date) -> float:
    return datetime.combine(day, time()).timestamp()
