"""`monitor demo`: the dashboard against servers of its own."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path

from monitor.commands.dashboard import Look, add_look_arguments, show_own

NAME = "demo"
HELP = "open the dashboard on built-in demo servers; works offline"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--print-config", action="store_true", help="print the demo's config and exit")
    add_look_arguments(parser)


def run(args: Namespace) -> int:
    """Show the dashboard until the user leaves, then remove everything that was created."""
    from monitor.demo.process import zoo_process

    with zoo_process() as zoo:
        if args.print_config:
            print(Path(zoo.config).read_text(encoding="utf-8"), end="")
            return 0
        return show_own(zoo.config, replace(Look.of(args), title="demo", remember=False))
