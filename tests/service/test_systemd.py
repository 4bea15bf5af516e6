"""What systemd hears of us."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.service.systemd import Notifier


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    name = str(tmp_path / "notify") if request.param == "path" else f"@monitor-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name.replace("@", "\0", 1))
        listening.settimeout(5)
        yield listening, name


def test_what_happens_is_reported(systemd: tuple[socket.socket, str]):
    listening, name = systemd
    notifier = Notifier({"NOTIFY_SOCKET": name})
    notifier.ready()
    notifier.reloading()
    notifier.stopping()
    heard = [listening.recv(1000).decode() for _ in range(3)]
    assert heard[0] == "READY=1"
    assert heard[1].startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert heard[1].rpartition("=")[2].isdecimal()
    assert heard[2] == "STOPPING=1"


@pytest.mark.parametrize("name", ["", "relative", "/nobody/listens", "@nobody-listens"])
def test_without_systemd_nothing_happens(name: str):
    Notifier({"NOTIFY_SOCKET": name}).ready()


async def test_signs_of_life_come_twice_as_often_as_needed(systemd: tuple[socket.socket, str]):
    listening, name = systemd
    notifier = Notifier({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "20000", "WATCHDOG_PID": str(os.getpid())})
    assert notifier.every == 0.01
    living = asyncio.create_task(notifier.keep_alive())
    for _ in range(3):
        assert await asyncio.to_thread(listening.recv, 1000) == b"WATCHDOG=1"
    living.cancel()


@pytest.mark.parametrize(
    "environ",
    [{}, {"WATCHDOG_USEC": "x"}, {"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}],
)
async def test_without_a_watchdog_no_sign_of_life_is_sent(environ: dict[str, str]):
    notifier = Notifier(environ)
    assert notifier.every is None
    await notifier.keep_alive()  # returns at once
