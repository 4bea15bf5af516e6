"""A report's entries as CSV, one a line; the keys of nested objects are joined by ``_``.

The locations of a cluster have no columns: their number differs from entry to entry.
"""

from __future__ import annotations

import csv
from typing import Any, TextIO

from msgspec.structs import replace

from monitor.model.report import Budget, Entry, Latencies, Report
from monitor.outputs.reports.json import entry


def write(report: Report, out: TextIO) -> None:
    rows = [_flat(entry(replace(one, locations=()))) for one in report.entries]
    writer = csv.DictWriter(out, fieldnames=list(_flat(entry(_EMPTY))), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _flat(document: dict[str, Any]) -> dict[str, Any]:
    """``document`` without nested objects; several tags are separated by blanks."""
    flat: dict[str, Any] = {}
    for key, value in document.items():
        if isinstance(value, dict):
            flat |= {f"{key}_{inner}": one for inner, one in value.items()}
        else:
            flat[key] = " ".join(value) if isinstance(value, list) else value
    return flat


_EMPTY = Entry(
    id=None,
    name="",
    group=None,
    tags=(),
    checks=0,
    failed=0,
    uptime=None,
    known_s=0,
    down_s=0,
    maintenance_s=0,
    unknown_s=0,
    incidents=0,
    longest_s=None,
    mttr_s=None,
    mtbf_s=None,
    latency_ms=Latencies(),
    slo=Budget(),
)
"""For the header, which a report without entries has too."""
