"""`monitor export`: print single results from the history, oldest first."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from monitor.commands._history import (
    add_history_arguments,
    opened_history,
    opened_output,
    progress_bar,
    refuse_empty,
    window,
)

NAME = "export"
HELP = "print single results from the history, oldest first"


def add_arguments(parser: ArgumentParser) -> None:
    add_history_arguments(parser, since="24h")
    parser.add_argument("--format", choices=("csv", "jsonl"), default="csv", help="default: %(default)s")


def run(args: Namespace) -> int:
    from monitor.outputs.exports import FORMATS
    from monitor.store.raw import exported, has_locations
    from monitor.store.reader import Reader
    from monitor.syntax.selection import compile_selection

    since, until, _ = window(args)
    selects = compile_selection(args.select)
    with opened_history(args.config, Reader) as reader:
        refuse_empty((one for one in reader.endpoints() if selects(one)), args.select)
        with (
            opened_output(args.output) as out,
            progress_bar("exporting", shown=sys.stderr.isatty() and not out.isatty()) as progress,
        ):
            results = exported(reader, since, until, selects, progress)
            FORMATS[args.format](results, out, has_locations(reader, selects))
    return 0
