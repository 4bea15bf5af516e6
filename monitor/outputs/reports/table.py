"""A report for people, on a terminal or in a mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from monitor.model.report import Entry, LocationEntry, Report
from monitor.outputs.console import UNBOUNDED, printed
from monitor.outputs.reports import words
from monitor.text import plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_COLUMNS = ("UPTIME", "DOWN", "INCIDENTS", "P50", "P95", "P99", "BUDGET LEFT")
_NARROW = 100
"""Columns of a terminal below which some figures are left out."""
_LEFT_OUT = frozenset({"P50", "P99"})


def write(report: Report, out: TextIO) -> None:
    printed(out, lambda console: _print(report, console))


def _print(report: Report, console: Console) -> None:
    if report.entries:
        console.print(_table(report, console))
        console.print()
    if any(entry.locations for entry in report.entries):
        console.print(_locations(report, console))
        console.print()
    for line in (*_summary(report), *_incidents(report)):
        console.print(line, soft_wrap=True)


def _table(report: Report, console: Console) -> Table:
    from rich.table import Table
    from rich.text import Text

    shown = [title for title in _COLUMNS if console.width >= _NARROW or title not in _LEFT_OUT]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    limit = None if console.width == UNBOUNDED else max(console.width - 15 * len(shown), 16)
    table.add_column(report.by.upper(), no_wrap=True, overflow="ellipsis", max_width=limit)
    for title in shown:
        table.add_column(title, no_wrap=True, justify="right")
    for entry in words.worst_first(report):
        figures = _figures(entry)
        cells = [Text(figures[title], _style(title, entry)) for title in shown]
        table.add_row(Text(plain(words.name_of(entry, report))), *cells)
    return table


_BY_LOCATION = ("CHECKS", "FAILED", "SUCCESS", "P50", "P95", "P99")


def _locations(report: Report, console: Console) -> Table:
    """A row for each location of each entry."""
    from rich.table import Table
    from rich.text import Text

    shown = [title for title in _BY_LOCATION if console.width >= _NARROW or title not in _LEFT_OUT]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(report.by.upper(), no_wrap=True, overflow="ellipsis")
    table.add_column("LOCATION", no_wrap=True)
    for title in shown:
        table.add_column(title, no_wrap=True, justify="right")
    for entry in words.worst_first(report):
        name = plain(words.name_of(entry, report))
        for number, one in enumerate(entry.locations):
            figures = _location_figures(one)
            table.add_row(Text("" if number else name), one.location, *(figures[title] for title in shown))
    return table


def _location_figures(one: LocationEntry) -> dict[str, str]:
    return {
        "CHECKS": f"{one.checks:,}",
        "FAILED": f"{one.failed:,}",
        "SUCCESS": words.per_cent(one.success_rate),
        "P50": words.latency(one.latency_ms.p50),
        "P95": words.latency(one.latency_ms.p95),
        "P99": words.latency(one.latency_ms.p99),
    }


def _figures(entry: Entry) -> dict[str, str]:
    return {
        "UPTIME": words.per_cent(entry.uptime),
        "DOWN": words.span(entry.down_s) if entry.known_s else words.NOTHING,
        "INCIDENTS": str(entry.incidents),
        "P50": words.latency(entry.latency_ms.p50),
        "P95": words.latency(entry.latency_ms.p95),
        "P99": words.latency(entry.latency_ms.p99),
        "BUDGET LEFT": words.span(entry.slo.left_s),
    }


def _style(title: str, entry: Entry) -> str:
    overspent = title == "BUDGET LEFT" and (entry.slo.left_s or 0) < 0
    return "red" if overspent or (title in ("UPTIME", "DOWN") and entry.down_s) else ""


def _summary(report: Report) -> Iterator[str]:
    total = report.total
    yield words.period(report)
    yield ", ".join(
        (
            f"uptime {words.per_cent(total.uptime)}",
            words.incidents(report),
            f"down {words.span(total.down_s)}",
            f"maintenance {words.span(total.maintenance_s)}",
            f"unknown {words.span(total.unknown_s)}",
        )
    )


def _incidents(report: Report) -> Iterator[str]:
    if report.incidents:
        yield ""
    for incident in report.incidents:
        facts = [
            words.lasted(incident, report),
            incident.reason or "",
            incident.cause,
            words.shared(incident),
            words.acknowledged(incident),
        ]
        named = plain(incident.name)
        yield f"{words.moment(incident.began)}  {named}: {', '.join(plain(one) for one in facts if one)}"
