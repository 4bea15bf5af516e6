"""Packets to this machine itself; the ones through routers are in the test of traces."""

from __future__ import annotations

import asyncio
import socket

import pytest

from monitor.errors import LocalError
from monitor.judge.path_trace import Answer
from monitor.model.path import PathProtocol
from monitor.wire import icmp
from monitor.wire.path_packets import Connections, open_packets
from monitor.wire.resolve import Address

Heard = tuple[int, str, Answer]


def unused_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


async def answers(protocol: PathProtocol, port: int, count: int = 1) -> list[Heard]:
    heard: list[Heard] = []
    enough = asyncio.Event()

    def note(ttl: int, address: str, trip_ms: float, answer: Answer) -> None:
        assert trip_ms >= 0
        heard.append((ttl, address, answer))
        if len(heard) == count:
            enough.set()

    packets = open_packets(protocol, Address(socket.AF_INET, ("127.0.0.1", port)), note)
    try:
        for ttl in range(1, count + 1):
            packets.send(ttl)
        async with asyncio.timeout(5):
            await enough.wait()
    finally:
        packets.close()
    return heard


@pytest.mark.parametrize("protocol", [PathProtocol.TCP, PathProtocol.ICMP, PathProtocol.UDP])
async def test_each_packet_is_answered_by_the_target(protocol: PathProtocol) -> None:
    heard = await answers(protocol, unused_port(), 3)
    assert sorted(ttl for ttl, _, _ in heard) == [1, 2, 3]
    assert all(address == "127.0.0.1" and answer.is_target for _, address, answer in heard)


async def test_a_connection_that_stands_is_closed_at_once() -> None:
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.read() == b""
        ended.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        ((_, _, answer),) = await answers(PathProtocol.TCP, server.sockets[0].getsockname()[1])
        async with asyncio.timeout(5):
            await ended.wait()
    assert answer == Answer("the port is open", is_target=True)


def _unexpected(*_: object) -> None:
    pytest.fail("there is an answer")


async def test_closing_ends_what_is_under_way() -> None:
    packets = Connections(Address(socket.AF_INET, ("127.0.0.1", unused_port())), _unexpected)
    packets.send(1)
    packets.close()
    await asyncio.sleep(0)
    assert not packets._open


async def test_where_errors_have_no_queue_nothing_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "REPORTS_ERRORS", False)
    with pytest.raises(LocalError, match="on Linux only"):
        open_packets(PathProtocol.TCP, Address(socket.AF_INET, ("127.0.0.1", 9)), lambda *_: None)
