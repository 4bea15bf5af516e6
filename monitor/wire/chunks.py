"""The chunked transfer coding (RFC 9112, 7.1), as curl reads it. Sans I/O."""

from __future__ import annotations

import re
from collections.abc import Callable

from monitor.text import plain
from monitor.wire.http1_head import broken
from monitor.wire.messages import HEAD_LIMIT, add_note

_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}(?![0-9A-Fa-f])")
_EXTENSION = re.compile(rb"[ \t]*(;[^\r]*)?\r?")
_LONGEST_LINE = 65536
"""Bytes of a chunk's size with its extensions, and of a trailer; as much as curl takes of trailers."""
_BARE_LF = "lines of the chunked body end with LF instead of CR LF"


class ChunkReader:
    """Extracts the body from its chunks.

    ``notes`` receives deviations from the standard. Raises ProbeError ``protocol_error``.
    """

    __slots__ = ("_left", "_notes", "_take_line", "_trailers", "_unread", "finished")

    def __init__(self, notes: list[str]) -> None:
        self.finished = False
        self._notes = notes
        self._left = 0
        """Bytes of the chunk that are still to come."""
        self._trailers = 0
        """Bytes of trailers so far."""
        self._unread = b""
        self._take_line: Callable[[ChunkReader, bytes], None] = ChunkReader._take_size

    @property
    def rest(self) -> bytes:
        """The bytes that came after the body, once it is finished."""
        return self._unread

    def feed(self, data: bytes) -> bytes:
        """The part of the body in ``data``."""
        data, at, parts = self._unread + data, 0, []
        while not self.finished:
            if self._left:
                piece = data[at : at + self._left]
                parts.append(piece)
                self._left -= len(piece)
                at += len(piece)
            end = data.find(b"\n", at)
            if self._left or end < 0:
                break
            _check_length(end - at)
            self._take_line(self, data[at:end])
            at = end + 1
        self._unread = data[at:]
        self._check_unread()
        return b"".join(parts)

    def _check_unread(self) -> None:
        """Refuse a line at once that cannot become valid."""
        if self.finished:
            return
        _check_length(len(self._unread))
        if self._unread and self._take_line is ChunkReader._end_chunk and self._unread != b"\r":
            self._end_chunk(self._unread)

    def _take_size(self, line: bytes) -> None:
        size = _SIZE.match(line)
        if size is None:
            raise broken(f"no chunk begins with {_shown(line)}")
        if not _EXTENSION.fullmatch(line, size.end()):
            add_note(self._notes, f"a chunk's size is followed by {_shown(line[size.end() :])}")
        if not line.endswith(b"\r"):
            add_note(self._notes, _BARE_LF)
        self._left = int(size[0], 16)
        self._take_line = ChunkReader._end_chunk if self._left else ChunkReader._take_trailer

    def _end_chunk(self, line: bytes) -> None:
        if line.strip(b"\r"):
            raise broken("a chunk is longer than its size says")
        if line != b"\r":
            add_note(self._notes, _BARE_LF)
        self._take_line = ChunkReader._take_size

    def _take_trailer(self, line: bytes) -> None:
        self._trailers += len(line)
        bare = line.removesuffix(b"\r")
        if not bare:
            self.finished = True
        elif b":" not in bare or b"\0" in bare:
            raise broken(f"{_shown(bare)} stands where only headers may follow the body")
        if bare == line:
            add_note(self._notes, _BARE_LF)
        if self._trailers > HEAD_LIMIT:
            raise broken(f"the trailers are longer than {HEAD_LIMIT} bytes")


def _check_length(length: int) -> None:
    """One limit for a line, whether it arrives at once or in pieces."""
    if length > _LONGEST_LINE:
        raise broken(f"a line of the chunked body is longer than {_LONGEST_LINE} bytes")


def _shown(line: bytes) -> str:
    return repr(plain(line.decode("latin-1"), 40))
