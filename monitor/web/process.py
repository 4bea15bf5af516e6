"""The web address's process: a client of the engine, on sockets that the engine opened."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from monitor.link.client import Client
from monitor.model import Tokens
from monitor.web.app import create_app
from monitor.web.past import Past
from monitor.web.server import Server, server
from monitor.web.setup import Setup
from monitor.web.source import PATIENCE, Source


async def serve(setup: Setup, sockets: Sequence[socket.socket], tokens: Tokens, lifeline: IO[bytes]) -> None:
    """Serve until ``lifeline`` ends."""
    source = Source(Client(Path(setup.engine), samples=0, patience=PATIENCE, dashboard=False))
    serving = server(create_app(source, tokens, Past(Path(setup.history) if setup.history else None)))
    ending = asyncio.create_task(_end_with(lifeline, serving, source))
    try:
        await serving.serve(list(sockets))
    finally:
        ending.cancel()
        await source.close()


async def _end_with(lifeline: IO[bytes], serving: Server, source: Source) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), lifeline)
    while await reader.read(4096):
        pass
    source.end()
    serving.should_exit = True


def inherited(fds: Sequence[int]) -> list[socket.socket]:
    """The sockets inherited from the engine."""
    return [socket.socket(fileno=fd) for fd in fds]
