"""A report as one JSON document, for programs."""

from __future__ import annotations

from typing import Any, TextIO

from monitor.link.state_json import incident_json
from monitor.model import Incident
from monitor.model.report import Budget, Entry, Latencies, LocationEntry, Report
from monitor.outputs.documents import write_document
from monitor.syntax.duration import iso_time


def write(report: Report, out: TextIO) -> None:
    write_document(document(report), out)


def document(report: Report) -> dict[str, Any]:
    """The whole report as one JSON object."""
    return {
        "since": iso_time(report.since),
        "until": iso_time(report.until),
        "generated_at": iso_time(report.generated_at),
        "by": report.by,
        "entries": [entry(one) for one in report.entries],
        "incidents": [_incident(one, report) for one in report.incidents],
    }


def _incident(one: Incident, report: Report) -> dict[str, Any]:
    """An incident; it has ``maintenance`` only if it lies wholly in it."""
    marks = {"maintenance": True} if one.id in report.in_maintenance else {}
    return {**incident_json(one, report.generated_at), **marks}


def entry(one: Entry) -> dict[str, Any]:
    """One entry; it has ``locations`` only in a cluster."""
    return {
        "id": one.id,
        "name": one.name,
        "group": one.group,
        "tags": list(one.tags),
        "checks": one.checks,
        "failed": one.failed,
        "uptime": one.uptime,
        "known_s": _rounded(one.known_s),
        "down_s": _rounded(one.down_s),
        "maintenance_s": _rounded(one.maintenance_s),
        "unknown_s": _rounded(one.unknown_s),
        "incidents": one.incidents,
        "longest_s": _rounded(one.longest_s),
        "mttr_s": _rounded(one.mttr_s),
        "mtbf_s": _rounded(one.mtbf_s),
        "latency_ms": _latencies(one.latency_ms),
        "slo": _budget(one.slo),
        **({"locations": [_location(seen) for seen in one.locations]} if one.locations else {}),
    }


def _location(one: LocationEntry) -> dict[str, Any]:
    return {
        "location": one.location,
        "checks": one.checks,
        "failed": one.failed,
        "inconclusive": one.inconclusive,
        "success_rate": one.success_rate,
        "latency_ms": _latencies(one.latency_ms),
    }


def _latencies(latencies: Latencies) -> dict[str, float | None]:
    return {
        "p50": _rounded(latencies.p50),
        "p90": _rounded(latencies.p90),
        "p95": _rounded(latencies.p95),
        "p99": _rounded(latencies.p99),
        "max": _rounded(latencies.max),
    }


def _budget(budget: Budget) -> dict[str, float | None]:
    return {
        "objective": budget.objective,
        "budget_s": _rounded(budget.budget_s),
        "left_s": _rounded(budget.left_s),
        "burn": _rounded(budget.burn),
    }


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 3)
