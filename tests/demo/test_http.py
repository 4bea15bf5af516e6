import asyncio

import pytest

from monitor.demo.http import Exchange, application, read_request
from monitor.demo.server import serve


async def _says_path(exchange: Exchange) -> None:
    await exchange.send(body=exchange.request.path.encode())


ROUTES = {"/a": _says_path, "/b": _says_path}


async def _ask(sent: bytes) -> bytes:
    async with serve(application(ROUTES)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        return answer


async def test_a_connection_serves_several_requests():
    answer = await _ask(b"GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.endswith(b"/b")


@pytest.mark.parametrize(
    "first", [b"GET /a HTTP/1.1\r\nConnection: close\r\n\r\n", b"GET /a HTTP/1.0\r\n\r\n"]
)
async def test_a_client_may_have_enough(first: bytes):
    answer = await _ask(first + b"GET /b HTTP/1.1\r\n\r\n")
    assert b"Connection: close" in answer
    assert answer.endswith(b"/a")


async def test_head_says_the_length_and_sends_no_body():
    answer = await _ask(b"HEAD /a HTTP/1.1\r\n\r\n")
    assert answer.endswith(b"Content-Length: 2\r\n\r\n")


async def test_an_unknown_path_is_not_found():
    assert (await _ask(b"GET /c?x=1 HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 404 Not Found")


async def _read(sent: bytes):
    reader = asyncio.StreamReader()
    reader.feed_data(sent)
    reader.feed_eof()
    return await read_request(reader)


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 4\r\n\r\nbody",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2;x=y\r\ndy\r\n0\r\n\r\n",
    ],
)
async def test_a_body_is_read_whichever_way_it_is_framed(body: bytes):
    request = await _read(b"POST /x?y=1.5&z HTTP/1.1\r\nHost: demo\r\n" + body)
    assert (request.method, request.path, request.body) == ("POST", "/x", b"body")
    assert (request.headers["host"], request.number("y", 0), request.number("z", 7)) == ("demo", 1.5, 7)


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HT", b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000]
)
async def test_what_is_no_request_ends_the_connection(sent: bytes):
    assert await _read(sent) is None
