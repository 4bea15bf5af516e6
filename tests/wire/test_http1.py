"""The reader of HTTP/1.1 responses, held against h11 and httpx, and against nonsense."""

import gc
import gzip
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import brotli
import h11
import httpcore
import httpx
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.wire.http1 import ResponseReader
from monitor.wire.messages import HEAD_LIMIT, MOST_HEADERS, Response

LIMIT = 1 << 20


# ── what servers may say ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Said:
    """A correct response to a request with ``method``, as it goes over the wire."""

    method: str
    data: bytes


TOKENS = st.text("aXz09!#$%&'*+-.^_`|~", min_size=1, max_size=8)
TEXTS = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f") | st.just("\t"),
    max_size=20,
)
KNOWN = st.sampled_from(
    [
        ("Set-Cookie", "a=b"),
        ("set-cookie", "c=\u00e0"),
        ("Connection", "close"),
        ("Connection", "keep-alive, Upgrade"),
        ("Upgrade", "h2,h2c"),
        ("Trailer", "X-Trailer"),
    ]
)
HEADERS = st.lists(st.tuples(TOKENS, TEXTS) | KNOWN, max_size=6)
STATUSES = st.sampled_from([200, 204, 206, 301, 304, 404, 500]) | st.integers(200, 999)
METHODS = st.sampled_from(["GET", "GET", "HEAD", "POST"])
FRAMINGS = st.sampled_from(["length", "chunked", "both", "close"])
BLANKS = st.sampled_from(["", " ", " ", " \t "])
CUTS = st.lists(st.integers(0, 400), max_size=12)


@st.composite
def answers(draw: st.DrawFn, pack: Callable[[bytes], bytes] = bytes, coding: str = "") -> Said:
    """Any correct answer whose body is what ``pack`` makes of any bytes, with the freedom servers take."""
    method, framing, status = draw(METHODS), draw(FRAMINGS), draw(STATUSES)
    eol = draw(st.sampled_from([b"\r\n", b"\r\n", b"\n"]))
    body = pack(draw(st.binary(max_size=80)))
    headers = [(name, draw(BLANKS) + value + draw(BLANKS)) for name, value in draw(HEADERS)]
    headers += [("Content-Encoding", coding)] if coding else []
    if framing in ("length", "both"):
        headers.append(("Content-Length", f" {len(body)} "))
    if framing in ("chunked", "both"):
        headers.append(("Transfer-Encoding", " chunked "))
        body = draw(chunked(body))
    first = f"HTTP/{draw(st.sampled_from(['1.1', '1.1', '1.0']))} {status} {draw(TEXTS)}"
    lines = [first, *(f"{name}:{value}" for name, value in headers)]
    hints = draw(st.integers(0, 2)) * b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    head = eol.join([*(line.encode("latin-1") for line in lines), b"", b""])
    bare = method == "HEAD" or status in (204, 304)
    return Said(method, hints + head + (b"" if bare else body))


@st.composite
def chunked(draw: st.DrawFn, body: bytes) -> bytes:
    """``body`` in chunks, with sizes as they are written in the wild."""
    sizes = st.sampled_from([b"%x", b"%X", b"00%x", b"%x  ", b"%x;a", b'%x;a="b"'])
    pieces = [
        draw(sizes) % len(piece) + b"\r\n" + piece + b"\r\n" for piece in split(body, draw(CUTS)) if piece
    ]
    return b"".join(pieces) + draw(st.sampled_from([b"0\r\n\r\n", b"00\r\nX-Trailer: t\r\n\r\n"]))


# ── what comes of it ────────────────────────────────────────────────────────────────────────────


def read(pieces: Sequence[bytes], method: str = "GET", limit: int = LIMIT) -> Response:
    """What comes of ``pieces`` and then the end of the stream."""
    reader = ResponseReader(method, limit)
    for piece in pieces:
        if piece and reader.feed(piece):
            return reader.response()
    reader.feed(b"")
    return reader.response()


def split(data: bytes, cuts: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


Seen = tuple[int, str, str, list[tuple[str, str]], bytes]
"""Status, phrase, version, headers, body."""


def ours(pieces: Sequence[bytes], method: str) -> Seen:
    got = read(pieces, method)
    return got.status, got.phrase, got.version, got.headers, got.body


def by_h11(data: bytes, method: str) -> Seen | None:
    """None for what h11 refuses."""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
    client.send(h11.EndOfMessage())
    client.receive_data(data)
    client.receive_data(b"")
    head, body = None, b""
    try:
        while not isinstance(event := client.next_event(), h11.EndOfMessage):
            if isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif not isinstance(event, h11.InformationalResponse):
                return None
    except h11.RemoteProtocolError:
        return None
    assert head is not None
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers]
    return head.status_code, head.reason.decode("latin-1"), head.http_version.decode(), headers, body


@cache
def stock() -> Any:
    """httpx's own transport, to be given connections that play what a server said."""
    return httpx.HTTPTransport(verify=False)


def by_httpx(pieces: Sequence[bytes], method: str) -> Seen:
    stock()._pool = httpcore.ConnectionPool(network_backend=httpcore.MockBackend([p for p in pieces if p]))
    response = stock().handle_request(httpx.Request(method, "http://x/"))
    headers = [
        (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers.raw
    ]
    phrase = response.extensions["reason_phrase"].decode("latin-1")
    return response.status_code, phrase, response.http_version[5:], headers, response.read()


@given(answers(), CUTS)
def test_whatever_h11_reads_is_read_the_same_however_it_is_cut(said: Said, cuts: list[int]) -> None:
    assert ours(split(said.data, cuts), said.method) == by_h11(said.data, said.method)


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("coding", PACKERS)
@given(st.data(), CUTS)
def test_whatever_httpx_reads_and_unpacks_is_read_the_same(
    coding: str, data: st.DataObject, cuts: list[int]
) -> None:
    said = data.draw(answers(PACKERS[coding], coding))
    pieces = split(said.data, cuts)
    assert ours(pieces, said.method) == by_httpx(pieces, said.method)


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["flip", "drop", "repeat", "insert", "end"]), st.integers(0, 500), st.integers(1, 9)
    )
    | st.tuples(st.just("line"), st.integers(0, 500), st.sampled_from([b" x", b"Content-Length: 3", b"\r"])),
    min_size=1,
    max_size=4,
)


def changed(data: bytes, changes: Sequence[tuple[str, int, Any]]) -> bytes:
    """``data`` as a broken server or line may make it."""
    for change, at, what in changes:
        at %= len(data) + 1
        match change:
            case "flip":
                data = data[:at] + bytes(byte ^ 1 << what % 8 for byte in data[at : at + 1]) + data[at + 1 :]
            case "drop":
                data = data[:at] + data[at + what :]
            case "repeat":
                data = data[:at] + data[at : at + 3 * what] + data[at:]
            case "insert":
                data = data[:at] + b"\r\n\0 :0\t;f"[what - 1 : what] + data[at:]
            case "line":
                at = data.rfind(b"\n", 0, at) + 1
                data = data[:at] + what + b"\r\n" + data[at:]
            case "end":
                data = data[:at]
    return data


def outcome(pieces: Sequence[bytes], method: str) -> Seen | Reason:
    try:
        return ours(pieces, method)
    except ProbeError as error:
        return error.reason


def alike(seen: Seen) -> Seen:
    """Without the blanks that a continued line may or may not bring, and as h11 writes a coding."""
    status, phrase, version, headers, body = seen
    told = [(name, re.sub(r"[ \t]+", " ", value)) for name, value in headers]
    coding = "transfer-encoding"
    return status, phrase, version, [(n, v.lower() if n == coding else v) for n, v in told], body


@given(answers() | answers(gzip.compress, "gzip"), CHANGES, CUTS)
def test_what_is_broken_is_read_as_h11_reads_it_or_is_a_protocol_error(
    said: Said, changes: list[tuple[str, int, Any]], cuts: list[int]
) -> None:
    data = changed(said.data, changes)
    got = outcome([data], said.method)
    assert outcome(split(data, cuts), said.method) == got
    if isinstance(got, Reason):
        assert got is Reason.PROTOCOL_ERROR
    elif (theirs := by_h11(data, said.method)) and not dict(got[3]).get("content-encoding"):
        assert alike(got) == alike(theirs)


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
        OK + b"Transfer-Encoding: rot13\r\n\r\n",
        OK + b"Content-Length: 3\r\n x\r\nContent-Length: 3\r\n\r\nabc",
        OK + b"Content-Length: 3, 4\r\n\r\nabcd",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        OK + b"X: a\x00b\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: a\x00b\r\n\r\n",
        b"HTTP/1.1 099 OK\r\n\r\n" + OK + b"\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/3.7 200 OK\r\n\r\n",
        b"ICY 200 OK\r\n\r\n",
        b"\x15\x03\x03\x00\x02\x02F",
        b"",
    ],
)
def test_what_no_client_must_accept_is_refused(data: bytes) -> None:
    with pytest.raises(ProbeError) as caught:
        read([data])
    assert caught.value.reason == Reason.PROTOCOL_ERROR


@pytest.mark.parametrize(
    ("data", "headers", "body"),
    [
        (b"HTTP/1.1 200 OK\nX: y\nContent-Length: 2\n\nok", {"x": "y", "content-length": "2"}, b"ok"),
        (OK + b"X: one\r\n two\r\n\r\nok", {"x": "one two"}, b"ok"),
        (OK + b"X: a\tb\r\n\r\nok", {"x": "a\tb"}, b"ok"),
        (OK + b"X: \xc3\xa0\r\n\r\nok", {"x": "\xc3\xa0"}, b"ok"),
        (
            OK + b"Transfer-Encoding: Chunked\r\n\r\n2   \r\nok\r\n0\r\n\r\n",
            {"transfer-encoding": "Chunked"},
            b"ok",
        ),
        (
            OK + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            {"content-length": "9", "transfer-encoding": "chunked"},
            b"ok",
        ),
        (
            OK + b"Connection: Upgrade\r\nUpgrade: h2\r\n\r\nok",
            {"connection": "Upgrade", "upgrade": "h2"},
            b"ok",
        ),
    ],
)
def test_what_browsers_and_curl_read_is_read(data: bytes, headers: dict[str, str], body: bytes) -> None:
    got = read([data])
    assert (got.status, dict(got.headers), got.body) == (200, headers, body)


@pytest.mark.parametrize(
    "length",
    [b"Content-Length: 2\r\nX: y\r\ncontent-length: 2\r\n", b"Content-Length: 2 ,2\r\nX: y\r\n"],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_length_that_is_said_twice_alike_is_good_however_it_is_cut(length: bytes, size: int) -> None:
    data = OK + length + b"\r\nok, and more than that"
    got = read([data[at : at + size] for at in range(0, len(data), size)])
    assert (got.headers, got.body) == ([("content-length", "2"), ("x", "y")], b"ok")


def test_a_length_said_twice_in_a_head_that_never_ends_is_a_protocol_error() -> None:
    twice = OK + b"Content-Length: 2\r\nContent-Length: 2\r\n"
    with pytest.raises(ProbeError, match="in the middle of the headers"):
        read([twice])
    with pytest.raises(ProbeError, match="headers are longer than"):
        read([twice, *[b"X: y\r\n" * 1000] * 60])


def test_chunks_that_end_early_are_told_as_such_whatever_length_was_said() -> None:
    with pytest.raises(ProbeError, match="in the middle of a chunked body, after 2 bytes"):
        read([OK + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"])


def test_more_headers_than_anybody_needs_are_refused() -> None:
    assert len(read([OK + b"X: y\r\n" * MOST_HEADERS + b"\r\n"]).headers) == MOST_HEADERS
    with pytest.raises(ProbeError, match="more than 5000 headers"):
        read([OK + b"X: y\r\n" * (MOST_HEADERS + 1) + b"\r\n"])


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


def test_a_response_goes_without_waiting_for_the_collector() -> None:
    answer = [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"]
    read(answer)
    gc.collect()
    gc.disable()
    try:
        assert read(answer).body == b"ok"
        assert gc.collect() == 0
    finally:
        gc.enable()
