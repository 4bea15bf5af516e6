"""HTTP temperaments that break the protocol, the connection, or a program that shows their text."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Mapping

from monitor.demo.http import Exchange, Route, head
from monitor.demo.server import reset, until_gone

_CHUNKED = (("Transfer-Encoding", "chunked"),)
_ESCAPES = "\x1b[2J\x1b]0;owned\x07\x1b[31m"
_MARKUP = "[bold red]owned[/] [link=file:///etc/passwd]click[/link] [/nonsense]"


async def silence(exchange: Exchange) -> None:
    """Reads the request and never answers."""
    await until_gone(exchange.reader)


async def empty(exchange: Exchange) -> None:
    """Closes instead of answering."""
    exchange.last = True


async def reset_at_once(exchange: Exchange) -> None:
    reset(exchange.writer)


async def reset_in_body(exchange: Exchange) -> None:
    await exchange.raw(head(200, (("Content-Length", "1000"),)) + b"some")
    await asyncio.sleep(0.05)  # a RST discards data that the client has not read yet
    reset(exchange.writer)


async def _ends_after(exchange: Exchange, data: bytes) -> None:
    exchange.last = True
    await exchange.raw(data)


async def cut_status(exchange: Exchange) -> None:
    await _ends_after(exchange, b"HTTP/1.1 20")


async def cut_headers(exchange: Exchange) -> None:
    await _ends_after(exchange, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Cut: he")


async def cut_body(exchange: Exchange) -> None:
    await _ends_after(exchange, head(200, (("Content-Length", "1000"),)) + b"too short")


async def cut_chunk(exchange: Exchange) -> None:
    await _ends_after(exchange, head(200, _CHUNKED) + b"100\r\ntoo short")


async def cut_before_last_chunk(exchange: Exchange) -> None:
    await _ends_after(exchange, head(200, _CHUNKED) + b"3\r\nok\n\r\n")


async def bad_chunk(exchange: Exchange) -> None:
    await _ends_after(exchange, head(200, _CHUNKED) + b"zz\r\nnot hexadecimal\r\n0\r\n\r\n")


async def chunk_overrun(exchange: Exchange) -> None:
    await _ends_after(exchange, head(200, _CHUNKED) + b"3\r\nlonger than three\r\n0\r\n\r\n")


async def garbage(exchange: Exchange) -> None:
    await _ends_after(exchange, bytes(range(256)))


async def other_protocol(exchange: Exchange) -> None:
    await _ends_after(exchange, b"SSH-2.0-OpenSSH_9.9\r\n")


async def http09(exchange: Exchange) -> None:
    """A body with nothing before it, as in 1991."""
    await _ends_after(exchange, b"<html>ok</html>\n")


async def bad_status(exchange: Exchange) -> None:
    await _ends_after(exchange, b"HTTP/1.1 OK 200\r\nContent-Length: 0\r\n\r\n")


async def bad_version(exchange: Exchange) -> None:
    await _ends_after(exchange, b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n")


async def bad_header(exchange: Exchange) -> None:
    await _ends_after(exchange, b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 0\r\n\r\n")


async def bad_length(exchange: Exchange) -> None:
    await _ends_after(exchange, b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n")


async def two_lengths(exchange: Exchange) -> None:
    await _ends_after(exchange, head(200, (("Content-Length", "2"), ("Content-Length", "5"))) + b"12345")


async def oversized_header(exchange: Exchange) -> None:
    await _ends_after(exchange, head(200, (("X-Big", "x" * 1_000_000), ("Content-Length", "0"))))


async def _for_ever(exchange: Exchange, piece: bytes) -> None:
    while True:
        await exchange.raw(piece)


async def endless_line(exchange: Exchange) -> None:
    await _for_ever(exchange, b"HTTP/1.1 200 O" + b"K" * 4096)


async def endless_headers(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\n")
    await _for_ever(exchange, b"X-More: and more\r\n" * 100)


async def endless_hints(exchange: Exchange) -> None:
    """Informational answers, and never the real one."""
    await _for_ever(exchange, head(102) * 100)


async def endless_body(exchange: Exchange) -> None:
    await exchange.raw(head(200))
    await _for_ever(exchange, b"and more\n" * 1000)


async def endless_chunks(exchange: Exchange) -> None:
    await exchange.raw(head(200, _CHUNKED))
    await _for_ever(exchange, b"9\r\nand more\n\r\n" * 100)


async def drip(exchange: Exchange) -> None:
    """A correct answer, a byte every ``?ms=``."""
    answer = head(200, (("Content-Length", "3"), ("Connection", "close"))) + b"ok\n"
    exchange.last = True
    for byte in answer:
        await exchange.raw(bytes([byte]))
        await asyncio.sleep(exchange.request.number("ms", 1) / 1000)


async def bomb(exchange: Exchange) -> None:
    """A hundred kilobytes that unpack to ``?mb=`` (default 100) megabytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    megabytes = int(exchange.request.number("mb", 100))
    body = b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()
    await exchange.send(body=body, headers=(("Content-Encoding", "gzip"),))


async def wrong_encoding(exchange: Exchange) -> None:
    """A body that is declared as gzip and is not."""
    await exchange.send(body=b"plain all along\n", headers=(("Content-Encoding", "gzip"),))


async def cut_gzip(exchange: Exchange) -> None:
    packed = gzip.compress(b"the second half of this is missing\n" * 20)
    await exchange.send(body=packed[: len(packed) // 2], headers=(("Content-Encoding", "gzip"),))


async def unknown_encoding(exchange: Exchange) -> None:
    await exchange.send(body=b"???", headers=(("Content-Encoding", "rot13"),))


async def escapes(exchange: Exchange) -> None:
    """Terminal escape codes where a lenient parser lets them pass: in the phrase and the body."""
    said = f"{_ESCAPES}owned"
    await exchange.send(503, said.encode(), phrase=said)


async def escaped_header(exchange: Exchange) -> None:
    """Terminal escape codes where HTTP forbids them (RFC 9110, 5.5)."""
    await exchange.send(503, headers=(("Server", f"{_ESCAPES}owned"),))


async def markup(exchange: Exchange) -> None:
    """Text that an unsafe screen would interpret as styling."""
    await exchange.send(503, _MARKUP.encode(), (("Server", _MARKUP),), phrase=_MARKUP)


FAULTS: Mapping[str, Route] = {
    "/silence": silence,
    "/empty": empty,
    "/reset": reset_at_once,
    "/reset-body": reset_in_body,
    "/cut-status": cut_status,
    "/cut-headers": cut_headers,
    "/cut-body": cut_body,
    "/cut-chunk": cut_chunk,
    "/cut-last-chunk": cut_before_last_chunk,
    "/bad-chunk": bad_chunk,
    "/chunk-overrun": chunk_overrun,
    "/garbage": garbage,
    "/other-protocol": other_protocol,
    "/http09": http09,
    "/bad-status": bad_status,
    "/bad-version": bad_version,
    "/bad-header": bad_header,
    "/bad-length": bad_length,
    "/two-lengths": two_lengths,
    "/oversized-header": oversized_header,
    "/endless-line": endless_line,
    "/endless-headers": endless_headers,
    "/endless-hints": endless_hints,
    "/endless-body": endless_body,
    "/endless-chunks": endless_chunks,
    "/drip": drip,
    "/bomb": bomb,
    "/wrong-encoding": wrong_encoding,
    "/cut-gzip": cut_gzip,
    "/unknown-encoding": unknown_encoding,
    "/escapes": escapes,
    "/escaped-header": escaped_header,
    "/markup": markup,
}
"""Path -> temperament."""
