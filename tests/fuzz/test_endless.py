"""Peers that never stop sending: the check ends in time, and others get their turn meanwhile."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AbstractContextManager, suppress

import pytest
import seeds
from one_client import serving

from monitor.checks.run_probe import run_probe
from monitor.judge.expectations import REPLY
from monitor.model import Reason
from monitor.probe import BaseProbe
from monitor.probes.grpc import Grpc
from monitor.probes.http import Http
from monitor.probes.postgres import Postgres
from monitor.probes.tcp import Tcp
from monitor.probes.tls import Tls
from monitor.probes.websocket import WebSocket

TIMEOUT = 0.2
NEVER = REPLY.compile("expect.reply", {"contains": "never"})
SETTINGS = b"\0\0\0\4\0\0\0\0\0"
PING = b"\0\0\x08\6\0\0\0\0\0" + bytes(8)
EMPTY_DATA = b"\0\0\0\0\0\0\0\0\1"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
NOTICE = seeds._postgres(b"N", b"SNOTICE\0\0")


def endless(lead: bytes, piece: bytes) -> AbstractContextManager[int]:
    """A server that says ``lead`` and then ``piece`` for ever."""

    def talk(client: socket.socket) -> None:
        client.settimeout(0.05)
        first = lead
        with suppress(TimeoutError):
            first = seeds.accepted(client.recv(65536), lead)
        client.settimeout(10)
        client.sendall(first)
        while True:
            client.sendall(piece * (65536 // len(piece)))

    return serving(talk)


CASES = {
    "informational responses": (Http, "http", b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "headers": (Http, "http", b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "chunk extensions": (Http, "http", CHUNKED + b"1;a=", b"a"),
    "trailers": (Http, "http", CHUNKED + b"0\r\n", b"T: x\r\n"),
    "HTTP/2 settings": (Grpc, "grpc", b"", SETTINGS),
    "HTTP/2 pings": (Grpc, "grpc", SETTINGS, PING),
    "HTTP/2 data without data": (Grpc, "grpc", seeds.http2()[:-11], EMPTY_DATA),
    "empty fragments": (WebSocket, "ws", seeds.WEBSOCKET[0][:-7] + b"\x01\x00", b"\0\0"),
    "WebSocket pings": (WebSocket, "ws", seeds.WEBSOCKET[0][:-7], b"\x89\x00"),
    "WebSocket messages": (WebSocket, "ws", seeds.WEBSOCKET[0][:-7], b"\x81\x02hi"),
    "notices": (Postgres, "postgres", b"N", NOTICE),
    "bytes": (Tcp, "tcp", b"", b"x"),
    "HelloRequests in a handshake": (Tls, "tls", b"", b"\x16\x03\x03\x00\x04\x00\x00\x00\x00"),
    "half HelloRequests in a handshake": (Tls, "tls", b"", b"\x16\x03\x03\x00\x01\x00"),
}


@pytest.mark.parametrize("case", CASES)
async def test_a_peer_that_never_stops_keeps_nobody_waiting(case: str) -> None:
    make, scheme, lead, piece = CASES[case]
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    with endless(lead, piece) as port:
        probe: BaseProbe = make(url=f"{scheme}://127.0.0.1:{port}")
        counting = asyncio.create_task(count())
        seen = await run_probe(probe, TIMEOUT, NEVER)
        counting.cancel()
    assert seen.reason is not Reason.LOCAL_ERROR
    assert turns > 10 or seen.reason is Reason.PROTOCOL_ERROR  # it was seen through at once
