"""HTTP/2 frames (RFC 9113, sections 4 and 6): bytes to frames and back. Sans I/O."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.text import plain

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
LARGEST = 16384
"""Default limit of a frame's payload in bytes; we never allow more."""
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20
_HEAD = 9


class Kind(IntEnum):
    """The type of a frame."""

    DATA = 0
    HEADERS = 1
    PRIORITY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PUSH_PROMISE = 5
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8
    CONTINUATION = 9


ERRORS = (
    *("NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT"),
    *("STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR"),
    *("CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"),
)
"""Names of the error codes, in the order of their numbers (section 7)."""
NO_ERROR, CANCEL = 0, 8


class Frame(NamedTuple):
    """One frame. ``kind`` may be a number that :class:`Kind` does not know."""

    kind: int
    flags: int
    stream: int
    payload: bytes

    def number(self, at: int = 0) -> int:
        """The 32-bit number at ``at`` of the payload."""
        if len(self.payload) < at + 4:
            raise broken("a frame is too short")
        return int.from_bytes(self.payload[at : at + 4], "big")

    def content(self) -> bytes:
        """The payload without padding and priority."""
        start, end = 0, len(self.payload)
        if self.flags & PADDED:
            start, end = 1, end - (self.payload[0] if self.payload else 0)
        if self.kind == Kind.HEADERS and self.flags & PRIORITY:
            start += 5
        if start > end:
            raise broken("a frame's padding is longer than the frame")
        return self.payload[start:end]


def broken(what: str) -> ProbeError:
    """The error for a peer that breaks HTTP/2."""
    return ProbeError(Reason.PROTOCOL_ERROR, f"the answer breaks HTTP/2: {what}")


def frame(kind: Kind, payload: bytes = b"", *, stream: int = 0, flags: int = 0) -> bytes:
    """A frame as bytes."""
    return b"%b%c%c%b%b" % (len(payload).to_bytes(3, "big"), kind, flags, stream.to_bytes(4, "big"), payload)


def settings(values: dict[int, int]) -> bytes:
    """The payload of a SETTINGS frame."""
    return b"".join(key.to_bytes(2, "big") + value.to_bytes(4, "big") for key, value in values.items())


class FrameReader:
    """Cuts a server's bytes into frames. The first one has to be SETTINGS (section 3.4)."""

    __slots__ = ("_first", "_unread")

    def __init__(self) -> None:
        self._unread = b""
        self._first = True

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that ``data`` completes. Raises ProbeError ``protocol_error``."""
        data = self._unread + data
        at = 0
        while len(data) - at >= _HEAD:
            length, kind = int.from_bytes(data[at : at + 3], "big"), data[at + 3]
            self._check(length, kind, data)
            end = at + _HEAD + length
            if len(data) < end:
                break
            stream = int.from_bytes(data[at + 5 : at + 9], "big") & 0x7FFFFFFF
            yield Frame(kind, data[at + 4], stream, data[at + _HEAD : end])
            at, self._first = end, False
        self._unread = data[at:]

    def _check(self, length: int, kind: int, data: bytes) -> None:
        """Refuse an invalid frame at once, instead of waiting for megabytes."""
        if self._first and (kind != Kind.SETTINGS or length > LARGEST):
            begins = plain(data[:_HEAD].decode("latin-1"))
            raise ProbeError(Reason.PROTOCOL_ERROR, f"the answer is not HTTP/2: it begins with {begins!r}")
        if length > LARGEST:
            raise broken(f"a frame is longer than {LARGEST} bytes")
