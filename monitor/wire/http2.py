"""HTTP/2: one exchange on a connection of its own (RFC 9113).

The client reads as curl does: the answer comes on the request's stream. Frames of other
streams, also of pushed ones, are decompressed (they change the state of HPACK) and dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.trace import Phase, Trace
from monitor.wire.body import Body
from monitor.wire.connection import Connection
from monitor.wire.frames import (
    ACK,
    CANCEL,
    END_HEADERS,
    END_STREAM,
    ERRORS,
    LARGEST,
    NO_ERROR,
    PREFACE,
    Frame,
    FrameReader,
    Kind,
    broken,
    frame,
    settings,
)
from monitor.wire.http2_head import read_head, read_trailers
from monitor.wire.messages import HEAD_LIMIT, Request, Response, add_note

_STREAM = 1
_MOST_IDLE = 1000
"""Limit of frames without progress, such as pings, settings and informational responses."""
_WINDOW = 1 << 20
"""Bytes that the server may send ahead of our acknowledgement."""
_ENABLE_PUSH, _INITIAL_WINDOW_SIZE, _MAX_FRAME_SIZE, _MAX_HEADER_LIST_SIZE = 2, 4, 5, 6
_DEFAULT_WINDOW = 65535
_LARGEST_WINDOW = (1 << 31) - 1
_OPENING = (
    PREFACE
    + frame(
        Kind.SETTINGS,
        settings({_ENABLE_PUSH: 0, _INITIAL_WINDOW_SIZE: _WINDOW, _MAX_HEADER_LIST_SIZE: HEAD_LIMIT}),
    )
    + frame(Kind.WINDOW_UPDATE, (_WINDOW - _DEFAULT_WINDOW).to_bytes(4, "big"))
)


def load() -> None:
    """Load the library now rather than in an exchange."""
    import hpack  # noqa: F401


async def exchange(connection: Connection, request: Request, trace: Trace, max_body: int) -> Response:
    """As :func:`monitor.wire.http1.exchange`; HTTP/2 must have been agreed on, or be known."""
    trace.enter(None)  # a redirect may be the first to need the library
    talk = Http2Client(request, max_body)
    trace.skip_gap()
    trace.enter(Phase.WAIT)
    await connection.write(talk.outgoing())
    while not talk.finished:
        talk.receive(await connection.read())
        if talk.answered and trace.phase is Phase.WAIT:
            trace.enter(Phase.TRANSFER)
        if not talk.finished and (due := talk.outgoing()):
            await connection.write(due)
    trace.enter(None)
    return talk.response()


class Http2Client:
    """One request on stream 1 and its answer. Sans I/O. Raises ProbeError ``protocol_error``."""

    def __init__(self, request: Request, max_body: int) -> None:
        from hpack import Decoder

        self.answered = self.finished = False
        self._method = request.method
        self._unsent = memoryview(request.body)
        self._due = [_OPENING, *_header_frames(request)]
        self._frames = FrameReader()
        self._hpack = Decoder(HEAD_LIMIT)
        self._block: tuple[Frame, list[bytes]] | None = None
        """An incomplete header block."""
        self._max_body = max_body
        self._body = Body(max_body)
        self._status = 0
        self._length: str | None = None
        self._headers: list[tuple[str, str]] = []
        self._trailers: list[tuple[str, str]] = []
        self._notes: list[str] = []
        self._idle = 0
        self._unacknowledged = 0
        self._room, self._stream_room = _DEFAULT_WINDOW, _DEFAULT_WINDOW
        self._initial_room, self._largest = _DEFAULT_WINDOW, LARGEST

    # ── to the server ───────────────────────────────────────────────────────────────────────────

    def outgoing(self) -> bytes:
        """The bytes to send now, including as much of the body as the server's window allows."""
        while self._unsent and (size := min(self._room, self._stream_room, self._largest)) > 0:
            piece, self._unsent = bytes(self._unsent[:size]), self._unsent[size:]
            self._room -= len(piece)
            self._stream_room -= len(piece)
            flags = 0 if self._unsent else END_STREAM
            self._due.append(frame(Kind.DATA, piece, stream=_STREAM, flags=flags))
        data = b"".join(self._due)
        self._due.clear()
        return data

    # ── from the server ─────────────────────────────────────────────────────────────────────────

    def receive(self, data: bytes) -> None:
        """Feed received data, ``b""`` at the end of the stream."""
        if not data:
            when = "in the middle of the answer" if self.answered else "without an answer"
            raise ProbeError(Reason.PROTOCOL_ERROR, f"the server closed the connection {when}")
        for one in self._frames.feed(data):
            self._handle(one)
            if self.finished:
                return

    def _handle(self, one: Frame) -> None:
        if (self._block is not None) != (one.kind == Kind.CONTINUATION):
            raise broken("a header block is interrupted, or continued where none was begun")
        if one.kind == Kind.DATA and one.stream == _STREAM and one.payload:
            self._take_data(one)
            return
        self._idle += 1
        if self._idle > _MOST_IDLE:
            raise ProbeError(Reason.PROTOCOL_ERROR, "the server sends frames without end, and no answer")
        handle = self._HANDLERS.get(one.kind)
        if handle is not None:
            handle(self, one)

    def _take_data(self, one: Frame) -> None:
        if not self.answered:
            raise broken("the body comes before the headers")
        self._body.feed(one.content())
        self._acknowledge(len(one.payload))
        if self._body.full:
            self.finished = True
        elif one.flags & END_STREAM:
            self._end()

    def _drop_data(self, one: Frame) -> None:
        """Count an empty piece of our body, or a piece of another stream's."""
        if one.stream == 0:
            raise broken("a body on stream 0")
        if one.stream == _STREAM and one.flags & END_STREAM:
            self._end()
        elif one.stream != _STREAM:
            add_note(self._notes, "frames of other streams came in between")
            self._acknowledge(len(one.payload))

    def _acknowledge(self, size: int) -> None:
        """Allow the server to send more once it has used half of the window."""
        self._unacknowledged += size
        if self._unacknowledged >= _WINDOW // 2:
            allowed = self._unacknowledged.to_bytes(4, "big")
            self._unacknowledged = 0
            self._due += [frame(Kind.WINDOW_UPDATE, allowed, stream=stream) for stream in (0, _STREAM)]

    def _end(self) -> None:
        if not self.answered:
            raise broken("it ends without headers")
        bare = self._method == "HEAD" or self._status in (204, 304)
        received = str(self._body.received)
        if self._length is not None and not bare and self._length.lstrip("0") != received.lstrip("0"):
            raise broken(f"the body has {self._body.received} of {self._length} bytes")
        self.finished = True

    # ── headers ─────────────────────────────────────────────────────────────────────────────────

    def _begin_block(self, one: Frame) -> None:
        if one.stream == 0:
            raise broken("headers on stream 0")
        promised = one.kind == Kind.PUSH_PROMISE
        content = one.content()
        self._block = (one, [content[4:] if promised else content])
        if promised:
            self._refuse(int.from_bytes(content[:4], "big"))
        self._continue_block(one)

    def _refuse(self, promised: int) -> None:
        add_note(self._notes, "the server pushes, although it was asked not to")
        self._due.append(frame(Kind.RST_STREAM, CANCEL.to_bytes(4, "big"), stream=promised & 0x7FFFFFFF))

    def _continue_block(self, one: Frame) -> None:
        assert self._block is not None
        first, parts = self._block
        if one is not first:
            parts.append(one.payload)
        if one.stream != first.stream or sum(map(len, parts)) > HEAD_LIMIT:
            raise broken("a header block is interrupted, or has no end")
        if one.flags & END_HEADERS:
            self._block = None
            fields = self._decompress(b"".join(parts))
            if first.kind == Kind.HEADERS and first.stream == _STREAM:
                self._take_headers(fields, ends=bool(first.flags & END_STREAM))
            elif first.kind == Kind.HEADERS:
                add_note(self._notes, "frames of other streams came in between")

    def _decompress(self, block: bytes) -> list[tuple[bytes, bytes]]:
        from hpack import HPACKError

        try:
            return [(bytes(name), bytes(value)) for name, value in self._hpack.decode(block, raw=True)]
        except (HPACKError, ValueError, IndexError):  # its index does not exist
            raise broken("its headers cannot be decompressed") from None

    def _take_headers(self, fields: list[tuple[bytes, bytes]], *, ends: bool) -> None:
        if self.answered:
            self._trailers = read_trailers(fields, self._notes)
            if not ends:
                raise broken("headers in the middle of the body")
            self._end()
            return
        self._status, self._headers = read_head(fields, self._notes)
        if self._status < 200:
            if ends or self._status == 101:
                raise broken(f"status {self._status} is no final answer")
            return
        self.answered = True
        known = dict(self._headers)
        self._length = known.get("content-length")
        self._body = Body(self._max_body, known.get("content-encoding", ""))
        if ends:
            self._end()

    # ── the connection ──────────────────────────────────────────────────────────────────────────

    def _reset(self, one: Frame) -> None:
        if one.stream == _STREAM:
            raise _ended("reset the stream", one.number())

    def _go_away(self, one: Frame) -> None:
        last, code = one.number() & 0x7FFFFFFF, one.number(4)
        if code != NO_ERROR or last < _STREAM:
            raise _ended("ended the connection", code)

    def _answer_ping(self, one: Frame) -> None:
        if len(one.payload) != 8:
            raise broken("a ping does not have 8 bytes")
        if not one.flags & ACK:
            self._due.append(frame(Kind.PING, one.payload, flags=ACK))

    def _obey(self, one: Frame) -> None:
        if one.stream or len(one.payload) % 6:
            raise broken("its settings are no settings")
        if one.flags & ACK:
            return
        for at in range(0, len(one.payload), 6):
            key, value = int.from_bytes(one.payload[at : at + 2], "big"), one.number(at + 2)
            if key == _INITIAL_WINDOW_SIZE:
                self._stream_room += value - self._initial_room
                self._initial_room = value
            elif key == _MAX_FRAME_SIZE:
                self._largest = min(max(value, LARGEST), 1 << 20)
        self._due.append(frame(Kind.SETTINGS, flags=ACK))

    def _widen(self, one: Frame) -> None:
        more = one.number() & 0x7FFFFFFF
        if one.stream == 0:
            self._room += more
        elif one.stream == _STREAM:
            self._stream_room += more
        if more == 0 or max(self._room, self._stream_room) > _LARGEST_WINDOW:
            raise broken("a window update is out of range")

    def response(self) -> Response:
        """The response, once it is finished."""
        body = self._body.finish()
        return Response(
            status=self._status,
            phrase="",
            version="2",
            headers=self._headers,
            body=body,
            trailers=self._trailers,
            notes=[*self._notes, *self._body.notes],
        )

    _HANDLERS: ClassVar[Mapping[int, Callable[[Http2Client, Frame], None]]] = {
        Kind.DATA: _drop_data,
        Kind.HEADERS: _begin_block,
        Kind.PUSH_PROMISE: _begin_block,
        Kind.CONTINUATION: _continue_block,
        Kind.RST_STREAM: _reset,
        Kind.SETTINGS: _obey,
        Kind.PING: _answer_ping,
        Kind.GOAWAY: _go_away,
        Kind.WINDOW_UPDATE: _widen,
    }


def _ended(how: str, code: int) -> ProbeError:
    name = ERRORS[code] if code < len(ERRORS) else f"error {code}"
    return ProbeError(Reason.PROTOCOL_ERROR, f"the server {how} ({name})")


def _header_frames(request: Request) -> list[bytes]:
    """The request's headers, in as many frames as they take."""
    block = request.http2
    pieces = [block[at : at + LARGEST] for at in range(0, len(block), LARGEST)]
    kinds = [Kind.HEADERS, *[Kind.CONTINUATION] * (len(pieces) - 1)]
    flags = [0] * len(pieces)
    flags[0] |= 0 if request.body else END_STREAM
    flags[-1] |= END_HEADERS
    return [
        frame(kind, piece, stream=_STREAM, flags=flag)
        for kind, piece, flag in zip(kinds, pieces, flags, strict=True)
    ]
