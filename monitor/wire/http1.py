"""HTTP/1.1: one exchange over a connection, and the reader of responses behind it.

The reader is sans I/O: it is fed bytes, and says when the response is complete. It reads what curl
and browsers read; where that departs from the standard, the response's notes say so.
"""

from __future__ import annotations

import re

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.text import plain
from monitor.trace import Phase, Trace
from monitor.wire.body import Body
from monitor.wire.chunks import ChunkReader
from monitor.wire.connection import Connection
from monitor.wire.http1_head import Head, broken, not_http, parse_head, read_status_line
from monitor.wire.messages import HEAD_LIMIT, Response, add_note, joined

_SWITCHING = 101
_HEAD_END = re.compile(rb"\n\r?\n")
_DIGITS = re.compile(r"\+?([0-9]+)")
_LONGEST_LENGTH = 18
"""Limit of digits of a length."""


async def exchange(
    connection: Connection, request: bytes, method: str, trace: Trace, max_body: int
) -> Response:
    """Send ``request`` and read its final response, with at most ``max_body`` bytes of its body.

    Phases: ``wait`` until the first byte of the answer, sending included; then ``transfer``.
    Raises ProbeError: ``protocol_error``, ``connection_reset`` …
    """
    trace.enter(Phase.WAIT)
    await connection.write(request)
    data = await connection.read()
    if data:
        trace.enter(Phase.TRANSFER)
    reader = ResponseReader(method, max_body)
    while not reader.feed(data):
        data = await connection.read()
    trace.enter(None)
    return reader.response()


class ResponseReader:
    """Reads the final response to one request. Sans I/O; keeps a bounded part of the input.

    Raises nothing but ProbeError ``protocol_error``.
    """

    __slots__ = (
        "_body",
        "_chunks",
        "_connection",
        "_head",
        "_head_size",
        "_left",
        "_length",
        "_method",
        "_notes",
        "_unread",
        "finished",
        "max_body",
        "rest",
    )

    def __init__(self, method: str, max_body: int) -> None:
        self.max_body = max_body
        self.finished = False
        self._method = method
        self._unread = b""
        """The beginning of a head."""
        self._head: Head | None = None
        self._head_size = 0
        """Bytes of informational responses."""
        self._connection = ""
        """The values of ``Connection``."""
        self._notes: list[str] = []
        self._length: int | None = None
        self._left = 0
        self._chunks: ChunkReader | None = None
        self.rest = b""
        """The bytes that came after the response, or their beginning."""
        self._body: Body
        """Begins with the final head."""

    def feed(self, data: bytes) -> bool:
        """Feed received data, ``b""`` at the end of the stream. Return whether the response is complete."""
        if not data:
            self._end()
            return True
        rest = data if self._head is not None else self._read_heads(data)
        if rest and not self.finished:
            self._take(rest)
        elif rest:
            self.rest = rest
        return self.finished

    def response(self) -> Response:
        """The complete response; call this once."""
        head = self._head
        assert head is not None
        body = self._body.finish()
        notes = [*self._notes, *self._body.notes]
        return Response(
            status=head.status,
            phrase=head.phrase,
            version=head.version,
            headers=head.headers,
            body=body,
            reusable=not notes and self._is_reusable(head),
            notes=notes,
        )

    def _is_reusable(self, head: Head) -> bool:
        cut = self.rest or self._body.full or head.status == _SWITCHING
        if cut or self._reads_to_the_end:
            return False
        options = self._connection
        return "close" not in options if head.version == "1.1" else "keep-alive" in options

    # ── the head ────────────────────────────────────────────────────────────────────────────────

    def _read_heads(self, data: bytes) -> bytes:
        """Read ``data`` up to the end of the final response's head. Return the bytes behind it."""
        known = len(self._unread)
        data = self._unread + data
        if not known and data[:1] in (b"\r", b"\n"):
            data = data.lstrip(b"\r\n")
            add_note(self._notes, "a blank line comes before the status line")
        while found := _HEAD_END.search(data, max(known - 2, 0)):
            known, end = 0, found.end()
            self._count(end)
            head = parse_head(data[:end])
            data = data[end:]
            if head.status >= 200 or head.status == _SWITCHING:
                self._begin(head)
                return data
            self._head_size += end
        self._unread = data
        self._count(len(data))
        _check_beginning(data)
        return b""

    def _count(self, size: int) -> None:
        if self._head_size + size > HEAD_LIMIT:
            raise ProbeError(Reason.PROTOCOL_ERROR, f"the headers are longer than {HEAD_LIMIT} bytes")

    def _begin(self, head: Head) -> None:
        self._head = head
        self._notes += head.notes
        fields = joined(head.headers)
        if "," in fields.get("content-length", "") and _give_length_once(head.headers):
            add_note(self._notes, "the length of the body is given several times")
            fields = joined(head.headers)
        self._connection = fields.get("connection", "").lower()
        codings, chunked = self._transfer_codings(fields)
        if self._method == "HEAD" or head.status in (_SWITCHING, 204, 304):
            self._length, self.finished, self._body = 0, True, Body(self.max_body)
            if head.status == 204 and (chunked or fields.get("content-length", "0") != "0"):
                add_note(self._notes, "an answer with status 204 has a body")
            return
        self._body = Body(self.max_body, ",".join([fields.get("content-encoding", ""), *codings]))
        if chunked and "content-length" in fields:
            add_note(self._notes, "a length is given beside chunks")
        if chunked:
            self._chunks = ChunkReader(self._notes)
        elif not codings and "content-length" in fields:
            self._length = self._read_length(fields["content-length"])
            self._left = self._length or 0
            self.finished = self._length == 0

    def _transfer_codings(self, fields: dict[str, str]) -> tuple[list[str], bool]:
        """The codings other than ``chunked``, and whether ``chunked`` is among them."""
        said = fields.get("transfer-encoding")
        if said is None:
            return [], False
        names = [name.strip().lower() for name in said.split(",")]
        others = [name for name in names if name not in ("chunked", "identity", "")]
        if len(others) + 1 < len(names) or names[-1] != "chunked":
            add_note(self._notes, f"the transfer coding is given as {plain(said, 60)!r}")
        unknown = [name for name in others if name not in ("gzip", "x-gzip", "deflate")]
        if unknown:
            raise ProbeError(Reason.PROTOCOL_ERROR, f"unknown transfer coding {plain(unknown[0], 60)!r}")
        return others, "chunked" in names

    def _read_length(self, text: str) -> int | None:
        """The length of the body; None for one that no body has, which is read to the end."""
        if text.isdecimal() and text.isascii() and len(text) <= _LONGEST_LENGTH:
            return int(text)
        lengths = {one.strip() for one in text.split(",")}
        length = lengths.pop()
        found = _DIGITS.match(length)
        if lengths or found is None:
            raise broken(f"no body has the length {plain(text, 60)!r}")
        if found[1] != text or len(text) > _LONGEST_LENGTH:
            add_note(self._notes, f"the length of the body is given as {plain(text, 60)!r}")
        return int(found[1]) if len(found[1]) <= _LONGEST_LENGTH else None

    # ── the body ────────────────────────────────────────────────────────────────────────────────

    @property
    def _reads_to_the_end(self) -> bool:
        return self._length is None and self._chunks is None

    def _take(self, data: bytes) -> None:
        if self._chunks is not None:
            self._body.feed(self._chunks.feed(data))
            self.finished = self._chunks.finished
            self.rest = self._chunks.rest if self.finished else b""
        elif self._length is not None:
            piece = data[: self._left]
            self._body.feed(piece)
            self._left -= len(piece)
            self.finished = not self._left
            self.rest = data[len(piece) :]
        else:
            self._body.feed(data)
        self.finished = self.finished or self._body.full

    def _end(self) -> None:
        if self._head is None:
            if not self._unread and not self._head_size:
                raise ProbeError(Reason.PROTOCOL_ERROR, "the server closed the connection without an answer")
            raise _early("in the middle of the headers")
        if self._reads_to_the_end:
            self.finished = True
        elif self._length is not None:
            raise _early(f"after {self._body.received} of {self._length} bytes of the body")
        else:
            raise _early(f"in the middle of a chunked body, after {self._body.received} bytes")


def _give_length_once(headers: list[tuple[str, str]]) -> bool:
    """Reduce several equal lengths to one (RFC 9110, 8.6). Return whether there were several."""
    lengths = [one.strip() for name, value in headers if name == "content-length" for one in value.split(",")]
    several = len(lengths) > 1 and len(set(lengths)) == 1
    if several:
        at = next(at for at, (name, _) in enumerate(headers) if name == "content-length")
        rest = [header for header in headers[at:] if header[0] != "content-length"]
        headers[at:] = [("content-length", lengths[0]), *rest]
    return several


def _check_beginning(data: bytes) -> None:
    """Refuse data at once that cannot become a valid head."""
    if not b"HTTP/".startswith(data[:5].upper()):
        raise not_http(data.decode("latin-1"))
    line, newline, _ = data.partition(b"\n")
    if newline:
        read_status_line(line.removesuffix(b"\r").decode("latin-1"), [])


def _early(where: str) -> ProbeError:
    return ProbeError(Reason.PROTOCOL_ERROR, f"the server closed the connection {where}")
