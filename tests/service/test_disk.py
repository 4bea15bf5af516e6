"""A daemon whose disk fails: it says so in the header, in the log and at /healthz, and no check is late."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import httpx
import pytest
from crashing import Target
from monitor_command import monitor

from monitor.link.client import Client
from monitor.link.silences import StartSilence
from monitor.store.reader import Reader

_Answer = TypeVar("_Answer")

pytestmark = [pytest.mark.long, pytest.mark.timeout(180)]

CONFIG = """
[monitor]
socket = "s"
history = "{history}"
listen = "127.0.0.1:0"

[[endpoints]]
name = "up"
url = "http://127.0.0.1:{port}/up"
interval = "100ms"
"""
LATE = 1.5
"""Seconds between two checks, 0.1 s apart, that would be late; the machine may be busy with other tests."""

SLOW = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
static void wait_while_slow(void) { while (access(getenv("SLOW_WHILE"), F_OK) == 0) usleep(50000); }
int fdatasync(int fd) { wait_while_slow(); return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd); }
int fsync(int fd) { wait_while_slow(); return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd); }
"""
"""Makes every sync to the disk wait while a file exists."""


@pytest.fixture
def target() -> Iterator[Target]:
    target = Target()
    yield target
    target.close()


class Daemon:
    """A running daemon, and what it says."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.process = process
        self.log: list[str] = []
        self._reading = Thread(target=self._read, args=(process.stderr,), daemon=True)
        self._reading.start()
        self._folder = folder

    def _read(self, stream: Any) -> None:
        with suppress(ValueError):  # the process was ended
            self.log.extend(line.decode() for line in stream)

    def logged(self, text: str) -> str:
        """The newest line with ``text``; empty if there is none."""
        return next((line for line in reversed(self.log) if text in line), "")

    async def ask(self, question: Callable[[Client], Awaitable[_Answer]]) -> _Answer:
        """What the engine answers."""
        client = Client(self._folder / "s")
        try:
            return await question(client)
        finally:
            await client.close()

    async def header(self) -> str:
        """The trouble that the dashboard's header names."""
        return (await self.ask(Client.hello)).stats.history

    async def healthz(self) -> str:
        """What /healthz answers."""
        found = re.search(r"127\.0\.0\.1:(\d+)", self.logged("the web address is"))
        assert found
        async with httpx.AsyncClient() as caller:
            answer = await caller.get(f"http://127.0.0.1:{found[1]}/healthz", timeout=10)
        assert answer.status_code == 200
        return answer.text


@asynccontextmanager
async def running(folder: Path, history: Path, target: Target, **environ: str) -> AsyncIterator[Daemon]:
    """A daemon that has begun to check."""
    config = folder / "m.toml"
    config.write_text(CONFIG.format(history=history, port=target.port))
    command = monitor("daemon", "-c", str(config))
    with subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, **environ}) as process:
        daemon = Daemon(process, folder)
        try:
            await until(lambda: daemon.logged("dashboards can attach") and daemon.logged("web address is"))
            await until(lambda: len(target.hits["up"]) > 20)
            yield daemon
        finally:
            process.terminate()
            process.wait(10)


async def until(true: Callable[[], object]) -> None:
    while not true():
        await asyncio.sleep(0.05)


async def in_header(daemon: Daemon, text: str) -> str:
    """The header, once it has ``text`` in it; without one, once it is empty."""
    while (text not in (said := await daemon.header())) if text else (said := await daemon.header()):
        await asyncio.sleep(0.2)
    return said


def longest_pause(target: Target, since: float) -> float:
    moments = [hit for hit in target.hits["up"] if hit >= since]
    return max(later - one for one, later in pairwise(moments))


def stored(history: Path) -> list[float]:
    with Reader(history) as reader:
        (endpoint,) = reader.endpoints()
        return [one.checked_at for one in reader.results(endpoint, 0.0, 9e9)]


async def all_written(history: Path, target: Target, since: float, until_moment: float) -> None:
    """Wait until every check of a time is in the file; the test's own time limit ends a vain wait."""
    checks = [hit for hit in target.hits["up"] if since <= hit < until_moment]
    while sum(since - 0.05 <= at < until_moment for at in stored(history)) < len(checks):
        await asyncio.sleep(0.2)


async def expect_trouble(daemon: Daemon, target: Target, history: Path, text: str, relieve: Any) -> None:
    """From now on, there is trouble with ``text`` in it; once it is relieved, nothing is missing."""
    began = time.time()
    said = await in_header(daemon, text)
    await until(lambda: daemon.logged(said))
    assert f"history: {said}" in await daemon.healthz()
    await asyncio.sleep(1)
    relieve()
    over = time.time()
    await in_header(daemon, "")
    await until(lambda: daemon.logged("the history is written again"))
    assert await daemon.healthz() == "ok\n"
    assert longest_pause(target, began) < LATE
    await all_written(history, target, began, over)


# ── scenarios ───────────────────────────────────────────────────────────────────────────────────


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    disk = folder / "disk"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"no disk can be mounted here: {made.stderr.decode().strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """A file that takes all the room there is."""
    file = disk / "big"
    with file.open("wb", buffering=0) as out, suppress(OSError):
        while True:
            out.write(bytes(4096))
    return file


async def test_a_full_disk_makes_results_wait_in_memory(tmp_path: Path, target: Target):
    with small_disk(tmp_path) as disk:
        history = disk / "h.db"
        async with running(tmp_path, history, target) as daemon:
            big = fill(disk)
            await expect_trouble(daemon, target, history, "full", big.unlink)


@pytest.mark.parametrize("killed", [False, True], ids=["after an orderly end", "after a kill"])
async def test_a_read_only_disk_is_read_and_written_once_it_can_be(
    tmp_path: Path, target: Target, killed: bool
):
    with small_disk(tmp_path) as disk:
        history = disk / "h.db"
        async with running(tmp_path, history, target) as daemon:
            silence = await daemon.ask(lambda client: client.silence(StartSilence(select=("up",))))
            if killed:
                daemon.process.kill()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        async with running(tmp_path, history, target) as daemon:
            assert await daemon.ask(Client.silences) == (silence,)

            def relieve() -> None:
                subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)

            await expect_trouble(daemon, target, history, "cannot be written", relieve)


async def test_a_file_that_somebody_else_locks_is_written_later(tmp_path: Path, target: Target):
    history = tmp_path / "h.db"
    async with running(tmp_path, history, target) as daemon:
        other = sqlite3.connect(history, isolation_level=None, timeout=10)
        other.execute("BEGIN IMMEDIATE")

        def relieve() -> None:
            other.execute("ROLLBACK")
            other.close()

        await expect_trouble(daemon, target, history, "locked", relieve)


async def test_a_file_that_is_deleted_is_begun_again(tmp_path: Path, target: Target):
    history = tmp_path / "h.db"
    async with running(tmp_path, history, target) as daemon:
        began = time.time()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{history}{suffix}").unlink(missing_ok=True)
        await until(lambda: daemon.logged("was deleted; a new one begins"))
        await until(history.exists)
        over = time.time()
        assert await daemon.header() == ""
        assert longest_pause(target, began - 1) < LATE
        await all_written(history, target, over, over + 0.5)


async def test_a_disk_that_hangs_delays_no_check(tmp_path: Path, target: Target, needs: Callable[[str], str]):
    compiler = needs("cc")
    (tmp_path / "slow.c").write_text(SLOW)
    library, hangs = tmp_path / "slow.so", tmp_path / "hangs"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, tmp_path / "slow.c", "-ldl"], check=True)
    history = tmp_path / "h.db"
    environ = {"LD_PRELOAD": str(library), "SLOW_WHILE": str(hangs)}
    async with running(tmp_path, history, target, **environ) as daemon:
        hangs.touch()
        await expect_trouble(daemon, target, history, "its disk is slow", hangs.unlink)
