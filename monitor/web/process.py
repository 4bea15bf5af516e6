"""The web address's process: a client of the engine, on sockets that the engine opened."""

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
from monitor.web.protocol import BoundedProtocol, with_origin_form
from monitor.web.setup import Setup
from monitor.web.source import PATIENCE, Source

_HEADER_LIMIT = 16384
_CALLERS = 2000
"""Limit of connections."""
_IDLE = 30.0


class Server(uvicorn.Server):
    """uvicorn without its signal handlers."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


def server(app: ASGIApp) -> Server:
    """The server of ``app``."""
    logging.getLogger("uvicorn.error").setLevel(
        logging.CRITICAL
    )  # a caller's mistake is not worth a log line
    return Server(
        uvicorn.Config(
            with_origin_form(app),
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
