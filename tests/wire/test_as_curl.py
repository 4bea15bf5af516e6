"""Answers against the standard, each read by the real curl and by us.

Where we differ from curl the table says why.
"""

from __future__ import annotations

import gzip
import socket
import subprocess
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager

import brotli
import pytest
from one_client import serving

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.wire.http1 import ResponseReader
from monitor.wire.messages import Response

OK = b"HTTP/1.1 200 OK\r\n"
BODY = b"Content-Length: 2\r\n\r\nok"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"\r\n2\r\nok\r\n0\r\n\r\n"
WORDS = b"hello, hello, hello " * 50
GZIP, ZLIB = gzip.compress(WORDS), zlib.compress(WORDS)


def coded(coding: bytes, body: bytes) -> bytes:
    return OK + b"Content-Encoding: " + coding + b"\r\n\r\n" + body


READ: dict[str, tuple[bytes, str | None]] = {
    # the head
    "LF alone": (b"HTTP/1.1 200 OK\nX: y\nContent-Length: 2\n\nok", "lines end with LF"),
    "LF here and there": (OK + b"X: y\nContent-Length: 2\r\n\nok", "lines end with LF"),
    "escape in a value": (OK + b"X: a\x1bb\r\n" + BODY, "'X' holds control characters"),
    "delete in a value": (OK + b"X: a\x7fb\r\n" + BODY, "'X' holds control characters"),
    "CR in a value": (OK + b"X: a\rb\r\n" + BODY, "'X' holds control characters"),
    "blank in a name": (OK + b"Bad Name: x\r\n" + BODY, "'Bad Name' is no name"),
    "blank before the colon": (OK + b"X : y\r\n" + BODY, "'X' has a blank beside it"),
    "tab before the colon": (OK + b"X\t: y\r\n" + BODY, "'X' has a blank beside it"),
    "UTF-8 in a name": (OK + "Xä: y\r\n".encode() + BODY, "is no name"),
    "control character in a name": (OK + b"X\x01: y\r\n" + BODY, "is no name"),
    "parentheses in a name": (OK + b"(X): y\r\n" + BODY, "'(X)' is no name"),
    "no name": (OK + b": y\r\n" + BODY, "'' is no name"),
    "continued": (OK + b"X: a\r\n b\r\n" + BODY, "'x' continues on the next line"),
    "continued by nothing": (OK + b"X: a\r\n \r\n" + BODY, "'x' continues on the next line"),
    "UTF-8 in a value": (OK + "X: é€\r\n".encode() + BODY, None),
    "long": (OK + b"X: " + b"y" * 60_000 + b"\r\n" + BODY, None),
    "many": (OK + b"X: y\r\n" * 3000 + BODY, None),
    "no phrase": (b"HTTP/1.1 200\r\n" + BODY, None),
    "empty phrase": (b"HTTP/1.1 200 \r\n" + BODY, None),
    "two blanks": (b"HTTP/1.1  200 OK\r\n" + BODY, "the status line is out of order"),
    "no blank before the phrase": (b"HTTP/1.1 200OK\r\n" + BODY, "the status line is out of order"),
    "lower case": (b"http/1.1 200 OK\r\n" + BODY, "the status line is out of order"),
    "HTTP/2 by name": (b"HTTP/2 200 OK\r\n" + BODY, "calls it HTTP/2"),
    "HTTP/2.0 by name": (b"HTTP/2.0 200 OK\r\n" + BODY, "calls it HTTP/2"),
    "escape in the phrase": (b"HTTP/1.1 200 O\x1bK\r\n" + BODY, "the status line holds control"),
    "999": (b"HTTP/1.1 999 OK\r\n" + BODY, None),
    "informational": (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK + BODY, None),
    "length in an informational": (b"HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n" + OK + BODY, None),
    "body behind 204": (b"HTTP/1.1 204 No Content\r\n" + BODY, "204 has a body"),
    # the length
    "length twice": (OK + b"Content-Length: 2\r\n" + BODY, "length"),
    "length twice in a line": (OK + b"Content-Length: 2, 2\r\n\r\nok", "length"),
    "length with plus": (OK + b"Content-Length: +2\r\n\r\nok", "length"),
    "length with letters": (OK + b"Content-Length: 2abc\r\n\r\nok", "length"),
    "length in hex": (OK + b"Content-Length: 0x2\r\n\r\nok", "length"),
    "length beyond all measure": (OK + b"Content-Length: 99999999999999999999999\r\n\r\nok", "length"),
    "length beside chunks": (OK + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n" + CHUNKS, "beside"),
    # transfer codings
    "chunked twice": (OK + b"Transfer-Encoding: chunked\r\n" * 2 + CHUNKS, "transfer coding is given as"),
    "chunked, chunked": (OK + b"Transfer-Encoding: chunked, chunked\r\n" + CHUNKS, "transfer coding is"),
    "chunked and a tab": (OK + b"Transfer-Encoding: chunked\t\r\n" + CHUNKS, None),
    "chunked in HTTP/1.0": (b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n" + CHUNKS, None),
    "identity": (OK + b"Transfer-Encoding: identity\r\n" + BODY, "transfer coding is given as"),
    "identity to the end": (OK + b"Transfer-Encoding: identity\r\n\r\nok", "transfer coding is given as"),
    "identity, chunked": (OK + b"Transfer-Encoding: identity, chunked\r\n" + CHUNKS, "transfer coding is"),
    "chunked, identity": (OK + b"Transfer-Encoding: chunked, identity\r\n" + CHUNKS, "transfer coding is"),
    "no coding": (OK + b"Transfer-Encoding:\r\n" + BODY, "transfer coding is given as"),
    "gzip, chunked": (
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(GZIP), GZIP),
        None,
    ),
    "gzip in transfer": (OK + b"Transfer-Encoding: gzip\r\n\r\n" + GZIP, "transfer coding is given as"),
    # chunks
    "LF in chunks": (CHUNKED + b"2\nok\n0\n\n", "chunked body end with LF"),
    "LF here and there in chunks": (CHUNKED + b"2\nok\n2\r\nok\r\n0\r\n\r\n", "chunked body end with LF"),
    "LF in trailers": (CHUNKED + b"2\r\nok\r\n0\nX: y\n\n", "chunked body end with LF"),
    "extension": (CHUNKED + b"2;a=b\r\nok\r\n0\r\n\r\n", None),
    "blank behind a size": (CHUNKED + b"2 \r\nok\r\n0\r\n\r\n", None),
    "words behind a size": (CHUNKED + b"2 words\r\nok\r\n0\r\n\r\n", "a chunk's size is followed by 'words"),
    "letters behind a size": (CHUNKED + b"2xyz\r\nok\r\n0\r\n\r\n", "a chunk's size is followed by 'xyz"),
    "16 digits": (CHUNKED + b"0000000000000002\r\nok\r\n0\r\n\r\n", None),
    "trailers": (CHUNKED + b"2\r\nok\r\n0\r\nX: y\r\n\r\n", None),
    # content codings
    "gzip without its trailer": (coded(b"gzip", GZIP[:-8]), "checksum"),
    "gzip with half of it": (coded(b"gzip", GZIP[:-3]), "checksum"),
    "deflate without its trailer": (coded(b"deflate", ZLIB[:-4]), "checksum"),
    "zlib as gzip": (coded(b"gzip", ZLIB), None),
    "gzip twice": (coded(b"gzip, gzip", gzip.compress(GZIP)), None),
    "gzip twice, in two headers": (coded(b"gzip\r\nContent-Encoding: gzip", gzip.compress(GZIP)), None),
    "gzip over br": (coded(b"br, gzip", gzip.compress(brotli.compress(WORDS))), None),
    "br over deflate": (coded(b"deflate, br", brotli.compress(ZLIB)), None),
    "gzip over br without the trailer": (
        coded(b"br, gzip", gzip.compress(brotli.compress(WORDS))[:-8]),
        "sum",
    ),
    "identity, gzip": (coded(b"identity, gzip", GZIP), None),
    "none": (coded(b"none", b"ok"), None),
    "nothing compressed": (OK + b"Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n", None),
}
"""Name -> answer that curl reads, and what our note says; None: nothing is out of order."""

REFUSED = {
    "NUL in a value": OK + b"X: a\0b\r\n" + BODY,
    "NUL in the phrase": b"HTTP/1.1 200 O\0K\r\n" + BODY,
    "no colon": OK + b"Hello\r\n" + BODY,
    "continued before the first": OK + b" X: y\r\n" + BODY,
    "negative length": OK + b"Content-Length: -2\r\n\r\nok",
    "length without digits": OK + b"Content-Length: two\r\n\r\nok",
    "empty length": OK + b"Content-Length:\r\n\r\nok",
    "short body": OK + b"Content-Length: 5\r\n\r\nok",
    "unknown transfer coding": OK + b"Transfer-Encoding: rot13\r\n\r\nok",
    "parameter of chunked": OK + b"Transfer-Encoding: chunked;q=1\r\n" + CHUNKS,
    "quoted chunked": OK + b'Transfer-Encoding: "chunked"\r\n' + CHUNKS,
    "099": b"HTTP/1.1 099 OK\r\n" + BODY,
    "two digits": b"HTTP/1.1 20 OK\r\n" + BODY,
    "four digits": b"HTTP/1.1 2000 OK\r\n" + BODY,
    "no status": b"HTTP/1.1 OK 200\r\n" + BODY,
    "tab before the status": b"HTTP/1.1\t200 OK\r\n" + BODY,
    "HTTP/1": b"HTTP/1 200 OK\r\n" + BODY,
    "HTTP/1.2": b"HTTP/1.2 200 OK\r\n" + BODY,
    "HTTP/0.9 by name": b"HTTP/0.9 200 OK\r\n" + BODY,
    "HTTP/3.7": b"HTTP/3.7 200 OK\r\n" + BODY,
    "ICY": b"ICY 200 OK\r\n" + BODY,
    "byte order mark": b"\xef\xbb\xbf" + OK + BODY,
    "no HTTP": b"SSH-2.0-OpenSSH_9.9\r\n",
    "CR alone": b"HTTP/1.1 200 OK\rContent-Length: 2\r\rok",
    "nothing": b"",
    "no size": CHUNKED + b"\r\nok\r\n0\r\n\r\n",
    "blank before a size": CHUNKED + b" 2\r\nok\r\n0\r\n\r\n",
    "negative size": CHUNKED + b"-2\r\nok\r\n0\r\n\r\n",
    "17 digits": CHUNKED + b"00000000000000002\r\nok\r\n0\r\n\r\n",
    "size beyond all measure": CHUNKED + b"ffffffffffffffff\r\nok\r\n0\r\n\r\n",
    "chunk longer than its size": CHUNKED + b"3\r\nlonger than three\r\n0\r\n\r\n",
    "no line end behind a chunk": CHUNKED + b"2\r\nok2\r\nok\r\n0\r\n\r\n",
    "no last chunk": CHUNKED + b"2\r\nok\r\n",
    "no end behind the last chunk": CHUNKED + b"2\r\nok\r\n0\r\n",
    "bad trailer": CHUNKED + b"2\r\nok\r\n0\r\nno colon\r\n\r\n",
    "NUL in a trailer": CHUNKED + b"2\r\nok\r\n0\r\nX: a\0b\r\n\r\n",
    "wrong checksum": coded(b"gzip", GZIP[:-8] + b"abcdefgh"),
    "not gzip": coded(b"gzip", b"plain all along, and long enough"),
    "too many codings": coded(b"gzip, " * 6 + b"gzip", GZIP),
}
"""Name -> answer that neither curl nor we read."""

STRICTER = {
    "two lengths": (OK + b"Content-Length: 1\r\n" + BODY, "every browser refuses it"),
    "two lengths in a line": (OK + b"Content-Length: 2, 3\r\n\r\nok", "every browser refuses it"),
    "end in a header": (OK + b"X: y\r\nContent-Le", "the server went away in mid-answer"),
    "end behind a header": (OK + b"X: y\r\n", "the server went away in mid-answer"),
    "gzip cut": (coded(b"gzip", GZIP[:-12]), "the server went away in mid-answer"),
    "deflate cut": (coded(b"deflate", ZLIB[:-8]), "the server went away in mid-answer"),
}
"""Name -> answer that curl reads and we do not, and why."""

MORE_LENIENT = {
    "blank line first": (b"\r\n" + OK + BODY, b"ok", "browsers skip a few bytes"),
    "headers that curl has no memory for": (
        OK + b"X: " + b"y" * 150_000 + b"\r\n" + BODY,
        b"ok",
        "as Chrome",
    ),
    "gzip and padding": (coded(b"gzip", GZIP + b"\0\0"), WORDS, "browsers ignore it"),
    "gzip in two members": (coded(b"gzip", GZIP + GZIP), WORDS * 2, "RFC 1952, 2.2"),
    "unknown coding": (coded(b"rot13", b"bx"), b"bx", "browsers show it as it is"),
}
"""Name -> answer that we read and curl does not, its body, and why."""

BY_ITS_NAME = {
    "length": OK + b"Content-Length : 2\r\n\r\nok",
    "chunks": OK + b"Transfer-Encoding : chunked\r\n" + CHUNKS,
}
"""A blank before the colon of a header that frames the body: Chrome knows the header, curl does not."""


def server(data: bytes) -> AbstractContextManager[int]:
    """Answers one request with ``data`` and closes."""

    def answer(client: socket.socket) -> None:
        client.recv(65536)
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        client.recv(1)

    return serving(answer)


@pytest.fixture(scope="module")
def curl(needs: Callable[[str], str]) -> Callable[[bytes], bytes | None]:
    """The body as curl reads it; None for an answer that curl refuses."""
    program = needs("curl")

    def read(data: bytes) -> bytes | None:
        with server(data) as port:
            command = [program, "-q", "-s", "--compressed", "--max-time", "10", f"http://127.0.0.1:{port}/"]
            run = subprocess.run(command, capture_output=True, check=False, env={})
        return run.stdout if run.returncode == 0 else None

    return read


def read(data: bytes, size: int = 1 << 20) -> Response:
    """The answer as we read it, in pieces of ``size``."""
    reader = ResponseReader("GET", 1 << 20)
    for at in range(0, len(data), size):
        if reader.feed(data[at : at + size]):
            return reader.response()
    reader.feed(b"")
    return reader.response()


@pytest.mark.parametrize("name", READ)
def test_what_curl_reads_is_read_alike_and_noted(name: str, curl: Callable[[bytes], bytes | None]) -> None:
    data, note = READ[name]
    got = read(data)
    assert got.body == curl(data)
    assert [got.notes, len(got.notes)] == ([[], 0] if note is None else [got.notes, 1])
    assert note is None or note in got.notes[0]


@pytest.mark.parametrize("name", READ)
def test_it_is_read_alike_however_it_is_cut(name: str) -> None:
    data, _ = READ[name]
    assert read(data, 1 if len(data) < 5000 else 997) == read(data)


@pytest.mark.parametrize("name", REFUSED)
def test_what_curl_refuses_is_a_protocol_error(name: str, curl: Callable[[bytes], bytes | None]) -> None:
    assert curl(REFUSED[name]) is None
    with pytest.raises(ProbeError) as caught:
        read(REFUSED[name])
    assert caught.value.reason is Reason.PROTOCOL_ERROR


@pytest.mark.parametrize("name", STRICTER)
def test_where_we_are_stricter_than_curl_there_is_a_reason(
    name: str, curl: Callable[[bytes], bytes | None]
) -> None:
    data, _ = STRICTER[name]
    assert curl(data) is not None
    with pytest.raises(ProbeError):
        read(data)


@pytest.mark.parametrize("name", MORE_LENIENT)
def test_where_we_are_more_lenient_than_curl_there_is_a_reason(
    name: str, curl: Callable[[bytes], bytes | None]
) -> None:
    data, body, _ = MORE_LENIENT[name]
    assert curl(data) is None
    assert read(data).body == body


@pytest.mark.parametrize("name", BY_ITS_NAME)
def test_a_blank_before_the_colon_does_not_change_how_the_body_is_read(name: str) -> None:
    got = read(BY_ITS_NAME[name])
    assert (got.body, len(got.notes)) == (b"ok", 1)
