"""SMTP: does the server greet, and does it take the credentials?"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from monitor.errors import FieldError, LocalError, ProbeError
from monitor.judge.expectations import CERTIFICATE, LATENCY, REPLY, Expectation
from monitor.model import Reason
from monitor.probes._network import TlsProbe
from monitor.text import decode, plain
from monitor.trace import Phase, Trace
from monitor.wire.connection import Connection
from monitor.wire.replies import ask, expect, hello, read_reply, smtp_starttls

_SAID_LIMIT = 120


@dataclass(frozen=True, kw_only=True)
class Smtp(TlsProbe):
    """Reads the greeting; with a user in the URL, logs in, over STARTTLS where that is offered."""

    kind: ClassVar[str] = "smtp"
    schemes: ClassVar[tuple[str, ...]] = ("smtp", "smtps")
    default_port: ClassVar[int | None] = 25
    tls_scheme: ClassVar[str] = "smtps"
    tls_port: ClassVar[int | None] = 465
    expectations: ClassVar[Mapping[str, Expectation]] = {
        "latency": LATENCY,
        "reply": REPLY,
        "certificate": CERTIFICATE,
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if "\0" in "".join(self.credentials or ()):
            raise FieldError("url", "has a NUL character in its user or password, which SMTP cannot send")

    async def check(self, trace: Trace) -> str:
        trace.asked = f"greeting of {self.target}"
        async with self.session(trace) as connection:
            trace.enter(Phase.WAIT)
            greeting = await expect(connection, b"220", "expected the greeting of an SMTP server")
            trace.facts["reply"] = trace.answer = "\n".join(map(decode, greeting))
            if self.credentials is not None:
                await self._log_in(connection, *self.credentials, trace)
            trace.finish()
            await connection.farewell(b"QUIT\r\n")
        return plain(decode(greeting[0]))

    async def _log_in(self, connection: Connection, user: str, password: str, trace: Trace) -> None:
        """Log in by PLAIN, or by LOGIN if the server offers only that (RFC 4954)."""
        trace.enter(Phase.LOGIN)
        offered = await hello(connection)
        if "STARTTLS" in offered and not self.encrypted:
            await smtp_starttls(connection)
            await self.secure(connection, trace)
            trace.enter(Phase.LOGIN)
            offered = await hello(connection)
        methods = _methods(offered)
        if not methods:
            raise ProbeError(Reason.AUTH_ERROR, "the server offers no login")
        if "PLAIN" in methods:
            await _plain(connection, user, password)
        elif "LOGIN" in methods:
            await _login(connection, user, password)
        else:
            listed = plain(", ".join(methods), _SAID_LIMIT)
            raise LocalError(f"the server offers logins by {listed} only; monitor supports PLAIN and LOGIN")


def _methods(offered: Mapping[str, str]) -> list[str]:
    """The ways to log in; old servers write ``AUTH=LOGIN``."""
    return [word for keyword, words in offered.items() for word in _of_login(keyword, words)]


def _of_login(keyword: str, words: str) -> list[str]:
    name, _, first = keyword.partition("=")
    return [*filter(None, [first]), *words.split()] if name == "AUTH" else []


async def _plain(connection: Connection, user: str, password: str) -> None:
    word = b64encode(f"\0{user}\0{password}".encode())
    await connection.write(b"AUTH PLAIN " + word + b"\r\n")
    await _admitted(connection)


async def _login(connection: Connection, user: str, password: str) -> None:
    await ask(connection, b"AUTH LOGIN", b"334", "the login was refused")
    await ask(connection, b64encode(user.encode()), b"334", "the user was refused")
    await connection.write(b64encode(password.encode()) + b"\r\n")
    await _admitted(connection)


async def _admitted(connection: Connection) -> None:
    last = (await read_reply(connection))[-1]
    if last[:3] != b"235":
        reason = Reason.AUTH_ERROR if last[:1] == b"5" else Reason.PROTOCOL_ERROR
        raise ProbeError(reason, f"the login was refused: {plain(decode(last), _SAID_LIMIT)}")
