"""HTTP URLs as they go on the wire: host in IDNA form, path and query percent-encoded. Pure."""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from sys import intern
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

PORTS = {"http": 80, "https": 443}
"""Scheme -> default port."""

_SAFE = "/%:@!$&'()*+,;=-._~?[]"
_HOST = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=%-]+")


class Url(NamedTuple):
    """An ``http`` or ``https`` URL. ``host`` is bare (no brackets), ``target`` is path and query."""

    scheme: str
    host: str
    port: int
    target: str
    user: str | None = None
    password: str = ""

    @property
    def origin(self) -> tuple[str, str, int]:
        """Who credentials given for this URL may be shown to."""
        return self[:3]

    @property
    def netloc(self) -> str:
        """Host and port, the port always: what CONNECT wants."""
        return f"{bracketed(self.host)}:{self.port}"

    @property
    def authority(self) -> str:
        """The ``Host`` header: no port where it is the scheme's own."""
        return self._authority(self.host.partition("%")[0])  # the interface is our own affair (RFC 6874, 4)

    def __str__(self) -> str:
        """The URL without user and password."""
        return f"{self.scheme}://{self._authority(self.host)}{self.target}"

    def _authority(self, host: str) -> str:
        return bracketed(host) if self.port == PORTS[self.scheme] else f"{bracketed(host)}:{self.port}"


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def parse(text: str) -> Url:
    """``text`` as a URL; its fragment is dropped. ValueError says what is wrong with it."""
    parts = urlsplit(text.strip())
    scheme = parts.scheme.lower()
    if scheme not in PORTS:
        raise ValueError(f"{scheme or 'no'} scheme where http or https is wanted")
    if not parts.hostname:
        raise ValueError("no host in it")
    port = PORTS[scheme] if parts.port is None else parts.port
    if port == 0:
        raise ValueError("port 0 is no port")
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    target = (quote(parts.path, safe=_SAFE) or "/") + query
    user = None if parts.username is None else unquote(parts.username)
    host = intern(host_on_wire(parts.hostname))  # many endpoints share a host
    return Url(intern(scheme), host, port, target, user, unquote(parts.password or ""))


def host_on_wire(host: str) -> str:
    """``host`` as resolvers and certificates have it. ValueError when no host is called so."""
    if ":" in host:
        IPv6Address(host)
        return host
    try:
        name = host.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise ValueError(f"no host can be called {host!r} ({error})") from None
    if not _HOST.fullmatch(name):
        raise ValueError(f"no host can be called {host!r}")
    return name


def joined(base: Url, location: str) -> Url | None:
    """Where ``location`` leads from ``base``; None where no HTTP check can follow."""
    try:
        return parse(urljoin(str(base), location.strip()))
    except ValueError:
        return None


def host_and_port(text: str, default: int) -> tuple[str, int]:
    """``host``, ``host:port``, ``[v6]:port`` or an IPv6 address, taken apart. ValueError if none."""
    if text.count(":") > 1 and not text.startswith("["):
        return host_on_wire(text), default
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.netloc != text or parts.username is not None:
        raise ValueError(f"{text!r} is no host:port")
    return host_on_wire(parts.hostname), default if parts.port is None else parts.port
