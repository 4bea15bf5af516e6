"""`monitor import`: another tool's config as ours, on standard output."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

NAME = "import"
HELP = "convert another tool's config, on standard output"


def add_arguments(parser: ArgumentParser) -> None:
    from monitor.importers import IMPORTERS

    parser.add_argument(
        "tool", choices=list(IMPORTERS), metavar="TOOL", help=f"one of {', '.join(IMPORTERS)}"
    )
    parser.add_argument(
        "file",
        metavar="FILE",
        help="its config: YAML of gatus, blackbox_exporter and Prometheus; a backup (JSON), the database"
        " (SQLite) or a dump (MariaDB) of Uptime Kuma; URLs as text, CSV, sitemap, HAR or OPML;"
        " - is standard input",
    )
    parser.add_argument(
        "--modules",
        metavar="FILE",
        help="with prometheus: blackbox_exporter's config; default: blackbox.yml beside FILE",
    )


def run(args: Namespace) -> int:
    from monitor.importers import imported

    made = imported(args.tool, Path(args.file), Path(args.modules) if args.modules else None)
    sys.stdout.write(made.text)
    sys.stdout.flush()
    _report(made.notes, made.needed, made.endpoints)
    return 0


def _report(notes: tuple[str, ...], needed: tuple[str, ...], endpoints: int) -> None:
    from monitor.text import plain

    for note in notes:
        print(plain(note, 1000), file=sys.stderr)
    if needed:
        print(f"monitor: set before use: {', '.join(needed)}", file=sys.stderr)
    lost = f", {len(notes)} note{'' if len(notes) == 1 else 's'} above" if notes else ""
    print(f"monitor: {endpoints} endpoint{'' if endpoints == 1 else 's'}{lost}", file=sys.stderr)
