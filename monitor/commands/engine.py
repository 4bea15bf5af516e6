"""`monitor engine`: the process that checks, for the dashboard that started it. Not for users."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.model import Config

NAME = "engine"
HELP = ""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--socket", metavar="PATH", required=True, help="where to listen for dashboards")
    parser.add_argument("-c", "--config", metavar="FILE", default="", help="config file")
    parser.add_argument("--note", metavar="TEXT", default="", help="first line of the log")
    parser.add_argument(
        "--standalone", action="store_true", help="go on without a history if another engine writes it"
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="targets instead of a config")


def run(args: Namespace) -> int:
    import gc
    import signal

    from monitor.checks import loop
    from monitor.errors import ConfigError, EngineRunningError, UsageError
    from monitor.link.process import StartupError
    from monitor.service.service import serve

    gc.disable()  # until all is loaded, of which nearly everything stays
    # The dashboard decides when we leave; signals of the terminal or a closing session are for it.
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    try:
        config = _config(args)
    except ConfigError as error:
        return _say(StartupError(problems=error.problems), 2)
    except UsageError as error:
        return _say(StartupError(usage=str(error)), 2)
    service = serve(
        config,
        Path(args.socket),
        sys.stdin.buffer,
        ready=lambda: _say(StartupError(), 0),
        note=args.note,
        standalone=args.standalone,
    )
    try:
        loop.run(service)
    except EngineRunningError as error:
        return _say(StartupError(usage=str(error), running=error.socket), 2)
    return 0


def _config(args: Namespace) -> Config:
    from monitor.config import from_targets, load

    if args.targets:
        return from_targets(args.targets, Path(args.config) if args.config else None)
    return load(args.config)


def _say(trouble: object, status: int) -> int:
    """One line for the dashboard that waits on our standard output."""
    import msgspec

    sys.stdout.buffer.write(msgspec.json.encode(trouble) + b"\n")
    sys.stdout.buffer.flush()
    return status
