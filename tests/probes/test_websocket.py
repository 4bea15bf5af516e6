"""WebSocket checks, against the library websockets and scripted servers."""

import asyncio
import hashlib
import ssl
from asyncio import StreamReader, StreamWriter
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from websockets.asyncio.server import ServerConnection, serve

from monitor.checks.run_probe import run_probe
from monitor.demo.certs import Authority
from monitor.demo.server import Handler
from monitor.demo.server import serve as serve_raw
from monitor.errors import FieldError
from monitor.judge.expectations import REPLY
from monitor.judge.verdict import judge
from monitor.model import Reason, Result, Status
from monitor.probes.websocket import WebSocket
from monitor.wire.tls import TlsOptions


async def check(url: str, reply: object = None, **keys: object) -> Result:
    expect = () if reply is None else REPLY.compile("expect.reply", reply)
    seen = await run_probe(WebSocket(url=url, **keys), 2.0, expect)  # type: ignore[arg-type]
    return judge("x", seen, expect, ())


async def talk(connection: ServerConnection) -> None:
    await connection.ping()
    assert connection.request is not None
    await connection.send(f"hello {connection.request.headers.get('X-Team', 'stranger')}")
    async for message in connection:
        await connection.send(["you ", "said ", str(message)])  # in fragments


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A real server's port."""
    async with serve(talk, "127.0.0.1", 0) as server:
        yield next(iter(server.sockets)).getsockname()[1]


async def test_switching_is_enough(port: int) -> None:
    result = await check(f"ws://127.0.0.1:{port}/")
    assert (result.status, result.message) == (Status.UP, "101 Switching Protocols")
    assert result.http is not None
    assert result.http.status == 101


@pytest.mark.parametrize(
    ("keys", "reply", "reason"),
    [
        ({}, {"contains": "hello stranger"}, None),
        ({"headers": {"X-Team": "shop"}}, "hello shop", None),
        ({"send": "ping"}, "you said ping", None),
        ({"send": "x" * 70_000}, {"matches": "x{1000}"}, None),
        ({"send": "ping"}, {"contains": "never"}, Reason.REPLY_MISMATCH),
    ],
)
async def test_messages_are_heard_until_one_is_what_is_expected(
    port: int, keys: dict[str, object], reply: object, reason: Reason | None
) -> None:
    assert (await check(f"ws://127.0.0.1:{port}/", reply, **keys)).reason is reason


async def test_tls_comes_first_where_it_is_wanted(authority: Authority) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.pem("valid"))
    async with serve(talk, "127.0.0.1", 0, ssl=context) as server:
        url = f"wss://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/"
        result = await check(url, "hello stranger", tls=TlsOptions(ca=str(authority.ca)))
        assert (result.status, result.certificate is not None) == (Status.UP, True)
        assert (await check(url)).reason is Reason.CERTIFICATE_UNTRUSTED


Then = Callable[[StreamWriter], Awaitable[None]]


def switching(
    *frames: bytes, status: str = "101 Switching Protocols", accept: bool = True, upgrade: str = "WebSocket"
) -> Handler:
    async def handler(reader: StreamReader, writer: StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode()
        key = next(line[19:] for line in asked.splitlines() if line.startswith("Sec-WebSocket-Key: "))
        digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        word = b64encode(digest).decode() if accept else "wrong"
        head = (
            f"HTTP/1.1 {status}\r\nUpgrade: {upgrade}\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {word}"
        )
        writer.write(f"{head}\r\n\r\n".encode() + b"".join(frames))
        await writer.drain()
        if not frames:
            await asyncio.wait_for(reader.read(), 5)

    return handler


@pytest.mark.parametrize(
    ("handler", "reason", "words"),
    [
        (switching(status="404 Not Found"), Reason.PROTOCOL_ERROR, "404 Not Found instead of switching"),
        (switching(status="401 Unauthorized"), Reason.AUTH_ERROR, "401 Unauthorized"),
        (switching(accept=False), Reason.PROTOCOL_ERROR, "Sec-WebSocket-Accept"),
        (switching(upgrade="h2c"), Reason.PROTOCOL_ERROR, "another protocol than WebSocket"),
        (switching(b"\xc1\x00"), Reason.PROTOCOL_ERROR, "breaks WebSocket"),
        (switching(b"\x81\x80abcd"), Reason.PROTOCOL_ERROR, "breaks WebSocket"),
        (switching(b"\x80\x01x"), Reason.PROTOCOL_ERROR, "breaks WebSocket"),
        (switching(b"\x01\x01x\x81\x01y"), Reason.PROTOCOL_ERROR, "breaks WebSocket"),
        (switching(b"\x82\x7f" + b"\xff" * 8), Reason.PROTOCOL_ERROR, "breaks WebSocket"),
        (switching(b"\x81\x7e\x00"), Reason.PROTOCOL_ERROR, "closed the connection early"),
        (switching(b"\x88\x00"), Reason.REPLY_MISMATCH, "got nothing"),
    ],
)
async def test_what_the_server_breaks_is_the_reason(handler: Handler, reason: Reason, words: str) -> None:
    async with serve_raw(handler) as port:
        result = await check(f"ws://127.0.0.1:{port}/", {"contains": "x"})
    assert result.reason is reason
    assert words in result.message


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"url": "ws://"}, "url"),
        ({"url": "ws://a:99999"}, "url"),
        ({"url": "ws://a", "headers": {"X": "a\r\nb"}}, "headers.X"),
        ({"url": "ws://a", "headers": {"X Y": "a"}}, "headers.X Y"),
    ],
)
def test_what_cannot_be_asked_is_refused(keys: dict[str, object], key: str) -> None:
    with pytest.raises(FieldError) as caught:
        WebSocket(**keys)  # type: ignore[arg-type]
    assert caught.value.key == key


@pytest.mark.parametrize(("url", "port"), [("ws://a", 80), ("wss://a", 443), ("wss://a:8/x", 8)])
def test_ports_are_those_of_http(url: str, port: int) -> None:
    assert WebSocket(url=url).port == port
