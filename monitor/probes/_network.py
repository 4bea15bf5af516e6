"""Shared by the checks of a host and a port: where to connect, and how."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar
from urllib.parse import parse_qsl

from monitor.errors import FieldError, ProbeError
from monitor.fields import key
from monitor.model import Reason
from monitor.probe import BaseProbe, split_url
from monitor.redact import shown
from monitor.trace import Trace
from monitor.wire.connection import Connection, connect, prepare_tls
from monitor.wire.resolve import IpVersion
from monitor.wire.tls import DEFAULT, TlsOptions, ready_context
from monitor.wire.urls import Parts, host_and_port

QUIET = 1.0
"""Seconds that a server on the usual port of TLS has to send its first byte to a client without TLS."""
_BROKEN = frozenset({Reason.PROTOCOL_ERROR, Reason.CONNECTION_RESET})
_AT_BEHIND_HOST = (
    "has an @ behind its host; there, write it as %40. In a user or password, write / as %2F, ? as %3F "
    "and # as %23, or bring it in with ${…}"
)


@dataclass(frozen=True, kw_only=True)
class NetworkProbe(BaseProbe):
    """A check of one TCP port. ``default_port`` is for URLs that name none; None: they have to."""

    default_port: ClassVar[int | None] = None

    ip_version: IpVersion = key("Address family to connect over.", default="auto")
    connect_to: str | None = key(
        "Address to connect to instead of the URL's host, which stays the name to verify.",
        default=None,
        example="10.0.0.5:8443",
    )

    url_options: ClassVar[tuple[str, ...] | None] = ()
    """The options that the URL may have behind ``?``; None: any, since the query goes to the server."""

    def __post_init__(self) -> None:
        _ = self.host, self.port, self.dialled, self.options

    @cached_property
    def parts(self) -> Parts:
        """The URL taken apart."""
        return split_url(self.url)

    @cached_property
    def host(self) -> str:
        """The URL's host, without brackets."""
        if not self.parts.host:
            raise FieldError("url", f"{self.target!r} names no host")
        return self.parts.host

    @cached_property
    def port(self) -> int:
        port = self.parts.port or self.usual_port
        if port is None:
            raise FieldError("url", f"{self.target!r} names no port; write one as in {self.url_example}")
        return port

    @property
    def usual_port(self) -> int | None:
        """The port if the URL names none; None: the URL must name one."""
        return self.default_port

    @cached_property
    def credentials(self) -> tuple[str, str] | None:
        """User and password of the URL, percent-decoded; None when it names no user."""
        return self.parts.credentials

    @cached_property
    def options(self) -> Mapping[str, str]:
        """The options behind ``?`` in the URL."""
        if self.url_options is None:
            return {}
        if "@" in f"{self.parts.path}{self.parts.query}{self.parts.fragment}":
            raise FieldError("url", _AT_BEHIND_HOST)
        options = dict(parse_qsl(self.parts.query, keep_blank_values=True))
        unknown = [name for name in options if name not in self.url_options]
        if unknown or self.parts.fragment or (self.parts.query and not options):
            known = " and ".join(f"?{name}=" for name in self.url_options) or "none"
            raise FieldError("url", f"has an option that means nothing to {self.kind}; known: {known}")
        return options

    @property
    def url_example(self) -> str:
        return f"{self.schemes[0]}://db.example.com:5432"

    @cached_property
    def dialled(self) -> tuple[str, int]:
        """Host and port to connect to."""
        if self.connect_to is None:
            return self.host, self.port
        try:
            return host_and_port(self.connect_to, self.port)
        except ValueError as error:
            said = f"{shown(self.connect_to)!r} is no address: {error}; write one as 10.0.0.5:8443"
            raise FieldError("connect_to", said) from None

    async def connect(self, trace: Trace) -> Connection:
        """A fresh connection, through the phases ``dns`` and ``connect``."""
        host, port = self.dialled
        return await connect(host, port, trace, self.ip_version)


@dataclass(frozen=True, kw_only=True)
class TlsProbe(NetworkProbe):
    """A check that speaks TLS, always or on some of its schemes."""

    tls_scheme: ClassVar[str] = ""
    """The scheme for TLS from the first byte; empty if there is none."""
    tls_port: ClassVar[int | None] = None
    """The usual port of ``tls_scheme``, if it has one of its own."""

    tls: TlsOptions = key("TLS settings.", default=DEFAULT)

    @property
    def encrypted(self) -> bool:
        """Whether the URL asks for TLS from the first byte."""
        return self.parts.scheme == self.tls_scheme

    @property
    def usual_port(self) -> int | None:
        return self.tls_port or self.default_port if self.encrypted else self.default_port

    def prepare(self) -> None:
        prepare_tls(self.tls)

    async def secure(self, connection: Connection, trace: Trace) -> None:
        """Turn TLS on, in the phase ``tls``. The certificate must be valid for the URL's host."""
        trace.enter(None)
        made = ready_context(self.tls)
        trace.skip_gap()
        await connection.start_tls(made, self.tls.server_name or self.host, trace)

    @asynccontextmanager
    async def session(self, trace: Trace) -> AsyncIterator[Connection]:
        """A fresh connection, over TLS if the scheme says so.

        If the server seems to speak TLS although the scheme does not, the error proposes the other scheme.
        """
        with await self.connect(trace) as connection:
            if self.encrypted:
                await self.secure(connection, trace)
                yield connection
                return
            try:
                async with self._first_byte_soon(connection):
                    yield connection
            except TimeoutError:
                raise ProbeError(Reason.PROTOCOL_ERROR, f"the server says nothing; {self._use_tls}") from None
            except ProbeError as error:
                if not self.tls_scheme or error.reason not in _BROKEN or not _may_be_tls(connection):
                    raise
                raise ProbeError(error.reason, f"{error.message}; {self._use_tls}") from None

    @asynccontextmanager
    async def _first_byte_soon(self, connection: Connection) -> AsyncIterator[None]:
        """On the usual port of TLS, give up early on a server that waits for a handshake."""
        async with asyncio.timeout(None) as limit:
            if self.port == self.tls_port:
                loop = asyncio.get_running_loop()
                ends = loop.call_later(QUIET, _end_if_quiet, connection, limit)
                try:
                    yield
                finally:
                    ends.cancel()
            else:
                yield

    @property
    def _use_tls(self) -> str:
        return f"if this port is for TLS, write {self.tls_scheme}://"


def _end_if_quiet(connection: Connection, limit: asyncio.Timeout) -> None:
    if not connection.heard:
        limit.reschedule(asyncio.get_running_loop().time())


def _may_be_tls(connection: Connection) -> bool:
    """Whether the server answered with a TLS alert, or closed the connection without an answer."""
    return not connection.heard or connection.heard == b"\x15\x03"
