"""What checks of a host and a port share: where to connect, and how."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar
from urllib.parse import unquote

from monitor.errors import FieldError, LocalError
from monitor.fields import key
from monitor.probe import BaseProbe, split_url
from monitor.redact import shown
from monitor.trace import Trace
from monitor.wire.connection import Connection, connect, prepare_tls
from monitor.wire.resolve import IpVersion
from monitor.wire.tls import DEFAULT, TlsOptions, context


@dataclass(frozen=True, kw_only=True)
class NetworkProbe(BaseProbe):
    """A check of one TCP port. ``default_port`` is for URLs that name none; None: they have to."""

    default_port: ClassVar[int | None] = None

    ip_version: IpVersion = key("Address family to connect over.", default="auto")
    connect_to: str | None = key(
        "Address to dial instead of the URL's; the URL's host stays the name that is verified.",
        default=None,
        example="10.0.0.5:8443",
    )

    def __post_init__(self) -> None:
        _ = self.host, self.port, self.dialled

    @cached_property
    def host(self) -> str:
        """The URL's host, without brackets."""
        host = split_url(self.url).hostname
        if not host:
            raise FieldError("url", f"{self.target!r} names no host")
        return host

    @cached_property
    def port(self) -> int:
        port = split_url(self.url).port or self.default_port
        if port is None:
            raise FieldError("url", f"{self.target!r} names no port; write one as in {self.url_example}")
        return port

    @cached_property
    def credentials(self) -> tuple[str, str] | None:
        """User and password of the URL, percent-decoded; None when it names no user."""
        parts = split_url(self.url)
        if parts.username is None and parts.password is None:
            return None
        return unquote(parts.username or ""), unquote(parts.password or "")

    @property
    def url_example(self) -> str:
        return f"{self.schemes[0]}://db.example.com:5432"

    @cached_property
    def dialled(self) -> tuple[str, int]:
        """Host and port to connect to."""
        if self.connect_to is None:
            return self.host, self.port
        parts = split_url(f"//{self.connect_to}")
        if not parts.hostname:
            raise FieldError(
                "connect_to", f"{shown(self.connect_to)!r} is no address; write one as 10.0.0.5:8443"
            )
        return parts.hostname, parts.port or self.port

    async def connect(self, trace: Trace) -> Connection:
        """A fresh connection, through the phases ``dns`` and ``connect``."""
        host, port = self.dialled
        return await connect(host, port, trace, self.ip_version)


@dataclass(frozen=True, kw_only=True)
class TlsProbe(NetworkProbe):
    """A check that speaks TLS, always or on some of its schemes."""

    tls: TlsOptions = key("TLS settings.", default=DEFAULT)

    def prepare(self) -> None:
        prepare_tls(self.tls)

    async def secure(self, connection: Connection, trace: Trace) -> None:
        """Turn TLS on, in the phase ``tls``; the certificate has to be the URL's host's."""
        trace.enter(None)
        try:
            made = context(self.tls)
        except FieldError as error:  # a file that was there when the config was read
            raise LocalError(str(error)) from None
        await connection.start_tls(made, self.tls.server_name or self.host, trace)
