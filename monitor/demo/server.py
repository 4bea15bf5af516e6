"""Starts servers in the running loop, with helpers for misbehaving ones."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

LOOPBACK = "127.0.0.1"

Handler = Callable[[StreamReader, StreamWriter], Awaitable[None]]
"""One connection, from accept to close."""

Replier = Callable[[bytes], Awaitable[bytes | None]]
"""One datagram -> the response, or None for silence."""


@asynccontextmanager
async def serve(
    handler: Handler, *, host: str = LOOPBACK, port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Run ``handler`` for every connection; yields the port. Leaving ends all connections at once."""
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.create_task(_attend(handler, reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, host, port, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await _end(tasks)


async def _attend(handler: Handler, reader: StreamReader, writer: StreamWriter) -> None:
    try:
        await handler(reader, writer)
        writer.close()
        await writer.wait_closed()
    except (OSError, EOFError):
        pass  # the client has left
    finally:
        writer.transport.abort()


async def _end(tasks: set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)  # an aborted transport closes its socket in the loop's next turn


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, reply: Replier) -> None:
        self._reply = reply
        self.tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        task = asyncio.ensure_future(self._answer(data, addr))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _answer(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = await self._reply(data)
        if answer is not None:
            self._transport.sendto(answer, addr)


@asynccontextmanager
async def serve_datagrams(reply: Replier, *, host: str = LOOPBACK, port: int = 0) -> AsyncIterator[int]:
    """Run ``reply`` for every datagram; yields the port."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(
        lambda: _Datagrams(reply), local_addr=(host, port)
    )
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()
        await _end(protocol.tasks)


@contextmanager
def refused(host: str = LOOPBACK) -> Iterator[int]:
    """A port that refuses connections for as long as this lasts: bound, so no other process gets it."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as bound:
        bound.bind((host, 0))
        yield bound.getsockname()[1]


@contextmanager
def unaccepted(host: str = LOOPBACK) -> Iterator[int]:
    """A port that never accepts connections: its backlog is full, so the kernel drops each SYN."""
    with socket.socket() as listener:
        listener.bind((host, 0))
        listener.listen(0)
        waiting = [_connecting(listener.getsockname()) for _ in range(4)]
        try:
            yield listener.getsockname()[1]
        finally:
            for client in waiting:
                client.close()


def _connecting(address: tuple[str, int]) -> socket.socket:
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(address)
    return client


def reset(writer: StreamWriter) -> None:
    """End the connection with a RST, as a crashed or firewalled peer does."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def until_gone(reader: StreamReader) -> None:
    """Say nothing and read everything until the client closes."""
    while await reader.read(65536):
        pass


async def hang_up(reader: StreamReader, writer: StreamWriter) -> None:
    """Close our side and wait for the client, so that it sees the end of the stream and no reset."""
    writer.write_eof()
    await until_gone(reader)
