"""WebSocket (RFC 6455): the upgrade, and the server's messages."""

from __future__ import annotations

import hashlib
import os
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from monitor.errors import ProbeError
from monitor.fields import key
from monitor.judge.assertions import about, hold
from monitor.judge.expectations import CERTIFICATE, LATENCY, REPLY, Expectation
from monitor.model import HttpFacts, Reason
from monitor.probes._web import WebProbe
from monitor.redact import shown
from monitor.text import decode, plain
from monitor.trace import Phase, Trace
from monitor.wire.connection import Connection
from monitor.wire.http1 import ResponseReader
from monitor.wire.messages import Request, Response

if TYPE_CHECKING:
    from monitor.wire.websocket import Talk

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
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

    def prepare(self) -> None:
        super().prepare()
        import monitor.wire.websocket  # noqa: F401 -- takes 30 ms the first time

    async def check(self, trace: Trace) -> str:
        from monitor.wire.websocket import Talk

        message = f"\n\n{shown(self.send)}" if self.send else ""
        trace.asked = self.request.as_text("1.1", self.target) + message
        with await self.connect(trace) as connection:
            if self.secure_scheme:
                await self.secure(connection, trace)
            trace.enter(Phase.WAIT)
            talk = Talk(connection, await self._upgrade(connection, trace))
            if self.send is not None:
                await talk.send(self.send)
            if about("reply", trace.assertions):
                await _hear(talk, trace)
            trace.finish()
            await talk.close()
        return trace.settled or "101 Switching Protocols"

    async def _upgrade(self, connection: Connection, trace: Trace) -> bytes:
        """Switch to WebSocket. Return the bytes that the server sent behind its answer."""
        from monitor.wire.websocket import PIECE

        nonce = b64encode(os.urandom(16)).decode()
        own = f"Sec-WebSocket-Key: {nonce}\r\n\r\n".encode()
        await connection.write(self.request.http1.removesuffix(b"\r\n") + own)
        reader = ResponseReader("HEAD", 0)
        while not reader.feed(await connection.read(PIECE)):
            pass
        response = reader.response()
        trace.http = HttpFacts(status=response.status, version=f"HTTP/{response.version}")
        trace.answer = response.as_text(None, 0)
        trace.notes += response.notes
        _check_switched(response, nonce)
        return reader.rest


def _check_switched(response: Response, nonce: str) -> None:
    if response.status != _SWITCHING:
        refused = response.status in (401, 403)
        reason = Reason.AUTH_ERROR if refused else Reason.PROTOCOL_ERROR
        raise ProbeError(reason, f"the server answered {response.line} instead of switching to WebSocket")
    if (response.header("upgrade") or "").lower() != "websocket":
        raise ProbeError(Reason.PROTOCOL_ERROR, "the server switches to another protocol than WebSocket")
    digest = hashlib.sha1((nonce + _GUID).encode(), usedforsecurity=False).digest()
    if response.header("sec-websocket-accept") != b64encode(digest).decode():
        raise ProbeError(
            Reason.PROTOCOL_ERROR, "the server's Sec-WebSocket-Accept is not the answer to our key"
        )


async def _hear(talk: Talk, trace: Trace) -> None:
    """Read messages until one satisfies the assertions; otherwise the last one is judged."""
    asked = about("reply", trace.assertions)
    async for message in talk.messages():
        trace.enter(Phase.TRANSFER)
        trace.facts["reply"] = said = decode(message)
        trace.settled = plain(said.partition("\n")[0]) or "an empty message"
        if hold(asked, trace.facts):
            return
