"""`monitor web`: answers at the web address, for the engine that started it. Not for users."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

NAME = "web"
HELP = ""

_LOWER_PRIORITY = 10
"""The process's niceness: on a busy machine, checks come first."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add nothing: all settings come over standard input."""


def run(_args: Namespace) -> int:
    import asyncio
    import os
    import signal
    import sys

    import msgspec

    from monitor.model import Tokens
    from monitor.web.server import inherited, serve
    from monitor.web.setup import Setup

    # The engine decides when we leave.
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    os.nice(_LOWER_PRIORITY)
    # Unbuffered: bytes after the line are for the event loop.
    stdin = os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
    setup = msgspec.json.decode(stdin.readline(), type=Setup)
    tokens = Tokens(read=setup.read, write=setup.write)
    asyncio.run(serve(setup, inherited(setup.fds), tokens, stdin))
    return 0
