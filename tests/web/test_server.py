"""Callers that are slow, greedy or no callers at all, on a real socket."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from monitor.service.web_address import bound
from monitor.web import server as module
from monitor.web.server import inherited, server


async def _large(_request: object) -> PlainTextResponse:
    return PlainTextResponse("x" * 50_000_000)


async def _ok(_request: object) -> PlainTextResponse:
    return PlainTextResponse("ok")


async def _where(request: Request) -> PlainTextResponse:
    return PlainTextResponse(
        f"{request.scope['path']}|{request.scope['raw_path'].decode()}|{request.url.query}"
    )


ROUTES = [Route("/", _ok, methods=["GET", "POST"]), Route("/large", _large), Route("/{_:path}", _where)]
GOOD = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
Connect = Callable[[], Any]


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(module, "ARRIVES_WITHIN", 0.1)
    monkeypatch.setattr(module, "READS_WITHIN", 0.1)
    monkeypatch.setattr(module, "PER_CALLER", 5)
    sockets = await bound("127.0.0.1", 0)
    serving = server(Starlette(routes=ROUTES))
    task = asyncio.create_task(serving.serve(sockets))
    while not serving.started:
        await asyncio.sleep(0.01)
    yield sockets[0].getsockname()[1]
    serving.should_exit = True
    await task


async def said(port: int, data: bytes) -> bytes:
    """Everything that comes back until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
    ],
    ids=["nothing", "half a line", "half a head", "half a body"],
)
async def test_who_stops_in_the_middle_is_let_go(port: int, data: bytes):
    assert b"200 OK" not in await said(port, data) or data.startswith(b"POST")


async def test_a_quick_caller_is_served_again_and_again(port: int):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        writer.write(GOOD)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        await reader.readuntil(b"ok")
        await asyncio.sleep(0.12)  # longer than a request may take: between two there is no hurry
    writer.close()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b" 400 "),
        (b"GET / HTTP/1.1\r\n\r\n", b" 400 "),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40_000, b" 4"),
        (b"BREW / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b" 405 "),
    ],
)
async def test_what_is_no_request_gets_a_status(port: int, data: bytes, status: bytes):
    assert status in (await said(port, data)).partition(b"\r\n")[0]


@pytest.mark.parametrize(
    ("target", "place"),
    [
        (b"http://monitor.test:9315/status?a=b", b"/status|/status|a=b"),
        (b"HTTPS://[::1]/a%2Fb", b"/a/b|/a%2Fb|"),
        (b"http://monitor.test", b"ok"),
        (b"http://monitor.test?a=http://x/y", b"ok"),
        (b"/go/http://x/y", b"/go/http://x/y|/go/http://x/y|"),
        (b"//x/y", b"//x/y|//x/y|"),
    ],
)
async def test_a_request_may_have_an_absolute_url(port: int, target: bytes, place: bytes):
    head = b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert (await said(port, head)).endswith(b"\r\n\r\n" + place)


async def test_who_does_not_read_is_let_go(port: int):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
    writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    await asyncio.sleep(0.5)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await reader.readexactly(50_000_000)
    writer.close()


LAST = GOOD.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


async def test_who_holds_connections_without_asking_keeps_nobody_out(
    port: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "ARRIVES_WITHIN", 60.0)
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
    assert b"200 OK" in await said(port, LAST)
    assert len(module._open["127.0.0.1"]) <= 5
    for _, writer in held:
        writer.close()


async def test_connections_that_have_ended_are_forgotten(port: int):
    assert b"200 OK" in await said(port, LAST)
    while module._open:
        await asyncio.sleep(0.01)


# ---- the process of the web address, of a real daemon


def test_heartbeats_are_answered_also_while_the_process_starts_again(daemon: Any):
    assert daemon.get("/push/backup?token=pushtoken").text == "ok\n"
    (child,) = daemon.children()
    os.kill(child, signal.SIGKILL)
    assert daemon.get("/push/backup?token=pushtoken").text == "ok\n"
    assert daemon.children() != [child]


def test_no_token_stands_in_a_command_line_or_an_environment(daemon: Any):
    daemon.get("/healthz")
    (child,) = daemon.children()
    for place in ("cmdline", "environ"):
        assert b"hunter2" not in Path(f"/proc/{child}/{place}").read_bytes()


def test_it_ends_with_the_daemon(daemon: Any):
    daemon.get("/healthz")
    (child,) = daemon.children()
    daemon.process.terminate()
    assert daemon.process.wait(10) == 0
    assert not Path(f"/proc/{child}").exists()


def test_an_engine_that_stands_still_is_said_within_seconds(daemon: Any):
    paths = [
        "/api/v1/endpoints",
        "/api/v1/report",
        "/metrics",
        "/healthz",
        "/",
        "/push/backup?token=pushtoken",
    ]
    assert [daemon.get(path).status_code for path in paths] == [200] * len(paths)
    daemon.process.send_signal(signal.SIGSTOP)
    while daemon.get("/metrics").status_code == 200:
        pass  # a copy that is less than a second old
    began = time.monotonic()
    with ThreadPoolExecutor(len(paths)) as callers:
        answers = list(callers.map(daemon.get, paths))
    assert time.monotonic() - began < 7
    daemon.process.send_signal(signal.SIGCONT)
    assert [answer.status_code for answer in answers] == [503] * len(paths)
    assert daemon.get("/api/v1/endpoints").status_code == 200


def test_an_open_stream_does_not_keep_the_daemon_from_ending(daemon: Any):
    with httpx.stream("GET", f"{daemon.url}/api/v1/events", timeout=10) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        began = time.monotonic()
        daemon.process.terminate()
        assert daemon.process.wait(10) == 0
        assert time.monotonic() - began < 5


def test_sockets_are_taken_over_by_their_numbers():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        (taken,) = inherited([os.dup(listening.fileno())])
        with taken:
            assert taken.getsockname() == listening.getsockname()
