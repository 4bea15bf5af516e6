"""Messages over an open WebSocket, held against the library's own server side."""

from __future__ import annotations

import asyncio
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.protocol import OPEN, SERVER, Protocol

from monitor.errors import ProbeError
from monitor.wire.connection import Connection
from monitor.wire.websocket import Talk


def peers() -> tuple[Connection, socket.socket, Protocol]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    return Connection(ours), theirs, Protocol(SERVER, state=OPEN)


async def heard(talk: Talk) -> list[bytes]:
    return [message async for message in talk.messages()]


@given(st.lists(st.binary(max_size=400), max_size=5), st.integers(0, 300))
def test_every_message_arrives_whatever_came_with_the_upgrade(messages: list[bytes], ahead: int) -> None:
    async def run() -> None:
        connection, theirs, server = peers()
        for message in messages:
            server.send_binary(message, fin=False)
            server.send_ping(b"there?")
            server.send_continuation(b"!", fin=True)
        server.send_close(1000)
        data = b"".join(server.data_to_send())
        with connection, theirs:
            theirs.sendall(data[ahead:])
            assert await heard(Talk(connection, data[:ahead])) == [message + b"!" for message in messages]

    asyncio.run(run())


async def test_what_we_say_arrives_and_so_does_the_goodbye() -> None:
    connection, theirs, server = peers()
    with connection, theirs:
        talk = Talk(connection, b"")
        await talk.send("x" * 70_000 + "é")
        await talk.close()
        connection.close()
        while data := theirs.recv(65536):
            server.receive_data(data)
    text, closing = server.events_received()
    assert bytes(text.data).decode() == "x" * 70_000 + "é"  # type: ignore[union-attr]
    assert bytes(closing.data) == (1000).to_bytes(2, "big")  # type: ignore[union-attr]


async def test_pings_are_answered() -> None:
    connection, theirs, server = peers()
    with connection, theirs:
        server.send_ping(b"there?")
        server.send_close(1000)
        theirs.sendall(b"".join(server.data_to_send()))
        talk = Talk(connection, b"")
        assert await heard(talk) == []
        await talk.close()
        server.receive_data(theirs.recv(65536))
    assert b"there?" in [bytes(frame.data) for frame in server.events_received()]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "data",
    [
        b"\xc1\x00",
        b"\x81\x80abcd",
        b"\x80\x01x",
        b"\x01\x01x\x81\x01y",
        b"\x82\x7f" + b"\xff" * 8,
        b"\x81\x05x",
    ],
)
async def test_what_breaks_the_protocol_is_an_error(data: bytes) -> None:
    connection, theirs, _ = peers()
    with connection, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(ProbeError):
            await heard(Talk(connection, b""))
