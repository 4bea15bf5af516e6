"""AMQP 0-9-1: does the broker take a session?

The frames are read by hand: we need five fields of five methods, while a library would decode all
that a hostile broker puts into its tables.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar
from urllib.parse import unquote

from monitor.errors import FieldError, LocalError, ProbeError
from monitor.judge.expectations import CERTIFICATE, LATENCY, Expectation
from monitor.model import Reason
from monitor.probes._network import TlsProbe
from monitor.text import decode, plain
from monitor.trace import Phase, Trace
from monitor.wire.connection import Connection

_HEADER = b"AMQP\x00\x00\x09\x01"
_LONGEST = 1 << 17
_METHOD, _END = 1, 0xCE
_CONNECTION = 10
_START, _START_OK, _TUNE, _TUNE_OK, _OPEN, _OPEN_OK, _CLOSE, _CLOSE_OK = 10, 11, 30, 31, 40, 41, 50, 51
_ACCESS_REFUSED, _NOT_ALLOWED = 403, 530


@dataclass(frozen=True, kw_only=True)
class Amqp(TlsProbe):
    """Opens the URL's virtual host (default ``/``) as its user (default ``guest``)."""

    kind: ClassVar[str] = "amqp"
    schemes: ClassVar[tuple[str, ...]] = ("amqp", "amqps")
    default_port: ClassVar[int | None] = 5672
    tls_scheme: ClassVar[str] = "amqps"
    tls_port: ClassVar[int | None] = 5671
    expectations: ClassVar[Mapping[str, Expectation]] = {"latency": LATENCY, "certificate": CERTIFICATE}

    def __post_init__(self) -> None:
        super().__post_init__()
        if "\0" in "".join(self.credentials or ()):
            raise FieldError("url", "has a NUL character in its user or password, which AMQP cannot send")

    @cached_property
    def virtual_host(self) -> str:
        path = self.parts.path
        return unquote(path[1:]) if len(path) > 1 else "/"

    async def check(self, trace: Trace) -> str:
        user, password = self.credentials or ("guest", "guest")
        trace.asked = f"session with {self.target}"
        async with self.session(trace) as connection:
            trace.enter(Phase.WAIT)
            await connection.write(_HEADER)
            _check_mechanisms(await _receive(connection, _START))
            trace.enter(Phase.LOGIN)
            await connection.write(_method(_START_OK, _start_ok(user, password)))
            tune = await _receive(connection, _TUNE, logging_in=True)
            await connection.write(_method(_TUNE_OK, tune[:8].ljust(8, b"\0")))
            await connection.write(_method(_OPEN, _short(self.virtual_host) + b"\0\0"))
            await _receive(connection, _OPEN_OK)
            trace.finish()
            await connection.farewell(_method(_CLOSE, b"\x00\xc8" + _short("bye") + b"\0\0\0\0"))
        return plain(f"virtual host {self.virtual_host} opened")


# ── frames and methods (AMQP 0-9-1, sections 2.3 and 1.4) ───────────────────────────────────────


def _method(number: int, arguments: bytes) -> bytes:
    payload = struct.pack(">HH", _CONNECTION, number) + arguments
    return struct.pack(">BHI", _METHOD, 0, len(payload)) + payload + bytes([_END])


def _start_ok(user: str, password: str) -> bytes:
    response = f"\0{user}\0{password}".encode()
    no_properties = struct.pack(">I", 0)
    return no_properties + _short("PLAIN") + struct.pack(">I", len(response)) + response + _short("en_US")


def _check_mechanisms(start: bytes) -> None:
    """Raise LocalError if the broker offers no supported login; ``start`` lists them behind a table."""
    table = int.from_bytes(start[2:6], "big")
    at = 6 + table + 4
    mechanisms = decode(start[at : at + int.from_bytes(start[at - 4 : at], "big")]).split()
    if mechanisms and "PLAIN" not in mechanisms:
        listed = plain(", ".join(mechanisms), 100)
        raise LocalError(f"the broker offers logins by {listed} only; monitor supports PLAIN")


def _short(text: str) -> bytes:
    data = text.encode()[:255]
    return bytes([len(data)]) + data


async def _receive(connection: Connection, wanted: int, *, logging_in: bool = False) -> bytes:
    """The arguments of the method ``wanted``, which must come next."""
    try:
        payload = await _frame(connection)
    except ProbeError as error:
        closed = error.reason in (Reason.PROTOCOL_ERROR, Reason.CONNECTION_RESET)
        if logging_in and closed:  # 0-9-1 brokers without the extension refuse a login so
            raise ProbeError(Reason.AUTH_ERROR, "the broker closed the connection at the login") from None
        raise
    number = int.from_bytes(payload[2:4], "big")
    if payload[:2] == b"\x00\x0a" and number == wanted:
        return payload[4:]
    if payload[:2] == b"\x00\x0a" and number == _CLOSE:
        raise _closed(payload[4:])
    raise ProbeError(Reason.PROTOCOL_ERROR, f"the broker answered with method {number} instead of {wanted}")


def _closed(arguments: bytes) -> ProbeError:
    code = int.from_bytes(arguments[:2], "big")
    said = plain(decode(arguments[3 : 3 + arguments[2]])) if len(arguments) > 2 else ""
    refused = code in (_ACCESS_REFUSED, _NOT_ALLOWED)
    return ProbeError(
        Reason.AUTH_ERROR if refused else Reason.PROTOCOL_ERROR, f"the broker refused: {code} {said}"
    )


async def _frame(connection: Connection) -> bytes:
    head = await connection.read_exactly(7)
    if head.startswith(b"AMQP"):
        raise ProbeError(Reason.PROTOCOL_ERROR, "the broker speaks another version of AMQP than 0-9-1")
    kind, _channel, length = struct.unpack(">BHI", head)
    if kind != _METHOD or not 4 <= length <= _LONGEST:
        raise ProbeError(Reason.PROTOCOL_ERROR, "the server does not speak AMQP")
    payload = await connection.read_exactly(length + 1)
    if payload[-1] != _END:
        raise ProbeError(Reason.PROTOCOL_ERROR, "the broker sent a broken frame")
    return payload[:-1]
