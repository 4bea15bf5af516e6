"""Status and headers of an HTTP/2 answer (RFC 9113, section 8), as nghttp2 and so curl reads them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from monitor.text import plain
from monitor.wire.frames import broken
from monitor.wire.messages import MOST_HEADERS, add_note

_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_STATUS = re.compile(rb"[1-9][0-9][0-9]")
_HTTP1_ONLY = frozenset({b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"})

Block = Sequence[tuple[bytes, bytes]]
Fields = list[tuple[str, str]]


def read_head(block: Block, notes: list[str]) -> tuple[int, Fields]:
    """Status and headers; ``notes`` receives deviations. Raises ProbeError ``protocol_error``."""
    (name, status), *rest = block or [(b"", b"")]
    if name != b":status" or not _STATUS.fullmatch(status):
        raise broken("its headers do not begin with a status")
    return int(status), read_trailers(rest, notes)


def read_trailers(block: Block, notes: list[str]) -> Fields:
    """As :func:`read_head`, for headers without a status."""
    fields = [_field(name, value, notes) for name, value in block]
    if len(fields) > MOST_HEADERS:
        raise broken(f"it has more than {MOST_HEADERS} headers")
    return fields


def _field(name: bytes, value: bytes, notes: list[str]) -> tuple[str, str]:
    if name.startswith(b":") or name != name.lower() or name in _HTTP1_ONLY:
        raise broken(f"the header {_shown(name)} must not be there")
    if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        raise broken(f"the header {_shown(name)} holds characters that no header may have")
    text = value.decode("latin-1")
    bare = text.strip(" \t")
    if bare != text:
        add_note(notes, f"the value of the header {_shown(name)} begins or ends with a blank")
    return name.decode("ascii"), bare


def _shown(name: bytes) -> str:
    return repr(plain(name.decode("latin-1"), 60))
