"""Status line and headers of an HTTP/1.1 answer, as curl and browsers read them. Pure.

Servers that users can reach break RFC 9112 in small ways. Such a head is read, and ``notes``
lists its deviations.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.text import plain
from monitor.wire.messages import MOST_HEADERS, add_note

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 -- a pattern
_TEXT = r"[\t\x20-\x7e\x80-\xff]*"
_STRICT = re.compile(
    rf"HTTP/1\.[01] [1-9][0-9][0-9](?: {_TEXT})?\r\n(?:{_TOKEN}:{_TEXT}\r\n)*\r\n".encode("ascii")
)
"""A head without deviations."""
_STATUS_LINE = re.compile(r"(HTTP)/(1\.[01]|2(?:\.0)?)( +)([1-9][0-9][0-9])(?![0-9])(.*)", re.IGNORECASE)
_NAME = re.compile(_TOKEN)
_BLANKS = " \t"
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Head(NamedTuple):
    """Header names are in lower case, values stripped; both are Latin-1, as bytes that came."""

    version: str
    status: int
    phrase: str
    headers: list[tuple[str, str]]
    notes: list[str]


def parse_head(data: bytes) -> Head:
    """The head that ``data`` holds, blank line included. Raises ProbeError ``protocol_error``."""
    if not _STRICT.fullmatch(data):
        return _parse_leniently(data.decode("latin-1"))
    first, *lines = data[:-4].decode("latin-1").split("\r\n")
    parted = [line.partition(":") for line in lines]
    headers = [(name.lower(), value.strip(_BLANKS)) for name, _, value in parted]
    _check_count(headers)
    return Head(first[5:8], int(first[9:12]), first[13:], headers, [])


def _check_count(headers: list[tuple[str, str]]) -> None:
    if len(headers) > MOST_HEADERS:
        raise ProbeError(Reason.PROTOCOL_ERROR, f"more than {MOST_HEADERS} headers")


def _parse_leniently(text: str) -> Head:
    notes: list[str] = []
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if text.count("\r\n") != text.count("\n"):
        add_note(notes, "lines end with LF instead of CR LF")
    version, status, phrase = read_status_line(lines[0], notes)
    headers: list[tuple[str, str]] = []
    for line in filter(None, lines[1:]):
        if line[0] in _BLANKS:
            if not headers:
                raise broken("a line that continues a header comes before the first header")
            name, value = headers[-1]
            add_note(notes, f"the header {_shown(name)} continues on the next line")
            headers[-1] = name, f"{value} {line.strip(_BLANKS)}".strip(_BLANKS)
        else:
            headers.append(_read_header(line, notes))
    _check_count(headers)
    return Head(version, status, phrase, headers, notes)


def read_status_line(line: str, notes: list[str]) -> tuple[str, int, str]:
    """Version, status and phrase. Raises ProbeError ``protocol_error``."""
    if line[:5].upper() != "HTTP/":
        raise not_http(line)
    found = _STATUS_LINE.fullmatch(line)
    if found is None or "\0" in line:
        raise broken(f"no status line that HTTP/1.1 knows: {plain(line, 60)!r}")
    protocol, version, blanks, status, phrase = found.groups()
    if protocol != "HTTP" or len(blanks) > 1 or phrase[:1] not in ("", " "):
        add_note(notes, f"the status line is out of order: {plain(line, 60)!r}")
    if version.startswith("2"):
        add_note(notes, "the server speaks HTTP/1.1 and calls it HTTP/2")
    if _CONTROL.search(phrase):
        add_note(notes, "the status line holds control characters")
    return "1.1" if version.startswith("2") else version, int(status), phrase.removeprefix(" ")


def _read_header(line: str, notes: list[str]) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise broken(f"a header without a colon: {plain(line, 60)!r}")
    if "\0" in line:
        raise broken(f"NUL in the header {_shown(name)}")
    bare = name.strip(_BLANKS)
    if bare != name:
        add_note(notes, f"the name of the header {_shown(bare)} has a blank beside it")
    elif not _NAME.fullmatch(name):
        add_note(notes, f"{_shown(name)} is no name for a header")
    if _CONTROL.search(value):
        add_note(notes, f"the header {_shown(bare)} holds control characters")
    return bare.lower(), value.strip(_BLANKS)


def _shown(name: str) -> str:
    return repr(plain(name, 60))


def broken(what: str) -> ProbeError:
    """The error for a peer that breaks HTTP/1.1."""
    return ProbeError(Reason.PROTOCOL_ERROR, f"the answer breaks HTTP: {what}")


def not_http(text: str) -> ProbeError:
    """The error for a peer that speaks another protocol."""
    begins = plain(text, 40)
    return ProbeError(Reason.PROTOCOL_ERROR, f"the answer is not HTTP: it begins with {begins!r}")
