"""WebSocket: does the server switch to it, and does what it says match? (RFC 6455)"""

from __future__ import annotations

import hashlib
import os
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import ClassVar

from monitor.errors import ProbeError
from monitor.fields import key
from monitor.judge.assertions import about, hold
from monitor.judge.expectations import CERTIFICATE, LATENCY, REPLY, Expectation
from monitor.model import HttpFacts, Reason
from monitor.probes._web import WebProbe
from monitor.redact import shown
from monitor.text import decode, plain
from monitor.trace import Trace
from monitor.wire.connection import Connection
from monitor.wire.http1 import HEAD_LIMIT, ResponseReader
from monitor.wire.messages import Request, Response
from monitor.wire.ration import Ration

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_LONGEST = 1 << 20
_FRAME = 2
"""Bytes that a frame takes besides its payload, at least."""
"""Bytes of one message that we read."""
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0, 1, 2, 8, 9, 10
_SWITCHING = 101


@dataclass(frozen=True, kw_only=True)
class WebSocket(WebProbe):
    """Upgrades to WebSocket; says and hears something on it where the config asks for it."""

    kind: ClassVar[str] = "websocket"
    schemes: ClassVar[tuple[str, ...]] = ("ws", "wss")
    plain_scheme: ClassVar[str] = "ws"
    expectations: ClassVar[Mapping[str, Expectation]] = {
        "latency": LATENCY,
        "reply": REPLY,
        "certificate": CERTIFICATE,
    }

    send: str | None = key("Text message to send once connected.", default=None, example="ping")

    def make_request(self) -> Request:
        headers = (
            *self.own_headers(),
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Version", "13"),
        )
        return Request(method="GET", url=self.web_url, headers=headers)

    async def check(self, trace: Trace) -> str:
        trace.asked = self.request.told("1.1", self.target) + (f"\n\n{shown(self.send)}" if self.send else "")
        with await self.connect(trace) as connection:
            if self.secure_scheme:
                await self.secure(connection, trace)
            trace.enter("wait")
            await self._upgrade(connection, trace)
            if self.send is not None:
                await connection.write(_frame(_TEXT, self.send.encode()))
            if about("reply", trace.assertions):
                await _hear(connection, trace)
            trace.enter(None)
            await connection.farewell(_frame(_CLOSE, (1000).to_bytes(2, "big")))
        return trace.settled or "101 Switching Protocols"

    async def _upgrade(self, connection: Connection, trace: Trace) -> None:
        nonce = b64encode(os.urandom(16)).decode()
        own = f"Sec-WebSocket-Key: {nonce}\r\n\r\n".encode()
        await connection.write(self.request.http1.removesuffix(b"\r\n") + own)
        reader = ResponseReader("HEAD", 0)
        reader.feed(await connection.read_until(b"\r\n\r\n", HEAD_LIMIT))
        response = reader.response()
        trace.http = HttpFacts(status=response.status, version=f"HTTP/{response.version}")
        trace.answer = response.told(None, 0)
        _check_switched(response, nonce)


def _check_switched(response: Response, nonce: str) -> None:
    if response.status != _SWITCHING:
        refused = response.status in (401, 403)
        reason = Reason.AUTH_ERROR if refused else Reason.PROTOCOL_ERROR
        raise ProbeError(reason, f"the server answered {response.line} instead of switching to WebSocket")
    digest = hashlib.sha1((nonce + _GUID).encode(), usedforsecurity=False).digest()
    if response.header("sec-websocket-accept") != b64encode(digest).decode():
        raise ProbeError(
            Reason.PROTOCOL_ERROR, "the server's Sec-WebSocket-Accept is not the answer to our key"
        )


async def _hear(connection: Connection, trace: Trace) -> None:
    """Take messages until one satisfies what is asked; else the last one is judged."""
    asked, ration = about("reply", trace.assertions), Ration()
    while (message := await _message(connection, ration)) is not None:
        trace.enter("transfer")
        trace.facts["reply"] = said = decode(message)
        trace.settled = plain(said.partition("\n")[0]) or "an empty message"
        if hold(asked, trace.facts):
            return


# ── frames (RFC 6455, section 5) ────────────────────────────────────────────────────────────────


async def _message(connection: Connection, ration: Ration) -> bytes | None:
    """The next message, of one frame or several; None when the server closes."""
    parts: list[bytes] = []
    room = _LONGEST
    while True:
        final, opcode, payload = await _read_frame(connection, room)
        room -= len(payload) if opcode in (_TEXT, _BINARY, _CONTINUATION) else 0
        await ration.take(len(payload) + _FRAME)
        if opcode == _CLOSE:
            return None
        if opcode == _PING:
            await connection.write(_frame(_PONG, payload))
        elif opcode in (_TEXT, _BINARY, _CONTINUATION) and (opcode == _CONTINUATION) is bool(parts):
            parts.append(payload)
            if final:
                return b"".join(parts)
        elif opcode != _PONG:
            raise ProbeError(Reason.PROTOCOL_ERROR, f"the server sent a frame out of order (opcode {opcode})")


async def _read_frame(connection: Connection, room: int) -> tuple[bool, int, bytes]:
    first, second = await connection.read_exactly(2)
    length = second & 0x7F
    if length >= 126:
        length = int.from_bytes(await connection.read_exactly(2 if length == 126 else 8), "big")
    if first & 0x70 or second & 0x80:
        raise ProbeError(Reason.PROTOCOL_ERROR, "the server sent what is no WebSocket frame")
    if length > room:
        raise ProbeError(Reason.PROTOCOL_ERROR, f"the server's message is longer than {_LONGEST} bytes")
    return bool(first & 0x80), first & 0x0F, await connection.read_exactly(length)


def _frame(opcode: int, payload: bytes) -> bytes:
    """One whole message, masked as a client's have to be."""
    size, mask = len(payload), os.urandom(4)
    if size < 126:
        head = bytes([0x80 | opcode, 0x80 | size])
    elif size < 1 << 16:
        head = bytes([0x80 | opcode, 0x80 | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([0x80 | opcode, 0x80 | 127]) + size.to_bytes(8, "big")
    return head + mask + bytes(byte ^ key for byte, key in zip(payload, cycle(mask), strict=False))
