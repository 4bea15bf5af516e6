"""The reader of HTTP/1.1 responses, held against h11 and against nonsense."""

import zlib
from collections.abc import Sequence
from itertools import pairwise

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.wire.http1 import HEAD_LIMIT, ResponseReader
from monitor.wire.messages import Response

LIMIT = 1 << 20

NAMES = st.sampled_from(["X-One", "x-two", "Server", "Set-Cookie", "ETag", "X_odd"])
VALUES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20)
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=6)
STATUSES = st.sampled_from([200, 201, 204, 206, 304, 301, 404, 500, 599])
METHODS = st.sampled_from(["GET", "HEAD", "POST"])
FRAMINGS = st.sampled_from(["length", "chunked", "close"])
CUTS = st.lists(st.integers(0, 400), max_size=12)


def read(pieces: Sequence[bytes], method: str = "GET", limit: int = LIMIT) -> Response:
    """What comes of ``pieces`` and then the end of the stream."""
    reader = ResponseReader(method, limit)
    for piece in pieces:
        if piece and reader.feed(piece):
            return reader.response()
    reader.feed(b"")
    return reader.response()


def complaint(pieces: Sequence[bytes]) -> Reason | None:
    try:
        read(pieces)
    except ProbeError as error:
        return error.reason
    return None


def split(data: bytes, cuts: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


def written(
    status: int,
    headers: Sequence[tuple[str, str]],
    framing: str,
    chunks: Sequence[bytes],
    hints: int,
    method: str,
) -> bytes:
    """A correct response, as it goes over the wire."""
    lines = [f"{name}: {value}" for name, value in headers]
    body = b"".join(chunks)
    if framing == "length":
        lines.append(f"Content-Length: {len(body)}")
    elif framing == "chunked":
        lines.append("Transfer-Encoding: chunked")
        body = b"".join(b"%x;x=y\r\n%s\r\n" % (len(c), c) for c in chunks if c) + b"0\r\nX-Trailer: t\r\n\r\n"
    head = "\r\n".join([f"HTTP/1.1 {status} Some Phrase", *lines, "", ""]).encode()
    bare = method == "HEAD" or status in (204, 304)
    return b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * hints + head + (b"" if bare else body)


def by_h11(data: bytes, method: str) -> tuple[int, list[tuple[str, str]], bytes]:
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
    client.send(h11.EndOfMessage())
    client.receive_data(data)
    client.receive_data(b"")
    status, headers, body = 0, [], b""
    while not isinstance(event := client.next_event(), (h11.EndOfMessage, h11.ConnectionClosed)):
        if isinstance(event, h11.Response):
            status = event.status_code
            headers = [(name.decode(), value.decode()) for name, value in event.headers]
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
    return status, headers, body


@given(
    STATUSES,
    HEADERS,
    FRAMINGS,
    st.lists(st.binary(max_size=60), max_size=4),
    st.integers(0, 2),
    METHODS,
    CUTS,
)
def test_whatever_h11_reads_is_read_the_same_however_it_is_cut(
    status: int,
    headers: list[tuple[str, str]],
    framing: str,
    chunks: list[bytes],
    hints: int,
    method: str,
    cuts: list[int],
) -> None:
    data = written(status, headers, framing, chunks, hints, method)
    got = read(split(data, cuts), method)
    assert (got.status, got.headers, got.body) == by_h11(data, method)


@given(
    st.lists(st.binary(max_size=60), max_size=4),
    FRAMINGS,
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), max_size=4),
    CUTS,
)
def test_whatever_is_broken_is_a_protocol_error_and_nothing_else(
    chunks: list[bytes], framing: str, changes: list[tuple[int, int]], cuts: list[int]
) -> None:
    data = bytearray(written(200, [("Content-Encoding", "gzip")], framing, chunks, 0, "GET"))
    for at, byte in changes:
        data[at % len(data)] = byte
    assert complaint(split(bytes(data), cuts)) in (None, Reason.PROTOCOL_ERROR)


@given(st.binary(max_size=400), CUTS)
def test_garbage_is_a_protocol_error_and_nothing_else(data: bytes, cuts: list[int]) -> None:
    with pytest.raises(ProbeError) as caught:
        read(split(data, cuts))
    assert caught.value.reason == Reason.PROTOCOL_ERROR


@given(st.binary(max_size=3000), st.integers(0, 2000), st.sampled_from([31, 15, -15]), CUTS)
def test_a_compressed_body_is_what_was_compressed_up_to_the_limit(
    body: bytes, limit: int, form: int, cuts: list[int]
) -> None:
    packer = zlib.compressobj(6, zlib.DEFLATED, form)
    packed = packer.compress(body) + packer.flush()
    coding = "gzip" if form == 31 else "deflate"
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(packed)}\r\n\r\n"
    assert read(split(head.encode() + packed, cuts), limit=limit).body == body[:limit]


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "data",
    [
        OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        OK + b"Content-Length: 99999999999999999999999\r\n\r\n",
        OK + b"Content-Length: +3\r\n\r\nabc",
        OK + b"Content-Length: 0x3\r\n\r\nabc",
        OK + b"Transfer-Encoding: rot13\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        OK + b"Bad Name: x\r\n\r\n",
        OK + b"X : y\r\n\r\n",
        OK + b"X: a\x00b\r\n\r\n",
        OK + b": empty name\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/3.7 200 OK\r\n\r\n",
        b"ICY 200 OK\r\n\r\n",
        b"\x15\x03\x03\x00\x02\x02F",
        b"",
    ],
)
def test_what_a_strict_client_must_not_accept_is_refused(data: bytes) -> None:
    with pytest.raises(ProbeError) as caught:
        read([data])
    assert caught.value.reason == Reason.PROTOCOL_ERROR


def test_a_switch_of_protocols_is_a_final_answer() -> None:
    got = read(
        [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x05"]
    )
    assert (got.status, got.body, got.reusable) == (101, b"", False)


@pytest.mark.parametrize(
    ("tail", "reusable"),
    [
        (b"Content-Length: 2\r\n\r\nok", True),
        (b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", True),
        (b"Connection: close\r\nContent-Length: 2\r\n\r\nok", False),
        (b"Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n", False),
        (b"\r\nok", False),
    ],
)
def test_a_connection_is_reusable_only_after_a_clean_end(tail: bytes, reusable: bool) -> None:
    got = read([OK + tail])
    assert (got.body, got.reusable) == (b"ok", reusable)


def test_headers_without_end_are_cut_off() -> None:
    pieces = [OK, *[b"X-Long: " * 125] * (HEAD_LIMIT // 1000 + 2)]
    with pytest.raises(ProbeError, match="longer than"):
        read(pieces)
