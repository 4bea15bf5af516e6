"""The web address's process: attached to the engine like a dashboard, on sockets that the engine opened."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import uvicorn
from starlette.types import ASGIApp

from monitor.link.client import Client
from monitor.model import Tokens
from monitor.web.app import create_app
from monitor.web.past import Past
from monitor.web.protocol import BoundedProtocol
from monitor.web.setup import Setup
from monitor.web.source import Source

_HEADER_LIMIT = 16384
_CALLERS = 2000
"""Connections at once."""
_IDLE = 30.0
_PATIENCE = 10.0
"""Seconds that the engine may take for an answer."""


class Server(uvicorn.Server):
    """uvicorn, ended by whoever runs it and not by signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


def server(app: ASGIApp) -> Server:
    """What serves ``app``."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # callers' mistakes are no news
    return Server(
        uvicorn.Config(
            app,
            http=BoundedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_CALLERS,
            timeout_keep_alive=int(_IDLE),
            timeout_graceful_shutdown=1,
            h11_max_incomplete_event_size=_HEADER_LIMIT,
        )
    )


async def serve(setup: Setup, sockets: Sequence[socket.socket], tokens: Tokens, lifeline: IO[bytes]) -> None:
    """Serve until ``lifeline`` ends."""
    source = Source(Client(Path(setup.engine), samples=0, patience=_PATIENCE, dashboard=False))
    serving = server(create_app(source, tokens, Past(Path(setup.history) if setup.history else None)))
    ending = asyncio.create_task(_end_with(lifeline, serving))
    try:
        await serving.serve(list(sockets))
    finally:
        ending.cancel()
        await source.close()


async def _end_with(lifeline: IO[bytes], serving: Server) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), lifeline)
    while await reader.read(4096):
        pass
    serving.should_exit = True


def inherited(fds: Sequence[int]) -> list[socket.socket]:
    """The sockets that were opened before this process began."""
    return [socket.socket(fileno=fd) for fd in fds]
