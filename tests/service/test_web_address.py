"""The sockets of the web address, and the process that answers there."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import msgspec
import pytest

from monitor.model import Settings, Tokens
from monitor.probes._heartbeats import Heartbeats
from monitor.redact import Secretive
from monitor.service import web_address as module
from monitor.service.web_address import WebAddress, bound
from monitor.web.setup import Setup

ENGINE = Path("/nobody/s")


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stands for the process: what was started, with which write token."""
    started: list[str] = []

    async def run_once(self: WebAddress) -> str:
        started.append(self._settings.tokens.write)
        await asyncio.Event().wait()
        return "never"

    monkeypatch.setattr(WebAddress, "_run_once", run_once)
    return started


def listening(port: int = 0, write: str = "") -> Settings:
    return Settings(listen=("127.0.0.1", port), tokens=Tokens(write=write))


async def until(true: Any) -> None:
    while not true():
        await asyncio.sleep(0.005)


async def test_it_listens_where_the_config_says_and_no_more_when_that_is_over(runs: list[str]):
    notes: list[str] = []
    heartbeats = Heartbeats()
    web = WebAddress(lambda _, text: notes.append(text), heartbeats)
    await web.use(listening(), ENGINE)
    assert not heartbeats.deaf  # at once: what is recalled from an earlier run must not be forgotten again
    await until(lambda: runs)
    assert notes == [f"the web address is 127.0.0.1:{web.port}"]
    assert not heartbeats.deaf
    await web.use(Settings(), ENGINE)
    assert web.port is None
    assert heartbeats.deaf


async def test_other_tokens_need_another_process_and_the_same_sockets(runs: list[str]):
    web = WebAddress(lambda *_: None, Heartbeats())
    await web.use(listening(write="one"), ENGINE)
    await until(lambda: runs)
    port = web.port
    await web.use(listening(write="two"), ENGINE)
    await until(lambda: len(runs) == 2)
    await web.use(listening(write="two"), ENGINE)
    assert (runs, web.port) == (["one", "two"], port)
    await web.close()


async def test_an_address_that_is_taken_is_told_once_and_tried_again(
    runs: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "LISTEN_AGAIN", 0.01)
    notes: list[tuple[str, str]] = []
    web = WebAddress(lambda level, text: notes.append((level, text)), Heartbeats())
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        await web.use(listening(port), ENGINE)
        await until(lambda: notes)
        await asyncio.sleep(0.05)
    await until(lambda: runs)
    assert notes == [
        ("bad", f"cannot listen on 127.0.0.1:{port}: address already in use"),
        ("info", f"the web address is 127.0.0.1:{port}"),
    ]
    await web.close()


async def test_a_process_that_ends_is_started_again_with_a_line_in_the_log(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_PAUSES", (0.001,))
    ends = iter(["Killed", "exit status 2"])

    async def run_once(_self: WebAddress) -> str:
        return next(ends, None) or await asyncio.Event().wait() or ""  # type: ignore[func-returns-value]

    monkeypatch.setattr(WebAddress, "_run_once", run_once)
    notes: list[str] = []
    web = WebAddress(lambda level, text: notes.append(text) if level == "bad" else None, Heartbeats())
    await web.use(listening(), ENGINE)
    await until(lambda: len(notes) == 2)
    assert notes == [
        "the web address's process ended (Killed) and is started again",
        "the web address's process ended (exit status 2) and is started again",
    ]
    await web.close()


async def test_a_name_that_no_resolver_knows_is_told_as_such():
    notes: list[str] = []
    web = WebAddress(lambda _, text: notes.append(text), Heartbeats())
    await web.use(Settings(listen=("fe80::1%nowhere", 1)), ENGINE)
    await until(lambda: notes)
    await web.close()
    assert notes[0].startswith("cannot listen on fe80::1%nowhere:1: ")
    assert "unknown error" not in notes[0]


async def test_a_name_with_two_addresses_has_a_socket_for_each_on_the_same_port(
    monkeypatch: pytest.MonkeyPatch,
):
    async def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        found = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*found, ("127.0.0.1", 0)), (*found, ("127.0.0.2", 0))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    one, two = await bound("localhost", 0)
    with one, two:
        assert [one.getsockname()[0], two.getsockname()[0]] == ["127.0.0.1", "127.0.0.2"]
        assert one.getsockname()[1] == two.getsockname()[1]


async def test_an_empty_host_is_every_address():
    (every,) = await bound("", 0)
    with every, socket.create_connection(("127.0.0.1", every.getsockname()[1])):
        pass


def test_the_process_gets_tokens_and_paths_that_come_from_the_environment():
    tokens = Tokens(read=Secretive("r1", "•••"), write=Secretive("w1", "•••"))
    settings = Settings(history=Secretive("/x/h.db", "•••/h.db"), tokens=tokens)
    setup = msgspec.json.decode(module._setup_line(ENGINE, (3,), settings), type=Setup)
    assert setup == Setup(engine=str(ENGINE), fds=(3,), history="/x/h.db", read="r1", write="w1")
