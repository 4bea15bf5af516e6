"""`monitor demo`: the dashboard against servers of its own."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from monitor.commands.dashboard import add_view_arguments, show

NAME = "demo"
HELP = "the dashboard against servers of its own on loopback; works offline"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--print-config", action="store_true", help="print the config that the demo watches, and end"
    )
    parser.add_argument("--plain", action="store_true", help="no screen, but a line for each change of state")
    add_view_arguments(parser)


def run(args: Namespace) -> int:
    """Show the dashboard until the user leaves; then everything it made is gone."""
    from monitor.demo.process import zoo_process

    with zoo_process() as zoo:
        if args.print_config:
            print(Path(zoo.config).read_text(encoding="utf-8"), end="")
            return 0
        return show(
            zoo.config, title="demo", plain=args.plain, wall=args.wall, words=args.filter, remember=False
        )
