"""Redis: does the server answer, and does a command's reply match?

Replies are read by hand: ours stops at bounds of length, number and depth before it reads on, and
hiredis takes whatever a server announces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from monitor.errors import FieldError, ProbeError
from monitor.fields import key
from monitor.judge.expectations import CERTIFICATE, LATENCY, REPLY, Expectation
from monitor.model import Reason
from monitor.probes._network import TlsProbe
from monitor.redact import shown
from monitor.syntax.command_line import words
from monitor.text import decode, plain
from monitor.trace import Phase, Trace
from monitor.wire.connection import Connection

_LINE_LIMIT = 4096
_LONGEST = 1 << 20
"""Bytes of one string of a reply."""
_MOST = 1000
"""Elements of one reply that are read."""
_DEEPEST = 8
_NOT_ALLOWED = ("NOAUTH", "WRONGPASS", "NOPERM", "ERR invalid password", "ERR AUTH")


@dataclass(frozen=True, kw_only=True)
class Redis(TlsProbe):
    """Sends PING, or another command; logs in and selects a database as the URL says."""

    kind: ClassVar[str] = "redis"
    schemes: ClassVar[tuple[str, ...]] = ("redis", "rediss")
    default_port: ClassVar[int | None] = 6379
    tls_scheme: ClassVar[str] = "rediss"
    expectations: ClassVar[Mapping[str, Expectation]] = {
        "latency": LATENCY,
        "reply": REPLY,
        "certificate": CERTIFICATE,
    }

    command: str = key("Command to send, split as by a shell.", default="PING", example="LLEN jobs")

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self._words, self._database

    @cached_property
    def _words(self) -> Sequence[str]:
        try:
            found = words(self.command)
        except ValueError as error:
            raise FieldError("command", f"cannot be taken apart: {str(error).lower()}") from None
        if not found:
            raise FieldError("command", "is empty")
        return found

    @property
    def _is_ping(self) -> bool:
        return [word.upper() for word in self._words] == ["PING"]

    @cached_property
    def _database(self) -> str:
        database = self.parts.path.strip("/")
        if database and not database.isdecimal():
            raise FieldError("url", f"{self.target!r}: the path must be the number of a database")
        return database

    async def check(self, trace: Trace) -> str:
        trace.asked = shown(self.command)
        async with self.session(trace) as connection:
            await self._begin(connection, trace)
            trace.enter(Phase.WAIT)
            said = await _ask(connection, self._words)
            trace.enter(None)
        trace.facts["reply"] = trace.answer = said
        if self._is_ping and said != "PONG":
            raise ProbeError(Reason.PROTOCOL_ERROR, f"the server answers PING with {plain(said, 40)!r}")
        return plain(said.partition("\n")[0])

    async def _begin(self, connection: Connection, trace: Trace) -> None:
        if self.credentials is not None:
            trace.enter(Phase.LOGIN)
            await _ask(connection, ["AUTH", *(word for word in self.credentials if word)])
        if self._database:
            trace.enter(Phase.LOGIN)
            await _ask(connection, ["SELECT", self._database])


# ── RESP2, https://redis.io/docs/latest/develop/reference/protocol-spec/ ─────────────────────────


async def _ask(connection: Connection, words: Sequence[str]) -> str:
    parts = [word.encode() for word in words]
    bulk = b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
    await connection.write(b"*%d\r\n%s" % (len(parts), bulk))
    return await _reply(connection, _DEEPEST)


async def _reply(connection: Connection, depth: int) -> str:
    """One reply as text: the elements of an array on lines of their own."""
    line = (await connection.read_until(b"\r\n", _LINE_LIMIT))[:-2]
    sign, rest = line[:1], decode(line[1:])
    if sign in b"+:" and sign:
        return rest
    if sign == b"-":
        refused = rest.startswith(_NOT_ALLOWED)
        reason = Reason.AUTH_ERROR if refused else Reason.PROTOCOL_ERROR
        raise ProbeError(reason, f"the server refused: {plain(rest)}")
    if sign == b"$":
        return await _bulk(connection, _number(rest, _LONGEST))
    if sign == b"*" and depth:
        count = _number(rest, _MOST)
        return "\n".join([await _reply(connection, depth - 1) for _ in range(count)])
    raise ProbeError(
        Reason.PROTOCOL_ERROR, f"the answer is not Redis: it begins with {plain(decode(line), 40)!r}"
    )


async def _bulk(connection: Connection, length: int) -> str:
    return "" if length < 0 else decode((await connection.read_exactly(length + 2))[:-2])


def _number(text: str, most: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = most + 1
    if not -1 <= number <= most:
        raise ProbeError(Reason.PROTOCOL_ERROR, f"the answer is not Redis, or too long: {plain(text, 40)!r}")
    return number
