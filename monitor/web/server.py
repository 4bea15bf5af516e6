"""The web address's process, a client of the engine on sockets that the engine opened.

It runs uvicorn with limits for slow requests, slow readers and too many connections, and takes absolute URLs.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

import h11
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from monitor.link.client import Client
from monitor.model import Tokens
from monitor.web.app import create_app
from monitor.web.past import Past
from monitor.web.setup import Setup
from monitor.web.source import PATIENCE, Source

ARRIVES_WITHIN = 10.0
"""Timeout in seconds of a request, and of a connection's first request."""
READS_WITHIN = 30.0
"""Timeout in seconds for a caller that does not read its answer."""
PER_CALLER = 256
"""Limit of connections per address; one more closes the oldest that has no complete request."""
_HEADER_LIMIT = 16384
_CALLERS = 2000
"""Limit of connections."""
_IDLE = 30.0
"""Seconds for which a connection without a request stays open."""
_open: dict[str, dict[BoundedProtocol, None]] = {}
"""Connections by address, oldest first."""


def with_origin_form(app: ASGIApp) -> ASGIApp:
    """Take the path out of ``GET http://host/path``, which a server must accept (RFC 9112, section 3.2.2)."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        scheme, absolute, rest = scope.get("raw_path", b"").partition(b"://")
        if absolute and scheme.lower() in (b"http", b"https"):
            raw_path = b"/" + rest.partition(b"/")[2]
            scope = {**scope, "raw_path": raw_path, "path": unquote(raw_path.decode("latin-1"))}
        await app(scope, receive, send)

    return call


class BoundedProtocol(H11Protocol):
    """One connection."""

    _arriving: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _caller = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._caller = self.client[0] if self.client else ""
        others = _open.setdefault(self._caller, {})
        if len(others) >= PER_CALLER:
            _make_room(others)
        others[self] = None
        self._arriving = self._abort_after(ARRIVES_WITHIN)

    def connection_lost(self, exc: Exception | None) -> None:
        others = _open.get(self._caller, {})
        others.pop(self, None)
        if not others:
            _open.pop(self._caller, None)
        self._disarm()
        self._read_on()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._unread is None:
            self._unread = self._abort_after(READS_WITHIN)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._read_on()

    @property
    def is_waiting(self) -> bool:
        """Whether no answer is in progress."""
        return self.cycle is None or self.cycle.response_complete

    def _read_on(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _watch(self) -> None:
        """Run the timer only while a request is incomplete."""
        state, (waiting, _ended) = self.conn.their_state, self.conn.trailing_data
        if state is h11.SEND_BODY or (state is h11.IDLE and waiting):
            if self._arriving is None:
                self._arriving = self._abort_after(ARRIVES_WITHIN)
        else:
            self._disarm()

    def _disarm(self) -> None:
        if self._arriving is not None:
            self._arriving.cancel()
            self._arriving = None

    def _abort_after(self, seconds: float) -> asyncio.TimerHandle:
        return self.loop.call_later(seconds, self.abort)

    def abort(self) -> None:
        """Close the connection at once."""
        transport: Any = self.transport
        transport.abort()


def _make_room(connections: dict[BoundedProtocol, None]) -> None:
    """Close the oldest idle connection, or else the oldest one."""
    victim = next((one for one in connections if one.is_waiting), next(iter(connections)))
    connections.pop(victim)
    victim.abort()


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
