"""The HTTP server for heartbeats, called by a client that is not ours, and by some that are none."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from monitor.service import http_server as web
from monitor.service.http_server import Answered, Asked, WebServer


class Site:
    """A server that keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answered = Answered(200, "grüße\n")
        self.server = WebServer(self.respond)
        self.port = 0

    def respond(self, asked: Asked) -> Answered:
        self.asked.append(asked)
        return self.answered

    async def raw(self, data: bytes) -> bytes:
        """Everything that comes back for ``data``, until the server hangs up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(data)
        try:
            return await reader.read()
        finally:
            writer.close()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    made.port = await made.server.listen("127.0.0.1", 0)
    yield made
    await made.server.close()


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{site.port}") as made:
        yield made


async def test_a_request_is_taken_apart(site: Site, client: httpx.AsyncClient):
    response = await client.get("/push/nightly%20backup", params={"token": "a&b", "msg": "ok"})
    assert (response.status_code, response.reason_phrase, response.text) == (200, "OK", "grüße\n")
    (asked,) = site.asked
    assert (asked.method, asked.path, asked.query) == (
        "GET",
        "/push/nightly backup",
        {"token": "a&b", "msg": "ok"},
    )
    assert asked.headers["user-agent"].startswith("python-httpx")


async def test_a_connection_serves_again_and_again(site: Site, client: httpx.AsyncClient):
    for _ in range(3):
        assert (await client.post("/", content=b"x" * 1000)).status_code == 200
    assert len(site.asked) == 3
    assert len(site.server._callers) == 1


async def test_head_wants_no_body(client: httpx.AsyncClient):
    response = await client.head("/")
    assert (response.headers["content-length"], response.content) == ("8", b"")
    assert (await client.get("/")).text == "grüße\n"


async def test_headers_of_the_answer_are_sent(site: Site, client: httpx.AsyncClient):
    site.answered = Answered(405, "no\n", (("Allow", "GET"),))
    response = await client.get("/")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b" 400 "),
        (b"GET / HTTP/1.1\r\n\r\n", b" 400 "),
        (b"GET //[ HTTP/1.1\r\nHost: x\r\n\r\n", b" 400 "),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * web.HEADER_LIMIT * 2, b" 431 "),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n" + b"a" * (web.BODY_LIMIT + 1),
            b" 413 ",
        ),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", b" 200 "),
        (b"POST / HTTP/1.0\r\nHost: x\r\n\r\n", b" 200 "),
    ],
)
async def test_what_is_odd_gets_a_status_and_the_end(site: Site, data: bytes, status: bytes):
    said = await site.raw(
        data + (b"" if status != b" 400 " else b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
    )
    assert status in said.partition(b"\r\n")[0]


async def test_expect_continue_is_heeded(site: Site):
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(head + b"Connection: close\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 100 ")
    writer.write(b"ok")
    assert b"HTTP/1.1 200 OK" in await reader.read()
    writer.close()


async def test_who_says_nothing_is_let_go(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(web, "PATIENCE", 0.01)
    assert await site.raw(b"GET / HT") == b""


async def test_too_many_callers_are_turned_away(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(web, "CALLERS", 0)
    assert await site.raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") == b""


async def test_closing_hangs_up_on_everybody(site: Site):
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
    await site.server.close()
    assert (await reader.read()).endswith("grüße\n".encode())
    writer.close()


async def test_an_address_that_is_taken_is_an_error(site: Site):
    with pytest.raises(OSError, match="in use"):
        await WebServer(site.respond).listen("127.0.0.1", site.port)
