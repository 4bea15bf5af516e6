"""PostgreSQL: a login and a query."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from monitor.errors import LocalError, ProbeError
from monitor.model import Reason
from monitor.probes._database import DatabaseProbe, NoTlsError, Table
from monitor.probes._scram import Scram
from monitor.text import decode, plain
from monitor.trace import Phase, Trace
from monitor.wire.connection import Connection
from monitor.wire.read_budget import LONGEST, ReadBudget

_PROTOCOL = 196608
_SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
_TERMINATE = b"X\x00\x00\x00\x04"
_ASIDES = b"NSKAv"
"""Kinds of messages to ignore: notices, parameters, cancel keys, notifications, version negotiation."""
_OF_A_QUERY = b"TDCIn" + _ASIDES
_NOT_ADMITTED = "28000"
"""The SQLSTATE of a login that fails for another reason than a wrong password (28P01)."""
_METHODS = {2: "Kerberos", 7: "GSSAPI", 9: "SSPI", 10: "another SASL mechanism"}


@dataclass(frozen=True, kw_only=True)
class Postgres(DatabaseProbe):
    """Logs in (default user ``postgres``; password, MD5 or SCRAM-SHA-256) and runs a query."""

    kind: ClassVar[str] = "postgres"
    schemes: ClassVar[tuple[str, ...]] = ("postgres", "postgresql")
    default_port: ClassVar[int | None] = 5432
    default_user: ClassVar[str] = "postgres"

    async def converse(self, trace: Trace, *, tls: bool) -> str:
        with await self.connect(trace) as connection:
            secure = tls and await self._negotiate_tls(connection, trace)
            trace.enter(Phase.LOGIN)
            session = await self._log_in(connection, secure=secure)
            trace.enter(Phase.WAIT)
            table = await session.ask(self.query, trace)
            trace.finish()
            await connection.farewell(_TERMINATE)
        rows = table.note(trace)
        version = session.parameters.get("server_version", "").partition(" ")[0]
        return plain(f"PostgreSQL {version}, {rows}")

    async def _log_in(self, connection: Connection, *, secure: bool) -> _Session:
        """As libpq does: if no rule admits us over TLS, one may admit us without (``hostnossl``).

        A password that was refused is not sent again in clear.
        """
        session = _Session(connection)
        try:
            await session.log_in(*self.login, self.database)
        except _NotAdmittedError as error:
            if secure and not self.tls_required:
                raise NoTlsError(error.reason, error.message) from None
            raise
        return session

    async def _negotiate_tls(self, connection: Connection, trace: Trace) -> bool:
        """Whether the connection is over TLS now."""
        trace.enter(Phase.TLS)
        await connection.write(_SSL_REQUEST)
        answer = await connection.read_exactly(1)
        if answer == b"S":
            await self.secure_as_asked(connection, trace)
            return True
        if answer != b"N":
            raise _not_postgres()
        if self.tls_required:
            raise ProbeError(Reason.TLS_ERROR, "the server has TLS turned off")
        return False


class _NotAdmittedError(ProbeError):
    """The server does not admit this user, this host, or this kind of connection."""


# ── the protocol: https://www.postgresql.org/docs/current/protocol.html ─────────────────────────


class _Session:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._budget = ReadBudget()
        self.parameters: dict[str, str] = {}

    async def log_in(self, user: str, password: str, database: str) -> None:
        words = {"user": user, "database": database or user, "application_name": "monitor"}
        body = b"".join(f"{name}\0{value}\0".encode() for name, value in words.items()) + b"\0"
        start = _PROTOCOL.to_bytes(4, "big") + body
        await self._connection.write((len(start) + 4).to_bytes(4, "big") + start)
        await self._authenticate(user, password)
        async for kind, data in self._messages(_ASIDES):
            if kind == b"S":
                name, value, *_ = [*decode(data).split("\0"), ""]
                self.parameters[name] = value

    async def _authenticate(self, user: str, password: str) -> None:
        scram = Scram(password)
        while True:
            kind, data = await self._receive()
            if kind in _ASIDES:
                continue
            if kind != b"R" or len(data) < 4:
                raise _not_postgres()
            code, rest = int.from_bytes(data[:4], "big"), data[4:]
            if code == 0:
                return
            await self._answer(code, rest, user, password, scram)

    async def _answer(self, code: int, data: bytes, user: str, password: str, scram: Scram) -> None:
        if code == 3:
            await self._send(b"p", password.encode() + b"\0")
        elif code == 5:
            await self._send(b"p", _md5(user, password, data[:4]))
        elif code == 10 and b"SCRAM-SHA-256\0" in data:
            first = scram.first()
            await self._send(b"p", b"SCRAM-SHA-256\0" + len(first).to_bytes(4, "big") + first)
        elif code == 11:
            await self._send(b"p", await asyncio.to_thread(scram.final, data))
        elif code == 12:
            scram.verify(data)
        else:
            wanted = _METHODS.get(code, f"method {code}")
            raise LocalError(
                f"the server requires a login by {wanted}; monitor supports passwords, MD5 and SCRAM-SHA-256"
            )

    async def ask(self, query: str, trace: Trace) -> Table:
        await self._send(b"Q", query.encode() + b"\0")
        table = Table(_cells)
        async for kind, data in self._messages(_OF_A_QUERY):
            if trace.phase == Phase.WAIT:
                trace.enter(Phase.TRANSFER)
            if kind == b"D":
                table.add(data)
        return table

    async def _messages(self, fitting: bytes) -> AsyncIterator[tuple[bytes, bytes]]:
        """Messages until the server is ready for the next query. ProbeError unless they are ``fitting``."""
        while True:
            kind, data = await self._receive()
            if kind == b"Z":
                return
            if kind not in fitting:
                raise ProbeError(Reason.PROTOCOL_ERROR, f"the server sent {kind!r}, which is no answer here")
            yield kind, data

    async def _send(self, kind: bytes, data: bytes) -> None:
        await self._connection.write(kind + (len(data) + 4).to_bytes(4, "big") + data)

    async def _receive(self) -> tuple[bytes, bytes]:
        head = await self._connection.read_exactly(5)
        length = int.from_bytes(head[1:], "big") - 4
        if not 0 <= length <= LONGEST or not head[:1].isalpha():
            raise _not_postgres()
        await self._budget.take(length + len(head))
        data = await self._connection.read_exactly(length)
        if head[:1] == b"E":
            raise _error(data)
        return head[:1], data


def _md5(user: str, password: str, salt: bytes) -> bytes:
    inner = hashlib.md5((password + user).encode(), usedforsecurity=False).hexdigest().encode()
    return b"md5" + hashlib.md5(inner + salt, usedforsecurity=False).hexdigest().encode() + b"\0"


def _cells(row: bytes) -> Sequence[bytes | None]:
    """The columns of a DataRow, as text; None for NULL."""
    cells: list[bytes | None] = []
    at = 2
    for _ in range(int.from_bytes(row[:2], "big")):
        length = int.from_bytes(row[at : at + 4], "big", signed=True)
        at += 4 + max(length, 0)
        if at > len(row):
            raise ProbeError(Reason.PROTOCOL_ERROR, "the server sent a broken row")
        cells.append(row[at - length : at] if length >= 0 else None)
    return cells


def _error(data: bytes) -> ProbeError:
    fields: Mapping[str, str] = {part[:1]: part[1:] for part in decode(data).split("\0") if part}
    code = fields.get("C", "?")
    message = plain(f"the server refused: {fields.get('M', 'no word why')} ({code})")
    if code == _NOT_ADMITTED:
        return _NotAdmittedError(Reason.AUTH_ERROR, message)
    return ProbeError(Reason.AUTH_ERROR if code.startswith("28") else Reason.PROTOCOL_ERROR, message)


def _not_postgres() -> ProbeError:
    return ProbeError(Reason.PROTOCOL_ERROR, "the server does not speak PostgreSQL's protocol")
