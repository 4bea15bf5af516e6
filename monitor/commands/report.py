"""`monitor report`: uptime, incidents, latencies and error budgets from the history."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from monitor.commands._history import (
    add_history_arguments,
    opened_history,
    opened_output,
    refuse_empty,
    window,
)

if TYPE_CHECKING:
    from monitor.model.report import Report

NAME = "report"
HELP = "print uptime, incidents, latencies and error budgets from the history"


def add_arguments(parser: ArgumentParser) -> None:
    from monitor.outputs.reports import FORMATS

    add_history_arguments(parser, since="30d")
    parser.add_argument(
        "--by",
        choices=("endpoint", "group", "tag"),
        default="endpoint",
        help="one line per endpoint, group or tag; default: %(default)s",
    )
    parser.add_argument("--format", choices=list(FORMATS), default="table", help="default: %(default)s")


def run(args: Namespace) -> int:
    from monitor.outputs.reports import output

    chosen = output(args.format)
    report = _report(args)
    with opened_output(args.output) as out:
        chosen.write(report, out)
    return 0


def _report(args: Namespace) -> Report:
    from monitor.judge.reporting import Period, calendar_parts
    from monitor.store.reader import Reader
    from monitor.store.reports import report_of
    from monitor.syntax.selection import compile_selection

    since, until, now = window(args)
    drawn = calendar_parts(since, until) if args.format == "html" else ()
    selects = compile_selection(args.select)
    with opened_history(args.config, Reader) as reader:
        report = report_of(reader, Period(since=since, until=until, now=now, parts=drawn), selects, args.by)
    refuse_empty(report.entries, args.select)
    return report
