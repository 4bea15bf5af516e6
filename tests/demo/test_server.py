import asyncio
import socket
from asyncio import StreamReader, StreamWriter

import pytest

from monitor.demo.server import hang_up, refused, reset, serve, serve_datagrams, unaccepted, until_gone


async def _greets(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(b"hello\n")


async def test_a_handler_serves_each_connection_until_it_returns():
    async with serve(_greets) as port:
        for _ in range(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await reader.read() == b"hello\n"
            writer.close()


async def test_leaving_ends_connections_that_would_never_end():
    attended = asyncio.Event()

    async def hangs(reader: StreamReader, writer: StreamWriter) -> None:
        attended.set()
        await until_gone(reader)

    async with serve(hangs) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await attended.wait()
    assert await reader.read() == b""
    writer.close()


async def test_a_reset_is_a_reset():
    async def resets(reader: StreamReader, writer: StreamWriter) -> None:
        reset(writer)

    async with serve(resets) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()


async def test_hanging_up_is_an_end_and_never_a_reset_even_while_the_client_talks():
    async with serve(hang_up) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x" * 100_000)
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_datagrams_are_answered_or_not():
    async def shouts(data: bytes) -> bytes | None:
        return data.upper() if data != b"psst" else None

    loop = asyncio.get_running_loop()
    async with serve_datagrams(shouts) as port:
        with socket.socket(type=socket.SOCK_DGRAM) as client:
            client.setblocking(False)
            client.connect(("127.0.0.1", port))
            client.send(b"psst")
            client.send(b"hey")
            assert await loop.sock_recv(client, 100) == b"HEY"


def test_a_refused_port_refuses():
    with refused() as port, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_on_an_unaccepted_port_connecting_does_not_end():
    with unaccepted() as port, pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", port), timeout=0.2)
