"""What checks of a host and a port share: where to connect, and how."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from monitor.errors import FieldError
from monitor.fields import key
from monitor.probe import BaseProbe, split_url
from monitor.redact import shown
from monitor.trace import Trace
from monitor.wire.connection import Connection, connect
from monitor.wire.resolve import IpVersion


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
        _ = self.host, self.port, self._dialled

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

    @property
    def url_example(self) -> str:
        return f"{self.schemes[0]}://db.example.com:5432"

    @cached_property
    def _dialled(self) -> tuple[str, int]:
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
        host, port = self._dialled
        return await connect(host, port, trace, self.ip_version)
