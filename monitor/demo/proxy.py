"""Proxies: forwarding and CONNECT for HTTP (RFC 9110, 7.3.2 and 9.3.6), and SOCKS 5 (RFC 1928, 1929)."""

from __future__ import annotations

import asyncio
import base64
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from urllib.parse import urlsplit

from monitor.demo.http import Request, head, read_request
from monitor.demo.server import Handler

Login = tuple[str, str]


def http_proxy(login: Login | None = None) -> Handler:
    """A forward proxy; with ``login`` it wants Basic credentials."""

    async def handle(reader: StreamReader, writer: StreamWriter) -> None:
        request = await read_request(reader)
        if request is None:
            return
        if not _may_pass(request, login):
            challenge = (("Proxy-Authenticate", 'Basic realm="demo"'), ("Content-Length", "0"))
            writer.write(head(407, challenge))
        elif request.method == "CONNECT":
            await _tunnel(request, reader, writer)
        else:
            await _forward(request, reader, writer)

    return handle


async def refusing(reader: StreamReader, writer: StreamWriter) -> None:
    """An HTTP proxy that refuses every client."""
    await read_request(reader)
    writer.write(head(403, (("Content-Length", "0"),)))


def _may_pass(request: Request, login: Login | None) -> bool:
    if login is None:
        return True
    wanted = base64.b64encode(":".join(login).encode()).decode()
    return request.headers.get("proxy-authorization") == f"Basic {wanted}"


async def _tunnel(request: Request, reader: StreamReader, writer: StreamWriter) -> None:
    host, _, port = request.target.rpartition(":")
    try:
        async with _reaching(host.strip("[]"), int(port)) as (answers, asks):
            writer.write(head(200, phrase="Connection established"))
            await _splice(reader, writer, answers, asks)
    except OSError:
        writer.write(head(502, (("Content-Length", "0"),)))


async def _forward(request: Request, reader: StreamReader, writer: StreamWriter) -> None:
    url = urlsplit(request.target)
    kept = {name: value for name, value in request.headers.items() if name not in _OF_THIS_HOP}
    lines = [f"{request.method} {url.path or '/'}{'?' + url.query if url.query else ''} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in kept.items()]
    lines += ["via: 1.1 demo", "connection: close", "", ""]
    try:
        async with _reaching(url.hostname or "", url.port or 80) as (answers, asks):
            asks.write("\r\n".join(lines).encode("latin-1") + request.body)
            await _splice(reader, writer, answers, asks)
    except OSError:
        writer.write(head(502, (("Content-Length", "0"),)))


_OF_THIS_HOP = frozenset({"connection", "proxy-connection", "proxy-authorization", "keep-alive"})


def socks5(login: Login | None = None) -> Handler:
    """A SOCKS 5 proxy for CONNECT; with ``login`` it wants a user and a password."""

    async def handle(reader: StreamReader, writer: StreamWriter) -> None:
        if await _admit(reader, writer, login):
            await _socks_connect(reader, writer)

    return handle


_NO_LOGIN, _PASSWORD, _NONE_WILL_DO = 0, 2, 0xFF


async def _admit(reader: StreamReader, writer: StreamWriter, login: Login | None) -> bool:
    _, count = await reader.readexactly(2)
    offered = await reader.readexactly(count)
    method = _NO_LOGIN if login is None else _PASSWORD
    if method not in offered:
        writer.write(bytes((5, _NONE_WILL_DO)))
        return False
    writer.write(bytes((5, method)))
    return login is None or await _logged_in(reader, writer, login)


async def _logged_in(reader: StreamReader, writer: StreamWriter, login: Login) -> bool:
    await reader.readexactly(1)
    given = (await _counted(reader), await _counted(reader))
    welcome = given == (login[0].encode(), login[1].encode())
    writer.write(bytes((1, 0 if welcome else 1)))
    return welcome


async def _socks_connect(reader: StreamReader, writer: StreamWriter) -> None:
    _, _, _, kind = await reader.readexactly(4)
    host = await _socks_address(reader, kind)
    port = int.from_bytes(await reader.readexactly(2), "big")
    try:
        async with _reaching(host, port) as (answers, asks):
            writer.write(_socks_reply(0))
            await _splice(reader, writer, answers, asks)
    except OSError:
        writer.write(_socks_reply(5))


def _socks_reply(code: int) -> bytes:
    return bytes((5, code, 0, 1, 0, 0, 0, 0, 0, 0))


async def _socks_address(reader: StreamReader, kind: int) -> str:
    if kind == 3:
        return (await _counted(reader)).decode("idna")
    return str(ip_address(await reader.readexactly(4 if kind == 1 else 16)))


async def _counted(reader: StreamReader) -> bytes:
    return await reader.readexactly((await reader.readexactly(1))[0])


@asynccontextmanager
async def _reaching(host: str, port: int) -> AsyncIterator[tuple[StreamReader, StreamWriter]]:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def _splice(
    reader: StreamReader, writer: StreamWriter, answers: StreamReader, asks: StreamWriter
) -> None:
    """Copy both ways until the far side ends; then nothing more can come."""
    sending = asyncio.create_task(_copy(reader, asks))
    try:
        await _copy(answers, writer)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _copy(source: StreamReader, sink: StreamWriter) -> None:
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()
    if sink.can_write_eof():
        sink.write_eof()
