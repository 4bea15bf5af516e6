"""Keeps secrets off every screen, log, export and error.

Every value that ``${…}`` brings into the config is a secret. A string that contains one is a
:class:`Secretive`: for the wire it is the real text, and it carries the text that may be shown.
Where a secret comes back in foreign text (a server that echoes a header, an error that quotes a
URL), a :class:`Redactor` takes it out again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Self
from urllib.parse import parse_qsl, quote, unquote

from monitor.text import plain

MASK = "•••"

_PASSWORD = re.compile(r"(?<=://)([^/?#@\s]*?):([^/?#\s]*)@")
_PERHAPS_PASSWORD = re.compile(r"(?<=://)([^:]*?):(.*)@", re.DOTALL)
_USER_INFO = re.compile(r"^[^:/?#]*://([^/?#]*)@")
_SHORTEST = 4
"""Shorter secrets are not masked in foreign text: an "80" would mask half the screen."""
_SHORTEST_CODED = 6
"""The same for their form in Base64, where an accidental match is likelier."""
_URL = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*://(?:[^:/?#@]*(?::(?P<password>[^/?#]*))?@)?[^/?#]*"
    r"(?P<target>[^?#]*(?:\?(?P<query>[^#]*))?)"
)
_LONGEST_PREFIX = 4096
"""Characters of a cut secret to search for."""
_ELLIPSIS = re.compile("…")
_MOST_CUTS = 8
"""Limit of ellipses of a text to examine, from its end: further ones are the server's own."""
_PERHAPS_CUT = 1000
"""A text of that length may have been cut without a sign; a message is never so long."""
_MOST_LINES = 100
"""Limit of lines of a secret to mask separately: each takes time in every check."""
_SHORTEST_LINE = 8
"""Characters of a line of a secret that is masked alone, as in a key file."""
_HOST = re.compile(r"[A-Za-z0-9._-]+")
_URL_SAFE = "!#$%&'()*+,/:;=?@[]~"
"""Characters that are usually not encoded in a URL, though they may be."""


class Piece(NamedTuple):
    """A part of a text: written in the config, or brought in by a ``${…}``."""

    text: str
    is_secret: bool


class Secretive(str):
    """Text with a secret in it; ``shown`` is the text that may be shown, also by ``repr``."""

    __slots__ = ("pieces", "shown")
    shown: str
    pieces: tuple[Piece, ...]
    """The parts of the text; empty if they are not known."""

    def __new__(cls, text: str, shown: str, pieces: Iterable[Piece] = ()) -> Self:
        self = super().__new__(cls, text)
        self.shown = shown
        self.pieces = tuple(pieces)
        return self

    def __repr__(self) -> str:
        return repr(self.shown)

    def percent_encoded(self, where: re.Pattern[str], times: int = 1) -> Self:
        """This text with the secrets percent-encoded that stand in the group 1 of a match of ``where``.

        The pattern sees the text without its secrets, each replaced by a NUL. So a secret never
        changes where it is found.
        """
        written = "".join("\0" if piece.is_secret else _without_nul(piece.text) for piece in self.pieces)
        spans = [found.span(1) for found in where.finditer(written)]
        pieces, at = [], 0
        for piece in self.pieces:
            inside = piece.is_secret and any(start <= at < end for start, end in spans)
            pieces.append(piece._replace(text=_quoted(piece.text, times)) if inside else piece)
            at += 1 if piece.is_secret else len(piece.text)
        return type(self)("".join(piece.text for piece in pieces), self.shown, pieces)


def _without_nul(text: str) -> str:
    return text.replace("\0", " ")


def _quoted(text: str, times: int) -> str:
    return _quoted(quote(text, safe=""), times - 1) if times else text


def shown(text: str) -> str:
    """``text`` with its secrets masked."""
    return text.shown if isinstance(text, Secretive) else text


def without_password(url: str) -> str:
    """``url`` with the password of its user part masked."""
    return _PASSWORD.sub(rf"\1:{MASK}@", url)


def without_any_password(url: str) -> str:
    """As :func:`without_password`, for an invalid ``url``: the ``@`` after the password may be anywhere."""
    return _PERHAPS_PASSWORD.sub(rf"\1:{MASK}@", url)


def as_url(text: str) -> str:
    """``text`` as a URL, with the secrets in its user and password percent-encoded.

    So they are taken literally, whatever characters they have. A ``${…}`` anywhere else brings in
    text as it is: a whole URL, a host, a path.
    """
    return text.percent_encoded(_USER_INFO) if isinstance(text, Secretive) else text


class Redactor:
    """Masks known secrets in text, in any of their encodings.

    Built once per loaded config from every value that ``${…}`` brought in. False with no secrets: then
    ``str`` will do, which costs nothing.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        worth = (part for secret in secrets for part in _parts(secret) if len(part) >= _SHORTEST)
        self._hunted = tuple({spelt for secret in worth for spelt in _spellings(secret)})

    def __call__(self, text: str) -> str:
        spans = [span for secret in self._hunted if secret in text for span in _spans(secret, text)]
        if "…" in text or len(text) >= _PERHAPS_CUT:
            spans += self._cut_spans(text)
        if not spans:
            return text
        parts, shown_until = [], 0
        for start, end in _merged(sorted(spans)):
            parts += [text[shown_until:start], MASK]
            shown_until = end
        return "".join((*parts, text[shown_until:]))

    def __bool__(self) -> bool:
        return bool(self._hunted)

    def _cut_spans(self, text: str) -> Iterator[tuple[int, int]]:
        """The ranges of cut beginnings of secrets: before an ellipsis, or at the end."""
        ends = [found.start() for found in _ELLIPSIS.finditer(text)][-_MOST_CUTS:]
        for end in [*ends, len(text)] if len(text) >= _PERHAPS_CUT else ends:
            for secret in self._hunted:
                begin = max(0, end - min(len(secret) - 1, _LONGEST_PREFIX))
                tail = text[begin:end]
                spans = _spans(secret[:_SHORTEST], tail)
                yield from ((begin + at, end) for at, _ in spans if secret.startswith(tail[at:]))


def _parts(secret: str) -> set[str]:
    """``secret``, and what a check sends of it alone: of a URL, its password, path and query."""
    before_fragment = secret.partition("#")[0]
    parts = {secret, secret.strip(), before_fragment if len(before_fragment) >= _SHORTEST_CODED else ""}
    parts |= {line.strip() for line in secret.splitlines()[:_MOST_LINES] if len(line) >= _SHORTEST_LINE}
    if found := _URL.match(secret):
        password, target, query = (found[name] or "" for name in ("password", "target", "query"))
        parts |= {password, target, *(value for _, value in parse_qsl(query))}
    return parts | {unquote(part) for part in parts if "%" in part}


def _spellings(secret: str) -> set[str]:
    """``secret`` as it is, on one line, quoted, in a URL, form, JSON or HTML, and in something in Base64."""
    import json
    from base64 import b64encode
    from urllib.parse import quote_plus

    data = secret.encode(errors="replace")
    spelt = {secret, quote_plus(data), *(quote(data, safe=safe) for safe in ("", "/", _URL_SAFE))}
    spelt |= {json.dumps(secret, ensure_ascii=strict)[1:-1] for strict in (True, False)}
    backslashed = secret.replace("\\", "\\\\")
    spelt |= {plain(secret, len(secret)), backslashed, backslashed.replace("'", "\\'")}
    spelt |= _in_html(secret) | {data.decode("latin-1")}  # and as read by a server without UTF-8
    spelt |= {secret.lower()} if _HOST.fullmatch(secret) else set()
    for before in range(3):  # bytes that share a group of three with the secret's first
        bits = 8 * (before + len(data))
        coded = b64encode(bytes(before) + data).decode()[-(-8 * before // 6) : bits // 6]
        spelt |= {coded} if len(coded) >= _SHORTEST_CODED else set()
    return spelt


def _in_html(secret: str) -> set[str]:
    from html import escape

    quoted = escape(secret)
    return {escape(secret, quote=False), quoted, quoted.replace("&quot;", "&#34;").replace("&#x27;", "&#39;")}


def _spans(secret: str, text: str) -> Iterator[tuple[int, int]]:
    """The ranges of ``secret`` in ``text``, including overlapping ones."""
    at = text.find(secret)
    while at >= 0:
        yield at, at + len(secret)
        at = text.find(secret, at + 1)


def _merged(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """``spans``, in the order of their beginnings, with overlapping ones merged."""
    start = end = 0
    for begins, ends in spans:
        if begins >= end:
            if end:
                yield start, end
            start = begins
        end = max(end, ends)
    if end:
        yield start, end
