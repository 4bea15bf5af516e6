"""A small HTTP/1.1 server for the address that ``[monitor] listen`` names.

h11 reads and writes the protocol; what is answered is a function of the request. Whoever calls is
not trusted: headers, bodies, time and the number of callers are bounded.
"""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import h11

HEADER_LIMIT = 16384
BODY_LIMIT = 65536
"""Bytes of a request's body that are read; nothing is made of them."""
PATIENCE = 10.0
"""Seconds for a request to arrive, or for the next one to begin."""
CALLERS = 256
"""Connections at once."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. Path and query are decoded; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answered:
    """A response: its status, and a body of plain text."""

    status: int
    text: str
    headers: tuple[tuple[str, str], ...] = ()


Respond = Callable[[Asked], Answered]


class WebServer:
    """Answers HTTP on one address."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond
        self._callers: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> int:
        """Begin to listen, on every address for an empty ``host``; the port. OSError when that cannot be."""
        self._server = await asyncio.start_server(self._called, host or None, port, limit=HEADER_LIMIT)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        """Hang up on everybody."""
        if self._server is not None:
            self._server.close()
        for caller in self._callers:
            caller.cancel()
        if self._callers:
            await asyncio.wait(self._callers)

    def _called(self, reader: StreamReader, writer: StreamWriter) -> None:
        if len(self._callers) >= CALLERS:
            writer.close()
            return
        task = asyncio.create_task(self._attend(reader, writer))
        self._callers.add(task)
        task.add_done_callback(self._callers.discard)

    async def _attend(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            with suppress(OSError, TimeoutError):
                await _Conversation(reader, writer, self._respond).hold()
        finally:
            writer.close()


class _Conversation:
    """One connection: requests and their answers."""

    def __init__(self, reader: StreamReader, writer: StreamWriter, respond: Respond) -> None:
        self._reader = reader
        self._writer = writer
        self._respond = respond
        self._bodiless = False
        """The request under way wants the headers only."""
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEADER_LIMIT)

    async def hold(self) -> None:
        """Answer until either side has had enough."""
        while self._http.states == {h11.CLIENT: h11.IDLE, h11.SERVER: h11.IDLE}:
            try:
                async with asyncio.timeout(PATIENCE):
                    answered = await self._next()
            except h11.RemoteProtocolError as error:
                answered = Answered(error.error_status_hint, "that is no HTTP request\n")
            if answered is None:
                return
            async with asyncio.timeout(PATIENCE):
                await self._say(answered)
            if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
                self._http.start_next_cycle()

    async def _next(self) -> Answered | None:
        """The answer to the next request; None when there is no more."""
        request = await self._event()
        if not isinstance(request, h11.Request):
            return None
        self._bodiless = request.method == b"HEAD"
        taken = 0
        while isinstance(event := await self._event(), h11.Data):
            taken += len(event.data)
            if taken > BODY_LIMIT:
                return Answered(413, "that is too much\n", (("Connection", "close"),))
        try:
            return self._respond(_asked(request))
        except ValueError:  # a target that is no URL
            return Answered(400, "that is no address here\n")

    async def _event(self) -> Any:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[], reason="Continue")
                await self._send(go_on)
            self._http.receive_data(await self._reader.read(HEADER_LIMIT))
        return event

    async def _say(self, answered: Answered) -> None:
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        body = answered.text.encode()
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            *answered.headers,
        ]
        phrase = HTTPStatus(answered.status).phrase
        await self._send(h11.Response(status_code=answered.status, headers=headers, reason=phrase))
        if not self._bodiless:
            await self._send(h11.Data(data=body))
        await self._send(h11.EndOfMessage())

    async def _send(self, event: Any) -> None:
        self._writer.write(self._http.send(event) or b"")
        await self._writer.drain()


def _asked(request: h11.Request) -> Asked:
    parts = urlsplit(request.target.decode("ascii", "replace"))
    return Asked(
        method=request.method.decode("ascii"),
        path=unquote(parts.path),
        query=dict(parse_qsl(parts.query)),
        headers={name.decode("ascii"): value.decode("latin-1") for name, value in request.headers},
    )
