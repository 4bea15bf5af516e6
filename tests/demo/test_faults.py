import asyncio
import gzip
import zlib

import pytest

from monitor.demo.faults import FAULTS
from monitor.demo.http import application
from monitor.demo.server import serve


async def _get(path: str, limit: int = -1) -> bytes:
    async with serve(application(FAULTS)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nConnection: close\r\n\r\n".encode())
            return await (reader.read() if limit < 0 else reader.readexactly(limit))
        finally:
            writer.close()


@pytest.mark.parametrize(
    ("path", "beginning", "end"),
    [
        ("/empty", b"", b""),
        ("/cut-status", b"HTTP/1.1 20", b"20"),
        ("/cut-headers", b"HTTP/1.1 200 OK\r\n", b"X-Cut: he"),
        ("/cut-body", b"HTTP/1.1 200 OK\r\nContent-Length: 1000", b"too short"),
        ("/cut-chunk", b"HTTP/1.1 200", b"100\r\ntoo short"),
        ("/cut-last-chunk", b"HTTP/1.1 200", b"3\r\nok\n\r\n"),
        ("/bad-chunk", b"HTTP/1.1 200", b"zz\r\nnot hexadecimal\r\n0\r\n\r\n"),
        ("/chunk-overrun", b"HTTP/1.1 200", b"3\r\nlonger than three\r\n0\r\n\r\n"),
        ("/garbage", b"\x00\x01", b"\xfe\xff"),
        ("/other-protocol", b"SSH-2.0", b"\r\n"),
        ("/http09", b"<html>", b"\n"),
        ("/bad-status", b"HTTP/1.1 OK 200", b"\r\n"),
        ("/bad-version", b"HTTP/9.9 200", b"\r\n"),
        ("/bad-header", b"HTTP/1.1 200 OK\r\nno colon here", b"\r\n"),
        ("/bad-length", b"HTTP/1.1 200 OK\r\nContent-Length: -5", b"\r\n"),
        ("/two-lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5", b"12345"),
        ("/oversized-header", b"HTTP/1.1 200 OK\r\nX-Big: xxx", b"\r\n"),
        ("/drip", b"HTTP/1.1 200 OK", b"ok\n"),
        ("/wrong-encoding", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip", b"plain all along\n"),
        ("/unknown-encoding", b"HTTP/1.1 200 OK\r\nContent-Encoding: rot13", b"???"),
        ("/escapes", b"HTTP/1.1 503 \x1b[2J", b"owned"),
        ("/escaped-header", b"HTTP/1.1 503 Service Unavailable\r\nServer: \x1b[2J", b"ok\n"),
        ("/markup", b"HTTP/1.1 503 [bold red]", b"[/nonsense]"),
    ],
)
async def test_a_broken_answer_is_broken_exactly_so(path: str, beginning: bytes, end: bytes):
    answer = await _get(path)
    assert answer.startswith(beginning)
    assert answer.endswith(end)


@pytest.mark.parametrize(
    "path", ["/endless-line", "/endless-headers", "/endless-hints", "/endless-body", "/endless-chunks"]
)
async def test_an_endless_answer_goes_on_for_longer_than_anybody_should_read(path: str):
    assert len(await _get(path, limit=2_000_000)) == 2_000_000


@pytest.mark.parametrize("path", ["/reset", "/reset-body"])
async def test_a_reset_arrives_as_one(path: str):
    with pytest.raises(ConnectionResetError):
        await _get(path)


async def test_silence_lasts():
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await _get("/silence")


async def test_a_bomb_is_small_until_it_is_opened():
    _, _, body = (await _get("/bomb?mb=2")).partition(b"\r\n\r\n")
    assert len(body) < 10_000
    assert len(gzip.decompress(body)) == 2 << 20


async def test_a_cut_gzip_body_is_framed_well_and_ends_too_early():
    _, _, body = (await _get("/cut-gzip")).partition(b"\r\n\r\n")
    opened = zlib.decompressobj(31)
    opened.decompress(body)
    assert not opened.eof
