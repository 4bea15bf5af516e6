"""`monitor notifier`: the process that sends messages, for the engine that started it. Not for users."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

NAME = "notifier"
HELP = ""


def add_arguments(parser: ArgumentParser) -> None:
    pass


def run(_args: Namespace) -> int:
    import asyncio
    import signal

    from monitor.alerts.notifier import run as deliver

    for ignored in (signal.SIGINT, signal.SIGHUP):  # the engine decides when we leave
        signal.signal(ignored, signal.SIG_IGN)
    asyncio.run(deliver())
    return 0
