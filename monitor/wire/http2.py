"""HTTP/2: one exchange on a connection of its own (RFC 9113)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.text import plain
from monitor.trace import Trace
from monitor.wire.body import Body
from monitor.wire.connection import Connection
from monitor.wire.messages import Request, Response

if TYPE_CHECKING:
    from h2.connection import H2Connection

_MOST_IDLE = 1000
"""Frames that bring the answer no further, such as pings, settings and informational responses."""
_HEAD = 9
_SETTINGS = 4
_LARGEST_FRAME = 16384
_PIECE = 8192
"""Bytes that are read at once: nine make a frame, and all of them are handled in one go."""
_HTTP1_ONLY = frozenset(
    {"host", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te"}
)


def load() -> None:
    """Load the library now rather than in an exchange."""
    import h2.connection  # noqa: F401


async def exchange(connection: Connection, request: Request, trace: Trace, max_body: int) -> Response:
    """As :func:`monitor.wire.http1.exchange`; HTTP/2 must have been agreed on, or be known."""
    trace.enter(None)  # the first time, loading the library is nobody's phase
    from h2.exceptions import H2Error

    talk = _Exchange(connection, request, max_body)
    trace.enter("wait")
    try:
        await talk.begin()
        talk.receive(await _preface(connection))
        while not talk.finished:
            talk.receive(await connection.read(_PIECE))
            if talk.answered and trace.phase == "wait":
                trace.enter("transfer")
            await talk.send()
    except H2Error as error:
        text = f"the answer breaks HTTP/2: {plain(str(error)) or type(error).__name__}"
        raise ProbeError(Reason.PROTOCOL_ERROR, text) from None
    trace.enter(None)
    return talk.response()


async def _preface(connection: Connection) -> bytes:
    """The head of the server's first frame, which has to be SETTINGS (RFC 9113, 3.4).

    Anything else would be waited for as a frame of some megabytes.
    """
    head = await connection.read_exactly(_HEAD)
    if head[3] != _SETTINGS or int.from_bytes(head[:3], "big") > _LARGEST_FRAME:
        begins = plain(head.decode("latin-1"))
        raise ProbeError(Reason.PROTOCOL_ERROR, f"the answer is not HTTP/2: it begins with {begins!r}")
    return head


class _Exchange:
    """One request on stream 1 and what comes back."""

    def __init__(self, connection: Connection, request: Request, max_body: int) -> None:
        from h2.config import H2Configuration
        from h2.connection import H2Connection

        self._connection = connection
        self._request = request
        self._unsent = memoryview(request.body)
        self._max_body = max_body
        self._session: H2Connection = H2Connection(H2Configuration(header_encoding="latin-1"))
        self._headers: list[tuple[str, str]] = []
        self._trailers: list[tuple[str, str]] = []
        self._body = Body(max_body)
        self._idle = 0
        """Events that brought the answer no further."""
        self.answered = self.finished = False

    async def begin(self) -> None:
        self._session.initiate_connection()
        self._session.send_headers(1, _headers(self._request), end_stream=not self._unsent)
        await self.send()

    async def send(self) -> None:
        """Send what is due, and of the request's body what the server has room for."""
        while self._unsent and (room := self._room()) > 0:
            piece, self._unsent = bytes(self._unsent[:room]), self._unsent[room:]
            self._session.send_data(1, piece, end_stream=not self._unsent)
        if (due := self._session.data_to_send()) and not self.finished:
            await self._connection.write(due)

    def _room(self) -> int:
        return min(self._session.local_flow_control_window(1), self._session.max_outbound_frame_size)

    def receive(self, data: bytes) -> None:
        if not data:
            when = "in the middle of the answer" if self.answered else "without an answer"
            raise ProbeError(Reason.PROTOCOL_ERROR, f"the server closed the connection {when}")
        for event in self._session.receive_data(data):
            self._handle(event)

    def _handle(self, event: Any) -> None:
        match type(event).__name__:
            case "ResponseReceived":
                self._begin_answer(event.headers)
            case "DataReceived" if event.data:
                self._take(event)
            case "TrailersReceived":
                self._trailers = [(str(name), str(value)) for name, value in event.headers]
            case "StreamEnded":
                self.finished = True
            case "StreamReset" if not self.finished:
                raise _ended("reset the stream", event.error_code)
            case "ConnectionTerminated" if not self.finished and (
                event.error_code or not event.last_stream_id
            ):
                raise _ended("ended the connection", event.error_code)
            case _:
                self._idle += 1
                if self._idle > _MOST_IDLE:
                    raise ProbeError(
                        Reason.PROTOCOL_ERROR, "the server sends frames without end, and no answer"
                    )

    def _begin_answer(self, headers: Any) -> None:
        self.answered = True
        self._headers = [(str(name), str(value)) for name, value in headers]
        self._body = Body(self._max_body, dict(self._headers).get("content-encoding", ""))

    def _take(self, event: Any) -> None:
        self._body.feed(event.data)
        self.finished = self.finished or self._body.full
        self._session.acknowledge_received_data(event.flow_controlled_length, 1)

    def response(self) -> Response:
        status = next(value for name, value in self._headers if name == ":status")
        headers = [(name, value) for name, value in self._headers if not name.startswith(":")]
        return Response(
            status=int(status),
            phrase="",
            version="2",
            headers=headers,
            body=self._body.finish(),
            trailers=self._trailers,
        )


def _ended(how: str, code: Any) -> ProbeError:
    name = getattr(code, "name", str(code))
    return ProbeError(Reason.PROTOCOL_ERROR, f"the server {how} ({name})")


def _headers(request: Request) -> list[tuple[str, str]]:
    lines = [(name.lower(), value) for name, value in request.lines()]
    authority = dict(lines).get("host", request.url.authority)
    return [
        (":method", request.method),
        (":scheme", request.url.scheme),
        (":authority", authority),
        (":path", request.url.target),
        *(
            (name, str(value))
            for name, value in lines
            if name not in _HTTP1_ONLY or _is_for_trailers(name, value)
        ),
    ]


def _is_for_trailers(name: str, value: str) -> bool:
    """The one form of ``TE`` that HTTP/2 knows (RFC 9113, 8.2.2)."""
    return name == "te" and value == "trailers"
