"""HTTP/3: one exchange on a connection of its own (RFC 9114)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.trace import Phase, Trace
from monitor.wire.body import Body
from monitor.wire.messages import Request, Response
from monitor.wire.quic import Quic

if TYPE_CHECKING:
    from aioquic.h3.events import DataReceived, HeadersReceived

_NO_ERROR = 0x100
_MOST_IDLE = 1000
"""Limit of steps without progress."""


async def exchange(connection: Quic, request: Request, trace: Trace, max_body: int) -> Response:
    """As :func:`monitor.wire.http1.exchange`, on a connection that has shaken hands."""
    talk = _Exchange(connection, request, max_body)
    trace.enter(Phase.WAIT)
    talk.begin()
    while not talk.finished:
        events = await connection.step()
        talk.take(events)
        if not talk.finished:
            connection.complain()
        if talk.answered and trace.phase is Phase.WAIT:
            trace.enter(Phase.TRANSFER)
    trace.enter(None)
    await connection.farewell(_NO_ERROR)
    return talk.response()


class _Exchange:
    """One request on a stream, and its response."""

    def __init__(self, connection: Quic, request: Request, max_body: int) -> None:
        from aioquic.h3.connection import H3Connection

        self._request = request
        self._max_body = max_body
        self._engine = connection.engine
        self._session = H3Connection(connection.engine)
        self._stream = connection.engine.get_next_available_stream_id()
        self._headers: list[tuple[str, str]] = []
        self._trailers: list[tuple[str, str]] = []
        self._body = Body(max_body)
        self._idle = 0
        self.answered = self.finished = False

    def begin(self) -> None:
        headers = [(name, value) for name, value, _ in self._request.fields]
        body = self._request.body
        self._session.send_headers(self._stream, headers, end_stream=not body)
        if body:
            self._session.send_data(self._stream, body, end_stream=True)

    def take(self, events: list[Any]) -> None:
        """Process the events of one step."""
        self._idle += 1
        for event in events:
            ours = getattr(event, "stream_id", None) == self._stream
            if ours and type(event).__name__ == "StreamReset":
                text = f"the server reset the stream (error {event.error_code:#x})"
                raise ProbeError(Reason.PROTOCOL_ERROR, text)
            ends = ours and self._hide_end(event)
            for part in self._session.handle_event(event):
                if getattr(part, "stream_id", None) == self._stream and not self.finished:
                    self._handle(part)
            self.finished = self.finished or (ends and self.answered)
        if self._idle > _MOST_IDLE:
            raise ProbeError(Reason.PROTOCOL_ERROR, "the server sends packets without end, and no answer")

    def _hide_end(self, event: Any) -> bool:
        """Whether the stream ends without a body, as it has to after HEAD.

        The library does not know the request, and would expect the bytes of a HEAD answer's Content-Length.
        """
        if self._request.method != "HEAD" or not getattr(event, "end_stream", False):
            return False
        event.end_stream = False
        return True

    def _handle(self, event: Any) -> None:
        match type(event).__name__:
            case "HeadersReceived" if event.push_id is None:
                self._take_headers(event)
            case "DataReceived" if event.push_id is None:
                self._take_data(event)

    def _take_headers(self, event: HeadersReceived) -> None:
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers]
        if self.answered:
            self._trailers = headers
        elif not dict(headers).get(":status", "").startswith("1"):
            self.answered, self._headers = True, headers
            self._body = Body(self._max_body, dict(headers).get("content-encoding", ""))
        self._end_if(event.stream_ended)

    def _take_data(self, event: DataReceived) -> None:
        if event.data:
            self._idle = 0
            self._body.feed(event.data)
        self._end_if(event.stream_ended or self._body.full)

    def _end_if(self, ended: bool) -> None:
        if ended and not self.answered:
            raise ProbeError(Reason.PROTOCOL_ERROR, "the server ended the stream without an answer")
        self.finished = ended

    def response(self) -> Response:
        return Response(
            status=int(dict(self._headers)[":status"]),
            phrase="",
            version="3",
            headers=[(name, value) for name, value in self._headers if not name.startswith(":")],
            body=self._body.finish(),
            trailers=self._trailers,
        )
