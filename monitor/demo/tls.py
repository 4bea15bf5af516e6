"""TLS temperaments: ways in which a listener treats a handshake."""

from __future__ import annotations

import ssl
import warnings
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from monitor.demo.certs import Authority
from monitor.demo.server import Handler, hang_up, reset, serve, until_gone


async def plain(reader: StreamReader, writer: StreamWriter) -> None:
    """Speaks plain text on a port where TLS is expected."""
    await reader.read(1)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    await hang_up(reader, writer)


async def stall(reader: StreamReader, writer: StreamWriter) -> None:  # noqa: ARG001 -- a handler's shape
    """Takes the ClientHello and never answers."""
    await until_gone(reader)


async def cut(reader: StreamReader, writer: StreamWriter) -> None:
    """Closes in the middle of the handshake."""
    await reader.read(1)
    await hang_up(reader, writer)


async def reset_in_handshake(reader: StreamReader, writer: StreamWriter) -> None:
    await reader.read(1)
    reset(writer)


async def alert(reader: StreamReader, writer: StreamWriter) -> None:
    """Refuses with a fatal handshake_failure alert (RFC 5246, 7.2)."""
    await reader.read(1)
    writer.write(bytes((21, 3, 3, 0, 2, 2, 40)))
    await hang_up(reader, writer)


BROKEN: Mapping[str, Handler] = {
    "plain": plain,
    "stall": stall,
    "cut": cut,
    "reset": reset_in_handshake,
    "alert": alert,
}
"""Handlers for a bare TCP port on which the client begins a handshake."""


def only(context: ssl.SSLContext, version: ssl.TLSVersion) -> ssl.SSLContext:
    """``context``, for one protocol version; old ones need OpenSSL's security level lowered."""
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # deprecated versions are the purpose
        context.minimum_version = context.maximum_version = version
    return context


def demanding(authority: Authority) -> ssl.SSLContext:
    """Wants a client certificate of the same authority, within the handshake (so no TLS 1.3)."""
    context = authority.server_context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.ca)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


CONTEXTS: Mapping[str, Callable[[Authority], ssl.SSLContext]] = {
    "tls1.0": lambda authority: only(authority.server_context(), ssl.TLSVersion.TLSv1),
    "tls1.1": lambda authority: only(authority.server_context(), ssl.TLSVersion.TLSv1_1),
    "tls1.2": lambda authority: only(authority.server_context(), ssl.TLSVersion.TLSv1_2),
    "tls1.3": lambda authority: only(authority.server_context(), ssl.TLSVersion.TLSv1_3),
    "client-cert": demanding,
}
"""Listeners that complete a handshake with acceptable clients; for certificates see :mod:`certs`."""


STRICT: Mapping[str, Callable[[Authority], ssl.SSLContext]] = {
    f"strict-{name}": context for name, context in CONTEXTS.items()
}
"""The same, but they send an alert to other clients (asyncio just closes)."""


def by_hand(context: ssl.SSLContext) -> Handler:
    """Make a handshake, and send the alert if it fails."""

    async def handle(reader: StreamReader, writer: StreamWriter) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        server = context.wrap_bio(incoming, outgoing, server_side=True)
        while not _shaken(server) and (data := await _exchange(reader, writer, outgoing)):
            incoming.write(data)
        writer.write(outgoing.read())
        await hang_up(reader, writer)

    return handle


def _shaken(server: ssl.SSLObject) -> bool:
    """Whether the handshake is over, successful or not."""
    try:
        server.do_handshake()
    except ssl.SSLWantReadError:
        return False
    except ssl.SSLError:
        return True  # the alert waits to be sent
    return True


async def _exchange(reader: StreamReader, writer: StreamWriter, outgoing: ssl.MemoryBIO) -> bytes:
    writer.write(outgoing.read())
    return await reader.read(65536)


@asynccontextmanager
async def serve_tls(authority: Authority, name: str, handler: Handler) -> AsyncIterator[int]:
    """A TLS server of a kind of certificate or of :data:`CONTEXTS`, or a broken one; yields the port."""
    if name in BROKEN:
        running = serve(BROKEN[name])
    elif name in STRICT:
        running = serve(by_hand(STRICT[name](authority)))
    elif name in CONTEXTS:
        running = serve(handler, tls=CONTEXTS[name](authority))
    else:
        running = serve(handler, tls=authority.server_context(name))
    async with running as port:
        yield port
