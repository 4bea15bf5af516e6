"""Figures of a report as people read them; "-" where nothing is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from monitor.judge.reporting import duration
from monitor.model import Incident
from monitor.model.report import Budget, Entry, Report
from monitor.syntax.duration import format_duration, format_ms

NOTHING = "-"


def per_cent(share: float | None) -> str:
    """``99.987 %``, rounded down: only an endpoint that was never down has 100 %."""
    if share is None:
        return NOTHING
    # The share has eight digits; the small number makes up for binary fractions.
    return "100 %" if share >= 1 else f"{math.floor(share * 1e5 + 1e-5) / 1e3:.3f} %"


def span(seconds: float | None) -> str:
    """The two largest units of a duration: ``3d4h``, ``12m5s``, ``250ms``."""
    if seconds is None:
        return NOTHING
    if seconds < 0:
        return f"-{span(-seconds)}"
    for size, smaller in ((86400, 3600), (3600, 60), (60, 1)):
        if seconds >= size:
            return format_duration(math.floor(seconds / smaller) * smaller)
    return format_duration(round(seconds, 3 if seconds < 1 else 0))


def budget_left(budget: Budget) -> str:
    """The remaining error budget and the objective: ``41m3s of 99.9 %``."""
    return NOTHING if budget.left_s is None else f"{span(budget.left_s)} of {budget.objective:g} %"


def latency(ms: float | None) -> str:
    """``41.7 ms``."""
    return NOTHING if ms is None else format_ms(ms)


def moment(at: float) -> str:
    """Local time with its offset, to the second: ``2026-01-31 13:00:00 +01:00``."""
    return datetime.fromtimestamp(at).astimezone().isoformat(" ", "seconds").replace("+", " +")


def period(report: Report) -> str:
    """``2026-01-01 00:00:00 +01:00 to 2026-01-31 00:00:00 +01:00 (30d)``."""
    length = span(report.until - report.since)
    return f"{moment(report.since)} to {moment(report.until)} ({length})"


def name_of(entry: Entry, report: Report) -> str:
    """An entry's name; words for the endpoints that have no group or tag."""
    return entry.name or f"(no {report.by})"


def count(number: int, noun: str) -> str:
    """``1 incident``, ``2 incidents``."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def worst_first(report: Report) -> Sequence[Entry]:
    """The entries with the most downtime first."""
    return sorted(report.entries, key=lambda entry: (-entry.down_s, entry.name))


def lasted(incident: Incident, report: Report) -> str:
    """The length of an incident, which may be open."""
    length = span(duration(incident, report.generated_at))
    marks = ", still open" * (incident.ended is None) + ", in maintenance" * (
        incident.id in report.in_maintenance
    )
    return length + marks


def incidents(report: Report) -> str:
    """``2 incidents and 1 in maintenance``."""
    apart = len(report.in_maintenance)
    return count(len(report.incidents) - apart, "incident") + f" and {apart:,} in maintenance" * bool(apart)


def shared(incident: Incident) -> str:
    """The common cause: ``3 endpoints: address 10.0.0.1``; empty if there is none."""
    cause = incident.common_cause
    return f"{cause.count} endpoints: {cause}" if cause else ""


def acknowledged(incident: Incident) -> str:
    """The person who acknowledged it, and their note."""
    mark = incident.acknowledged
    if mark is None:
        return ""
    return f"acknowledged by {mark.by or 'somebody'}" + (f": {mark.note}" if mark.note else "")
