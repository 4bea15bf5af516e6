"""HTTP/2 exchanges: against real servers, and frames against the standard as the real curl reads them."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded
from hpack import Encoder
from hypothesis import given
from hypothesis import strategies as st
from one_client import serving

from monitor.demo.process import RunningZoo
from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.trace import Trace
from monitor.wire.connection import connect
from monitor.wire.frames import ACK, END_HEADERS, END_STREAM, PADDED, PRIORITY, Kind, frame, settings
from monitor.wire.http2 import Http2Client, exchange
from monitor.wire.messages import HEAD_LIMIT, Request, Response
from monitor.wire.urls import parse

GET = Request(method="GET", url=parse("http://x/"))
FIRST = frame(Kind.SETTINGS)
DONE = END_HEADERS | END_STREAM
CODER = Encoder()
"""Without its dynamic table, so that blocks do not depend on each other."""
CODER.header_table_size = 0


@pytest.mark.parametrize(("method", "body"), [("GET", b""), ("POST", b"x" * 200_000)])
async def test_a_request_is_answered_whatever_its_size(zoo: RunningZoo, method: str, body: bytes) -> None:
    host, _, port = zoo.addresses["h2c"].rpartition(":")
    url = parse(f"http://{zoo.addresses['h2c']}/healthy")
    headers = (("Connection", "close"), ("X", "y"))
    request = Request(method=method, url=url, headers=headers, body=body)
    trace = Trace()
    with await connect(host, int(port), trace) as connection:
        got = await exchange(connection, request, trace, 5)
    assert (got.status, got.version, got.body) == (200, "2", b"ok ov")
    assert list(trace.phases) == ["connect", "wait", "transfer"]


# ── what curl makes of it ───────────────────────────────────────────────────────────────────────


def fields(*lines: tuple[str, str], status: str | None = "200") -> bytes:
    """A header block, without Huffman codes."""
    first = [] if status is None else [(":status", status)]
    return bytes(CODER.encode([*first, *lines], huffman=False))


def head(*lines: tuple[str, str], stream: int = 1, status: str = "200", flags: int = END_HEADERS) -> bytes:
    return frame(Kind.HEADERS, fields(*lines, status=status), stream=stream, flags=flags)


def data(body: bytes, stream: int = 1, flags: int = END_STREAM) -> bytes:
    return frame(Kind.DATA, body, stream=stream, flags=flags)


def promise(stream: int = 2, on: int = 1) -> bytes:
    request = [(":method", "GET"), (":scheme", "http"), (":authority", "x"), (":path", "/pushed")]
    block = stream.to_bytes(4, "big") + bytes(CODER.encode(request, huffman=False))
    return frame(Kind.PUSH_PROMISE, block, stream=on, flags=END_HEADERS)


READ: dict[str, tuple[bytes, str | None]] = {
    "well done": (head() + data(b"ok"), None),
    "in pieces": (head() + data(b"o", flags=0) + data(b"", flags=0) + data(b"k"), None),
    "an empty last piece": (head() + data(b"ok", flags=0) + data(b""), None),
    "no body": (head(flags=DONE), None),
    "padding": (head() + data(b"\x03ok\0\0\0", flags=END_STREAM | PADDED), None),
    "a priority in the headers": (
        frame(Kind.HEADERS, b"\0\0\0\0\x10" + fields(), stream=1, flags=END_HEADERS | PRIORITY) + data(b"ok"),
        None,
    ),
    "headers in two frames": (
        frame(Kind.HEADERS, fields(("x", "y"))[:4], stream=1)
        + frame(Kind.CONTINUATION, fields(("x", "y"))[4:], stream=1, flags=END_HEADERS)
        + data(b"ok"),
        None,
    ),
    "an informational answer": (head(("link", "x"), status="103") + head() + data(b"ok"), None),
    "trailers": (
        head()
        + data(b"ok", flags=0)
        + frame(Kind.HEADERS, fields(("x", "y"), status=None), stream=1, flags=DONE),
        None,
    ),
    "a ping": (frame(Kind.PING, bytes(8)) + head() + data(b"ok"), None),
    "a priority frame": (frame(Kind.PRIORITY, bytes(5), stream=3) + head() + data(b"ok"), None),
    "a frame that nobody knows": (b"\0\0\x02\xfa\0\0\0\0\x01hi" + head() + data(b"ok"), None),
    "a polite goodbye": (frame(Kind.GOAWAY, b"\0\0\0\x01" + bytes(4)) + head() + data(b"ok"), None),
    "a blank at the end of a value": (head(("x", "y ")) + data(b"ok"), "begins or ends with a blank"),
    "a blank at the beginning": (head(("x", " y")) + data(b"ok"), "begins or ends with a blank"),
    "UTF-8 in a value": (head(("x", "é€")) + data(b"ok"), None),
    "the length": (head(("content-length", "2")) + data(b"ok"), None),
    "the length with zeros": (head(("content-length", "002")) + data(b"ok"), None),
    "a 204": (head(status="204", flags=DONE), None),
    "an old goodbye to a pushed stream": (
        head() + frame(Kind.WINDOW_UPDATE, b"\0\0\1\0", stream=1) + data(b"ok"),
        None,
    ),
    "a push before the settings are known": (
        promise() + head(stream=2, status="404") + data(b"pushed", 2) + head() + data(b"ok"),
        "although it was asked not to",
    ),
    "a pushed answer in the middle of ours": (
        promise()
        + head()
        + head(stream=2, status="404")
        + data(b"o", flags=0)
        + data(b"pushed", 2)
        + data(b"k"),
        "although it was asked not to",
    ),
}
"""Name -> frames that curl reads, and what our note says."""

REFUSED = {
    "status 101": head(status="101"),
    "no status": frame(Kind.HEADERS, fields(("x", "y"), status=None), stream=1, flags=END_HEADERS)
    + data(b"ok"),
    "a status of letters": head(status="abc") + data(b"ok"),
    "the status behind": frame(
        Kind.HEADERS, fields(("x", "y"), (":status", "200"), status=None), stream=1, flags=END_HEADERS
    )
    + data(b"ok"),
    "two statuses": head((":status", "200")) + data(b"ok"),
    "a header for requests": head((":path", "/")) + data(b"ok"),
    "a control character": head(("x", "a\x01b")) + data(b"ok"),
    "a blank in a name": head(("a b", "c")) + data(b"ok"),
    "upper case": head(("X", "y")) + data(b"ok"),
    "a header of HTTP/1.1": head(("connection", "close")) + data(b"ok"),
    "transfer-encoding": head(("transfer-encoding", "chunked")) + data(b"ok"),
    "more than the length": head(("content-length", "1")) + data(b"ok"),
    "less than the length": head(("content-length", "3")) + data(b"ok"),
    "the body first": data(b"ok"),
    "a reset": head() + data(b"o", flags=0) + frame(Kind.RST_STREAM, b"\0\0\0\x02", stream=1),
    "a goodbye": frame(Kind.GOAWAY, bytes(4) + b"\0\0\0\x0b"),
    "a stray continuation": frame(Kind.CONTINUATION, fields(), stream=1, flags=END_HEADERS) + data(b"ok"),
    "an interrupted header block": frame(Kind.HEADERS, fields()[:1], stream=1)
    + frame(Kind.PING, bytes(8))
    + frame(Kind.CONTINUATION, fields()[1:], stream=1, flags=END_HEADERS)
    + data(b"ok"),
    "headers that cannot be decompressed": frame(
        Kind.HEADERS, b"\xff\xff\xff\xff\x0f", stream=1, flags=END_HEADERS
    ),
    "headers on stream 0": frame(Kind.HEADERS, fields(), flags=END_HEADERS),
    "half a setting": frame(Kind.SETTINGS, b"\0\0\0"),
    "settings of a stream": frame(Kind.SETTINGS, stream=1),
    "half a ping": frame(Kind.PING, b"half"),
    "a window that grows by nothing": frame(Kind.WINDOW_UPDATE, bytes(4)),
    "a window beyond all measure": frame(Kind.WINDOW_UPDATE, b"\x7f\xff\xff\xff"),
    "a frame beyond all measure": b"\x00\xff\xff\0\0\0\0\0\x01" + bytes(65535),
    "headers in the middle of the body": head() + data(b"o", flags=0) + head() + data(b"k"),
}
"""Name -> frames that neither curl nor we read."""

CUT_BY_CURL = {
    "too much padding": head() + data(b"\x09ok", flags=END_STREAM | PADDED),
    "a body on stream 0": head() + data(b"ok", 0),
}
"""Name -> frames at which curl ends the connection, and calls what came until then an answer."""

MORE_LENIENT = {
    "headers of a stream that nobody opened": head(stream=3, status="500") + head() + data(b"ok"),
    "an answer on a stream of the server's": head() + head(stream=2, status="500") + data(b"ok"),
}
"""Name -> frames of other streams that curl takes for the end of the connection, and browsers may not."""


def server(frames: bytes) -> AbstractContextManager[int]:
    """Answers one request with ``frames``, and waits for the client to go."""

    def answer(client: socket.socket) -> None:
        client.recv(65536)
        client.sendall(FIRST + frames)
        client.settimeout(0.5)
        while client.recv(65536):
            pass

    return serving(answer)


@pytest.fixture(scope="module")
def curl(needs: Callable[[str], str]) -> Callable[[bytes], tuple[str, str] | None]:
    """Status and body as curl reads them; None for what curl refuses."""
    program = needs("curl")

    def read(frames: bytes) -> tuple[str, str] | None:
        with server(frames) as port:
            command = [program, "-q", "-s", "--http2-prior-knowledge", "--max-time", "10"]
            command += ["-w", "\n%{http_code}", f"http://127.0.0.1:{port}/"]
            run = subprocess.run(command, capture_output=True, text=True, check=False, env={})
        body, _, status = run.stdout.rpartition("\n")
        return (status, body) if run.returncode == 0 else None

    return read


def read(frames: bytes, size: int = 1 << 20) -> Response:
    """The answer as we read it, in pieces of ``size``, and then the end of the connection."""
    client, whole = Http2Client(GET, 1 << 20), FIRST + frames
    for at in range(0, len(whole), size):
        client.receive(whole[at : at + size])
        client.outgoing()
        if client.finished:
            return client.response()
    client.receive(b"")
    return client.response()


@pytest.mark.parametrize("name", READ)
def test_what_curl_reads_is_read_alike_and_noted(
    name: str, curl: Callable[[bytes], tuple[str, str] | None]
) -> None:
    frames, note = READ[name]
    got = read(frames)
    assert (str(got.status), got.body.decode()) == curl(frames)
    assert bool(got.notes) is (note is not None)
    assert note is None or note in got.notes[0]


@pytest.mark.parametrize("name", [*READ, *MORE_LENIENT])
def test_it_is_read_alike_however_it_is_cut(name: str) -> None:
    frames = READ[name][0] if name in READ else MORE_LENIENT[name]
    assert read(frames, 1) == read(frames, 7) == read(frames)


@pytest.mark.parametrize("name", REFUSED)
def test_what_curl_refuses_is_a_protocol_error(
    name: str, curl: Callable[[bytes], tuple[str, str] | None]
) -> None:
    assert curl(REFUSED[name]) is None
    with pytest.raises(ProbeError) as caught:
        read(REFUSED[name])
    assert caught.value.reason is Reason.PROTOCOL_ERROR


@pytest.mark.parametrize("name", CUT_BY_CURL)
def test_half_an_answer_is_a_protocol_error(
    name: str, curl: Callable[[bytes], tuple[str, str] | None]
) -> None:
    assert curl(CUT_BY_CURL[name]) == ("200", "")
    with pytest.raises(ProbeError):
        read(CUT_BY_CURL[name])


@pytest.mark.parametrize("name", MORE_LENIENT)
def test_frames_of_other_streams_do_not_touch_our_answer(
    name: str, curl: Callable[[bytes], tuple[str, str] | None]
) -> None:
    assert curl(MORE_LENIENT[name]) != ("200", "ok")
    got = read(MORE_LENIENT[name])
    assert (got.status, got.body) == (200, b"ok")
    assert got.notes == ["frames of other streams came in between"]


def test_a_pushed_stream_is_refused() -> None:
    client = Http2Client(GET, 1 << 20)
    client.outgoing()
    client.receive(FIRST + promise(4))
    assert frame(Kind.RST_STREAM, b"\0\0\0\x08", stream=4) in client.outgoing()


def test_pings_and_settings_are_acknowledged() -> None:
    client = Http2Client(GET, 1 << 20)
    client.outgoing()
    client.receive(FIRST + frame(Kind.PING, b"12345678") + frame(Kind.PING, b"abcdefgh", flags=ACK))
    assert client.outgoing() == frame(Kind.SETTINGS, flags=ACK) + frame(Kind.PING, b"12345678", flags=ACK)


# ── beside the library h2 ───────────────────────────────────────────────────────────────────────


@given(st.integers(0, 200_000), st.integers(0, 70_000), st.lists(st.integers(1, 40_000), max_size=5))
def test_bodies_of_any_size_go_both_ways_through_the_windows(
    sent: int, window: int, sizes: list[int]
) -> None:
    request = Request(method="POST", url=parse("http://x/"), body=b"x" * sent)
    client, theirs = Http2Client(request, 1 << 22), H2Connection(H2Configuration(client_side=False))
    theirs.initiate_connection()
    theirs.update_settings({4: window})
    answer, received = sum(sizes) * b"y", 0
    for _ in range(400):
        for event in theirs.receive_data(client.outgoing()):
            if isinstance(event, DataReceived):
                received += len(event.data)
                theirs.increment_flow_control_window(event.flow_controlled_length)
                theirs.increment_flow_control_window(event.flow_controlled_length + 5000, 1)
            elif isinstance(event, RequestReceived):
                theirs.increment_flow_control_window(5000, 1)
            elif isinstance(event, StreamEnded):
                theirs.send_headers(1, [(":status", "200")], end_stream=not answer)
                for size in sizes:
                    for at in range(0, size, 16384):
                        theirs.send_data(1, b"y" * min(16384, size - at))
                if answer:
                    theirs.end_stream(1)
        if due := theirs.data_to_send():
            client.receive(due)
        if client.finished:
            break
    assert (received, client.response().body) == (sent, answer)


def test_a_long_body_is_acknowledged_so_that_it_goes_on() -> None:
    client, theirs = Http2Client(GET, 1 << 23), H2Connection(H2Configuration(client_side=False))
    theirs.initiate_connection()
    theirs.receive_data(client.outgoing())
    theirs.send_headers(1, [(":status", "200")])
    for _ in range(256):
        theirs.send_data(1, bytes(16384))
        client.receive(theirs.data_to_send())
        theirs.receive_data(client.outgoing())
    theirs.end_stream(1)
    client.receive(theirs.data_to_send())
    assert len(client.response().body) == 256 * 16384


def test_settings_change_the_room_for_a_body_that_waits() -> None:
    client = Http2Client(Request(method="POST", url=parse("http://x/"), body=b"x" * 70_000), 10)
    client.outgoing()
    client.receive(frame(Kind.SETTINGS, settings({4: 100_000})))
    client.receive(frame(Kind.WINDOW_UPDATE, (100_000).to_bytes(4, "big")))
    assert client.outgoing().endswith(b"x" * 100)


@pytest.mark.parametrize(
    "endless",
    [
        frame(Kind.PING, bytes(8)),
        frame(Kind.SETTINGS),
        head(status="103"),
        promise(),
        data(b"", flags=0),
        data(b"x", stream=2),
        frame(Kind.CONTINUATION, b"\0\x01a\x01b", stream=1),
        frame(Kind.HEADERS, b"\x82" * 100, stream=1),
    ],
)
def test_frames_without_end_are_not_heard_for_ever(endless: bytes) -> None:
    client = Http2Client(GET, 10)
    client.receive(FIRST)
    if endless[3] == Kind.CONTINUATION:
        client.receive(frame(Kind.HEADERS, fields(), stream=1))
    with pytest.raises(ProbeError):
        client.receive(endless * 2000)


def test_headers_that_unpack_to_too_much_are_refused() -> None:
    with pytest.raises(ProbeError):
        read(head(*[("x", "y" * 10_000)] * (HEAD_LIMIT // 10_000 + 1)))


@given(st.binary(max_size=300), st.integers(1, 50))
def test_garbage_is_a_protocol_error_and_nothing_else(garbage: bytes, size: int) -> None:
    with pytest.raises(ProbeError) as caught:
        read(garbage, size)
    assert caught.value.reason is Reason.PROTOCOL_ERROR


@given(
    st.sampled_from(sorted({*READ, *REFUSED})),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_what_is_garbled_is_read_or_a_protocol_error(name: str, changes: list[tuple[int, int]]) -> None:
    frames = bytearray(READ[name][0] if name in READ else REFUSED[name])
    for at, byte in changes:
        frames[at % len(frames)] = byte
    with suppress(ProbeError):
        read(bytes(frames))
