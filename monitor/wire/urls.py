"""Parses URLs (RFC 3986), and HTTP URLs as they are sent. Pure.

No error message here quotes the URL or a part of it: it may hold a password.
"""

from __future__ import annotations

import re
from sys import intern
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin

from monitor.wire.hosts import bracketed, host_on_wire

PORTS = {"http": 80, "https": 443}
"""Scheme -> default port."""

_SAFE = "/%:@!$&'()*+,;=-._~?[]"
_URL = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?(?://(?P<authority>[^/?#]*))?"
    r"(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?",
    re.DOTALL,
)
"""RFC 3986, appendix B."""
_ADDRESS = re.compile(r"(?:\[(?P<v6>[^\[\]]*)\]|(?P<host>[^:\[\]]*))(?::(?P<port>[0-9]*))?")
_HIGHEST_PORT = 65535


class Parts(NamedTuple):
    """A URL of any scheme. ``user`` and ``password`` are percent-decoded; the rest is as written."""

    scheme: str
    user: str | None
    password: str | None
    host: str
    """As on the wire, without brackets; empty when the URL names none."""
    port: int | None
    path: str
    query: str
    fragment: str

    @property
    def credentials(self) -> tuple[str, str] | None:
        """User and password; None when the URL has neither."""
        if self.user is None and self.password is None:
            return None
        return self.user or "", self.password or ""


def split(text: str) -> Parts:
    """Split ``text``. The ValueError for a bad URL gives the reason."""
    found = _URL.fullmatch(text.strip())
    assert found is not None  # every string matches
    scheme, authority, path, query, fragment = (found[name] or "" for name in _URL.groupindex)
    info, at, address = authority.rpartition("@")
    user, colon, password = info.partition(":")
    host, port = _address(address)
    return Parts(
        scheme=scheme.lower(),
        user=_decoded(user) if at else None,
        password=_decoded(password) if colon else None,
        host=host,
        port=port,
        path=path,
        query=query,
        fragment=fragment,
    )


def _decoded(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ValueError("its user or password is not UTF-8 once percent-decoded") from None


def _address(text: str) -> tuple[str, int | None]:
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise ValueError(
            "there is no host and port where they belong; in a user or password, write "
            "/ as %2F, ? as %3F, # as %23 and % as %25"
        )
    host = found["host"] if found["v6"] is None else _v6(found["v6"])
    port = int(found["port"]) if found["port"] and len(found["port"]) <= 5 else None
    if found["port"] and (port is None or not 0 < port <= _HIGHEST_PORT):
        raise ValueError(f"a port is a number from 1 to {_HIGHEST_PORT}")
    return (host_on_wire(host) if host else ""), port


def _v6(host: str) -> str:
    if ":" not in host:
        raise ValueError("only IPv6 addresses stand in brackets")
    return host


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
        """The origin that may see the credentials of this URL."""
        return self[:3]

    @property
    def netloc(self) -> str:
        """Host and port, the port always: the form for CONNECT."""
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


def parse(text: str) -> Url:
    """``text`` as a URL of HTTP, without its fragment. The ValueError for a bad URL gives the reason."""
    parts = split(text)
    if parts.scheme not in PORTS:
        raise ValueError("its scheme is neither http nor https")
    if not parts.host:
        raise ValueError("it names no host")
    if ":" in (parts.user or ""):
        raise ValueError("its user has a colon, which HTTP cannot send (RFC 7617)")
    port = PORTS[parts.scheme] if parts.port is None else parts.port
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    target = (quote(_without_dots(parts.path), safe=_SAFE) or "/") + query
    # Many endpoints share a host.
    return Url(intern(parts.scheme), intern(parts.host), port, target, parts.user, parts.password or "")


def _without_dots(path: str) -> str:
    """``path`` without ``.`` and ``..`` segments (RFC 3986, 5.2.4), as curl and browsers send it.

    Encoded ones (``%2e``) stay, for those who need to send them.
    """
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def joined(base: Url, location: str) -> Url | None:
    """The URL of ``location``, relative to ``base``; None if it is no HTTP URL."""
    try:
        return parse(urljoin(str(base), location.strip()))
    except ValueError:
        return None


def host_and_port(text: str, default: int) -> tuple[str, int]:
    """``host``, ``host:port``, ``[v6]:port`` or an IPv6 address, taken apart. ValueError if none."""
    if text.count(":") > 1 and not text.startswith("["):
        return host_on_wire(text), default
    host, port = _address(text)
    if not host:
        raise ValueError("it names no host")
    return host, default if port is None else port
