"""`monitor`: the live dashboard, on the daemon of its config or on an engine of its own."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.commands._arguments import add_targets

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.errors import EngineRunningError
    from monitor.tui.data.source import Source
    from monitor.tui.lists.query import Query

NAME = "dashboard"
HELP = "Open the dashboard (the default without a command)."


def add_arguments(parser: ArgumentParser) -> None:
    add_targets(parser)
    parser.add_argument("--standalone", action="store_true", help="start an engine even if a daemon runs")
    add_look_arguments(parser)


def add_look_arguments(parser: ArgumentParser) -> None:
    """Initial settings of the dashboard."""
    parser.add_argument(
        "--plain",
        action="store_true",
        help="print a line for each state change instead of a screen: for screen readers, pipes and logs",
    )
    parser.add_argument(
        "--symbols",
        choices=["braille", "block", "ascii"],
        default="",
        help="draw curves with braille dots, or with blocks if the font has no dots, or everything in ASCII; "
        "default: by TERM and the locale",
    )
    parser.add_argument(
        "--ascii", dest="symbols", action="store_const", const="ascii", help="the same as --symbols ascii"
    )
    parser.add_argument("--no-mouse", action="store_true", help="do not use the mouse")
    parser.add_argument(
        "--wall", action="store_true", help="start with the wall, for a screen without a user"
    )
    parser.add_argument(
        "--filter", default="", metavar="WORDS", help="start with this filter, as typed after /"
    )


def run(args: Namespace) -> int:
    look = Look.of(args)
    if args.targets:
        return show_own(args.config or "", look, targets=args.targets)
    from monitor.config import find_config

    config = find_config(args.config)
    daemon = None if args.standalone else _daemon(config)
    return show(daemon, look) if daemon else show_own(str(config), look, standalone=args.standalone)


def _daemon(config: Path) -> Source | None:
    """The running daemon of ``config``, if there is one."""
    from monitor.commands._attached import is_live, socket_of

    socket = socket_of(config)
    if not is_live(socket):
        return None
    from monitor.link.client import Client

    return Client(socket)


@dataclass(frozen=True, kw_only=True)
class Look:
    """Initial settings of the dashboard."""

    title: str = ""
    plain: bool = False
    """Print changes of state, one line each, and draw no screen."""
    symbols: str = ""
    mouse: bool = True
    wall: bool = False
    """Begin with the wall."""
    words: str = ""
    """The initial filter."""
    remember: bool = True
    """Save the choices made on the screen for the next start."""

    @classmethod
    def of(cls, args: Namespace) -> Look:
        """The options of the command line."""
        return cls(
            plain=args.plain,
            symbols=args.symbols,
            mouse=not args.no_mouse,
            wall=args.wall,
            words=args.filter,
        )


def show_own(config: str, look: Look, *, targets: Sequence[str] = (), standalone: bool = False) -> int:
    """Watch ``config``, or ``targets`` with its defaults, on an engine of our own; the exit status.

    If another engine watches the config already, attach to that one, unless ``standalone``.

    Raises ConfigError and UsageError before anything is drawn.
    """
    from monitor.errors import EngineRunningError
    from monitor.link.process import engine

    _query(look.words)  # report an invalid query before the engine starts
    with engine(config=config, targets=targets, standalone=standalone) as child:
        if not look.plain and _has_screen():
            _prepare_screen()  # while the engine starts
        try:
            source: Source = child.source()
        except EngineRunningError as error:
            source = _other_engine(error)
        return show(source, look)


def _other_engine(error: EngineRunningError) -> Source:
    """The engine that watches the config already. Raises ``error`` if it does not answer."""
    from pathlib import Path

    from monitor.commands._attached import is_live
    from monitor.link.client import Client

    socket = Path(error.socket)
    if not error.socket or not is_live(socket):
        raise error
    return Client(socket)


def show(source: Source, look: Look) -> int:
    """Show the data of ``source`` until the user leaves; return the exit status.

    Without a terminal, changes of state are printed instead.
    """
    query = _query(look.words)
    if look.plain or not _has_screen():
        return _print_changes(source, "plain" if look.plain else "no terminal here", query)
    _prepare_screen()
    from monitor.tui.app import Dashboard
    from monitor.tui.settings_file import SettingsFile, state_file

    dashboard = Dashboard(
        source,
        title=look.title,
        symbols=look.symbols,
        settings_file=SettingsFile(state_file(os.environ) if look.remember else None),
        view="wall" if look.wall else "overview",
        query=query,
    )
    status = dashboard.run(mouse=look.mouse)
    if dashboard.crash:
        raise dashboard.crash
    return status or 0


def _prepare_screen() -> None:
    """Import the modules that take a few tenths of a second."""
    import monitor.tui.app  # noqa: F401
    from monitor.checks.limits import tune_collector

    tune_collector()


def _query(words: str) -> Query:
    from monitor.errors import UsageError
    from monitor.tui.lists.query import QueryError, parse

    try:
        return parse(words)
    except QueryError as error:
        raise UsageError(f"--filter: {error}") from None


def _has_screen() -> bool:
    terminals = sys.stdin.isatty() and sys.stdout.isatty()
    return terminals and os.environ.get("TERM", "") not in ("", "dumb")


def _print_changes(source: Source, why: str, query: Query) -> int:
    import asyncio

    from monitor.tui.plain import watch

    print(f"monitor: {why}: printing changes of state (for one check: monitor check)", file=sys.stderr)
    asyncio.run(watch(source, sys.stdout, query))
    return 0
