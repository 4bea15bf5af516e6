"""An HTTP/1.1 server, written on bare streams so that it can break the protocol precisely.

The path of the request picks the temperament, its query the details: ``/slow?ms=300``.
"""

from __future__ import annotations

import asyncio
import time
from asyncio import StreamReader, StreamWriter
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from monitor.demo.server import Handler

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Request:
    """The client's request; header names are lower-case."""

    method: str
    target: str
    version: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))

    def number(self, name: str, default: float) -> float:
        """A number from the query; an invalid one counts as missing."""
        try:
            return float(self.query[name])
        except (KeyError, ValueError):
            return default

    @property
    def keeps_alive(self) -> bool:
        return self.version == "HTTP/1.1" and self.headers.get("connection", "").lower() != "close"


@dataclass
class Memory:
    """The state that a server keeps between requests."""

    started: float = field(default_factory=time.monotonic)
    seen: Counter[str] = field(default_factory=Counter)
    """Target -> the number of requests for it."""


@dataclass
class Exchange:
    """One request, and the means to answer it well or badly."""

    request: Request
    reader: StreamReader
    writer: StreamWriter
    memory: Memory
    last: bool = False
    """Close the connection after this answer."""

    async def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def send(
        self, status: int = 200, body: bytes = b"ok\n", headers: Headers = (), *, phrase: str | None = None
    ) -> None:
        """Send a correct answer."""
        length = () if status in (204, 304) else (("Content-Length", str(len(body))),)
        close = () if self.request.keeps_alive and not self.last else (("Connection", "close"),)
        await self.raw(head(status, (*headers, *length, *close), phrase))
        if length and self.request.method != "HEAD":
            await self.raw(body)


Route = Callable[[Exchange], Awaitable[None]]


def head(status: int, headers: Headers = (), phrase: str | None = None) -> bytes:
    """A status line and headers."""
    said = HTTPStatus(status).phrase if phrase is None else phrase
    lines = [f"HTTP/1.1 {status} {said}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("utf-8")


def application(routes: Mapping[str, Route], memory: Memory | None = None) -> Handler:
    """A connection handler that answers by ``routes``, path by path."""
    remembered = memory or Memory()

    async def handle(reader: StreamReader, writer: StreamWriter) -> None:
        while (request := await read_request(reader)) is not None:
            exchange = Exchange(request, reader, writer, remembered)
            await routes.get(request.path, not_found)(exchange)
            if exchange.last or not request.keeps_alive or writer.is_closing():
                return

    return handle


async def not_found(exchange: Exchange) -> None:
    await exchange.send(404, b"no such temperament\n")


async def read_request(reader: StreamReader) -> Request | None:
    """The next request; None if the client closed instead, or sent no valid request."""
    try:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, version = lines[0].split(" ")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        return None
    fields = (line.partition(":") for line in lines[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
    body = await _read_body(reader, headers)
    return Request(method=method, target=target, version=version, headers=headers, body=body)


async def _read_body(reader: StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return await _read_chunks(reader)
    return await reader.readexactly(int(headers.get("content-length", "0")))


async def _read_chunks(reader: StreamReader) -> bytes:
    body = bytearray()
    while size := int((await reader.readline()).partition(b";")[0], 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return bytes(body)
