"""`monitor`: the live dashboard, on an engine of its own in a child process."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.tui.data.source import Source
    from monitor.tui.lists.query import Query

NAME = "dashboard"
HELP = "Watch everything in the terminal, live (what `monitor` does without a command)."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help="URL, host, host:port or host/path to watch instead"
    )
    parser.add_argument(
        "-c", "--config", metavar="FILE", help="config file; with TARGETs, for its [defaults]"
    )
    parser.add_argument(
        "--standalone", action="store_true", help="an engine of its own, even beside a running daemon"
    )
    parser.add_argument(
        "--plain",
        action="store_true",
        help="no screen, but a line for each change of state: for screen readers, pipes and logs",
    )
    parser.add_argument("--ascii", action="store_true", help="draw with ASCII signs only")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    add_view_arguments(parser)


def add_view_arguments(parser: ArgumentParser) -> None:
    """What can be chosen of the first picture."""
    parser.add_argument("--wall", action="store_true", help="begin with the wall, for a screen to look up at")
    parser.add_argument(
        "--filter", default="", metavar="WORDS", help="begin with what fits these, as typed after /"
    )


def run(args: Namespace) -> int:
    return show(
        _config(args),
        targets=args.targets,
        plain=args.plain,
        ascii_only=args.ascii,
        mouse=not args.no_mouse,
        wall=args.wall,
        words=args.filter,
    )


def _config(args: Namespace) -> str:
    if args.targets:
        return args.config or ""
    from monitor.config import find_config

    return str(find_config(args.config))


def show(
    config: str,
    *,
    title: str = "",
    targets: Sequence[str] = (),
    plain: bool = False,
    ascii_only: bool = False,
    mouse: bool = True,
    wall: bool = False,
    words: str = "",
    remember: bool = True,
) -> int:
    """Watch ``config``, or ``targets`` with its defaults, until the user leaves; the exit status.

    Raises ConfigError and UsageError before anything is drawn. ``words`` are a filter; with ``wall`` the
    wall is the first view. Without a terminal, or when it is to be ``plain``, changes of state are
    printed instead, one line each. What is chosen on the screen is remembered for the next time, unless
    ``remember`` is False.
    """
    from monitor.link.process import engine

    query = _query(words)
    with engine(config=config, targets=targets) as child:
        if plain or not _has_screen():
            return _print_changes(child.source(), "plain" if plain else "no terminal here", query)
        # Imported while the engine starts: either takes a few tenths of a second.
        from monitor.checks.limits import collect_seldom
        from monitor.tui.app import Dashboard
        from monitor.tui.settings_file import Memory, state_file

        collect_seldom()
        dashboard = Dashboard(
            child.source(),
            title=title,
            ascii_only=ascii_only,
            memory=Memory(state_file(os.environ) if remember else None),
            view="wall" if wall else "overview",
            query=query,
        )
        status = dashboard.run(mouse=mouse)
    if dashboard.crash:
        raise dashboard.crash
    return status or 0


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
