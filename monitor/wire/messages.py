"""HTTP requests and responses as values, whichever version carries them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from sys import intern

import msgspec

from monitor.redact import MASK, Secretive, shown
from monitor.text import decode, plain
from monitor.wire.urls import Url

Headers = tuple[tuple[str, str], ...]

HEAD_LIMIT = 300 << 10
"""Limit of status line and headers of an answer in bytes, as in curl."""
MOST_HEADERS = 5000
"""Limit of headers of an answer, as in curl."""

CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Headers (lower case) whose values are always secret."""

_METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
_MOST_NOTES = 8
_HTTP1_ONLY = frozenset(
    {"host", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te"}
)
"""Headers that HTTP/2 forbids; of ``TE`` it allows one form (RFC 9113, 8.2.2)."""
_PHRASES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request. ``headers`` hold everything but Host (unless the user set one) and the length."""

    method: str
    url: Url
    headers: Headers = ()
    body: bytes = b""

    @cached_property
    def http1(self) -> bytes:
        """The bytes of this request in HTTP/1.1."""
        return self.in_form(self.url.target)

    @cached_property
    def http1_absolute(self) -> bytes:
        """The same in the form that forward proxies want (RFC 9112, 3.2.2)."""
        return self.in_form(str(self.url))

    @cached_property
    def http2(self) -> bytes:
        """The headers of this request as the first block of an HTTP/2 connection (RFC 7541)."""
        from hpack import Encoder

        block: bytes = Encoder().encode(self.fields, huffman=False)
        return block

    @property
    def fields(self) -> list[tuple[bytes, bytes, bool]]:
        """The headers for HTTP/2 and HTTP/3: name, value, and whether it is secret."""
        fields = [(name.lower(), str(value), is_secret(name, value)) for name, value in self.lines()]
        host = next((value for name, value, _ in fields if name == "host"), self.url.authority)
        pseudo = [
            (":method", self.method, False),
            (":scheme", self.url.scheme, False),
            (":authority", host, False),
            (":path", self.url.target, False),
        ]
        kept = [field for field in fields if field[0] not in _HTTP1_ONLY or field[:2] == ("te", "trailers")]
        return [(name.encode(), value.encode("latin-1"), secret) for name, value, secret in pseudo + kept]

    def in_form(self, target: str) -> bytes:
        lines = [f"{self.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in self.lines())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body

    def lines(self) -> Iterable[tuple[str, str]]:
        """All headers to send."""
        if not has(self.headers, "host"):
            yield "Host", self.url.authority
        yield from self.headers
        framed = has(self.headers, "content-length") or has(self.headers, "transfer-encoding")
        if not framed and (self.body or self.method in ("POST", "PUT", "PATCH")):
            yield "Content-Length", str(len(self.body))

    def as_text(self, version: str, url: str | None = None) -> str:
        """Request line and headers fit to be seen; ``url`` replaces a URL with secrets in it."""
        first = f"{self.method} {url or self.url} HTTP/{version}"
        return "\n".join([first, *(f"{name}: {_seen(name, value)}" for name, value in self.lines())])


def standard_method(text: str) -> str:
    """``text`` in upper case if that is a method of HTTP; methods of others keep their case."""
    return intern(text.upper()) if text.upper() in _METHODS else text


def add_note(notes: list[str], text: str) -> None:
    """Add ``text`` to an answer's ``notes``, unless it is there or they are full."""
    if len(notes) < _MOST_NOTES and text not in notes:
        notes.append(text)


def header_text(value: str) -> str:
    """A header's value as text: servers send UTF-8, though the standard knows ASCII only."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def joined(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Values by name; repeated headers are joined by commas (RFC 9110, 5.3)."""
    fields = dict(headers)
    if len(fields) == len(headers):
        return fields
    fields.clear()
    for name, value in headers:
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def has(headers: Headers, name: str) -> bool:
    return any(known.lower() == name for known, _ in headers)


def without(headers: Headers, names: Iterable[str]) -> Headers:
    """``headers`` less those of these (lower-case) names."""
    gone = frozenset(names)
    return tuple((name, value) for name, value in headers if name.lower() not in gone)


def overlaid(ours: Headers, own: Headers) -> Headers:
    """``own`` after those of ``ours`` that they do not replace; the case of names does not matter."""
    return (*without(ours, (name.lower() for name, _ in own)), *own)


def _seen(name: str, value: str) -> str:
    return MASK if name.lower() in CREDENTIALS else shown(value)


def is_secret(name: str, value: str) -> bool:
    """Whether a header must not go to another origin than the one it was meant for."""
    return name.lower() in CREDENTIALS or isinstance(value, Secretive)


class Response(msgspec.Struct, kw_only=True, gc=False):
    """One final response. Header names are lower-case; ``body`` is decompressed and may be cut."""

    status: int
    phrase: str
    version: str
    """``1.0``, ``1.1``, ``2`` or ``3``."""
    headers: list[tuple[str, str]]
    """Each character stands for a byte; see :func:`header_text`."""
    body: bytes
    trailers: list[tuple[str, str]] = []
    """The trailers, in HTTP/2 and 3."""
    reusable: bool = False
    """Whether the connection may carry another exchange."""
    notes: list[str] = []
    """Deviations of the answer from the standard."""

    def header(self, name: str) -> str | None:
        """The value of a header; of several, the first."""
        return next((value for known, value in self.headers if known == name), None)

    def headers_joined(self) -> dict[str, str]:
        """Name -> value as text, as :func:`joined` has them."""
        fields = joined(self.headers)
        if "".join(fields.values()).isascii():
            return fields
        return {name: header_text(value) for name, value in fields.items()}

    @property
    def line(self) -> str:
        """Status and phrase, fit for a terminal: ``200 OK``."""
        return _PHRASES.get(self.status) or plain(header_text(f"{self.status} {self.phrase}".strip()))

    def as_text(self, charset: str | None, limit: int) -> str:
        """Status line, headers and the beginning of the body, as the server sent them."""
        headers = "".join([f"{name}: {value}\n" for name, value in self.headers])
        if not headers.isascii():
            headers = "".join([f"{name}: {header_text(value)}\n" for name, value in self.headers])
        first = f"HTTP/{self.version} {self.status} {self.phrase}"
        return f"{first}\n{headers}\n{decode(self.body[:limit], charset)}"
