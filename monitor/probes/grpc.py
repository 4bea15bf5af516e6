"""gRPC: does the standard health service say SERVING?

https://github.com/grpc/grpc/blob/master/doc/health-checking.md, spoken by hand over HTTP/2: the
two messages have one field each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar
from urllib.parse import unquote

from msgspec.structs import replace

from monitor.errors import ProbeError
from monitor.judge.expectations import CERTIFICATE, LATENCY, Expectation
from monitor.model import HttpFacts, Reason
from monitor.probes._web import WebProbe
from monitor.text import plain
from monitor.trace import Trace
from monitor.wire import http2
from monitor.wire.connection import Connection
from monitor.wire.messages import Request, Response
from monitor.wire.tls import ready_context

_METHOD = "/grpc.health.v1.Health/Check"
_LONGEST = 65536
_STATES = {0: "UNKNOWN", 1: "SERVING", 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}
_SERVING = 1
_CODES = {
    "5": (Reason.VALUE_MISMATCH, "the server does not know the service"),
    "7": (Reason.AUTH_ERROR, "permission denied"),
    "12": (Reason.PROTOCOL_ERROR, "the server has no health service"),
    "16": (Reason.AUTH_ERROR, "the server wants other credentials"),
}
"""gRPC's status code -> reason and message, for codes with a special meaning."""


@dataclass(frozen=True, kw_only=True)
class Grpc(WebProbe):
    """Asks ``grpc.health.v1.Health/Check`` for the service named in the URL's path."""

    kind: ClassVar[str] = "grpc"
    schemes: ClassVar[tuple[str, ...]] = ("grpc", "grpcs")
    plain_scheme: ClassVar[str] = "grpc"
    url_options: ClassVar[tuple[str, ...] | None] = ()
    expectations: ClassVar[Mapping[str, Expectation]] = {"latency": LATENCY, "certificate": CERTIFICATE}

    @cached_property
    def service(self) -> str:
        """Empty: the server as a whole."""
        return unquote(self.parts.path.strip("/"))

    def make_request(self) -> Request:
        headers = (*self.own_headers(), ("Content-Type", "application/grpc"), ("TE", "trailers"))
        url = self.web_url._replace(target=_METHOD)
        return Request(method="POST", url=url, headers=headers, body=_question(self.service))

    async def check(self, trace: Trace) -> str:
        trace.asked = f"{_METHOD} of {self.service or 'the whole server'}"
        with await self.connect(trace) as connection:
            if self.secure_scheme:
                await self._secure(connection, trace)
            response = await http2.exchange(connection, self.request, trace, _LONGEST)
        trace.http = HttpFacts(status=response.status, version="HTTP/2")
        trace.answer = replace(response, headers=response.headers + response.trailers).as_text(None, 0)
        state = _state(response)
        if state != _SERVING:
            name = _STATES.get(state, str(state))
            raise ProbeError(Reason.VALUE_MISMATCH, f"the health service says {name}")
        return "SERVING"

    async def _secure(self, connection: Connection, trace: Trace) -> None:
        trace.enter(None)
        made = ready_context(self.tls, ("h2",))
        trace.skip_gap()
        await connection.start_tls(made, self.tls.server_name or self.host, trace)


def _question(service: str) -> bytes:
    """A HealthCheckRequest in gRPC's framing: not compressed, four bytes of length."""
    name = service.encode()
    message = b"\x0a" + _varint(len(name)) + name if name else b""
    return b"\0" + len(message).to_bytes(4, "big") + message


def _varint(number: int) -> bytes:
    coded = bytearray()
    while number > 127:
        coded.append(number & 127 | 128)
        number >>= 7
    return bytes([*coded, number])


def _state(response: Response) -> int:
    """The field ``status`` of the HealthCheckResponse."""
    if response.status != 200:
        raise ProbeError(Reason.PROTOCOL_ERROR, f"the server answered {response.line}, which is no gRPC")
    fields = dict(response.headers) | dict(response.trailers)
    code = fields.get("grpc-status")
    if code != "0":
        unknown = (Reason.PROTOCOL_ERROR, f"gRPC status {plain(code or 'missing')}")
        reason, words = _CODES.get(code or "", unknown)
        said = plain(unquote(fields.get("grpc-message", "")))
        raise ProbeError(reason, f"{words} ({said})" if said else words)
    return _parsed(response.body)


def _parsed(body: bytes) -> int:
    """The status; 0 if the field is missing, which is how protobuf encodes zero."""
    message = body[5:]
    if len(body) < 5 or body[0] or int.from_bytes(body[1:5], "big") != len(message):
        raise ProbeError(Reason.PROTOCOL_ERROR, "the health service's answer is broken")
    if not message:
        return 0
    if len(message) < 2 or message[0] != 0x08:
        raise ProbeError(Reason.PROTOCOL_ERROR, "the health service's answer is broken")
    return message[1]
