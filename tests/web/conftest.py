"""The web address's application on a real engine, called without a network."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from monitor_command import monitor
from servers import free_port

from monitor.config import load
from monitor.link.client import Client
from monitor.model import State, Tokens
from monitor.service.service import Service
from monitor.service.web_address import WebAddress
from monitor.web.app import create_app
from monitor.web.past import Past
from monitor.web.source import Source

CONFIG = """
[monitor]
history = "off"
listen = "127.0.0.1:0"
[[endpoints]]
name = "Nobody <b>"
id = "nobody"
group = "shop"
tags = ["eu"]
url = "tcp://127.0.0.1:1"
interval = "1h"
down_after = 1
[[endpoints]]
name = "Off"
url = "tcp://127.0.0.1:2"
enabled = false
[[endpoints]]
name = "Backup"
url = "push:backup"
token = "pushtoken"
interval = "1h"
"""
WRITE = "write-token"


class Daemon:
    """A daemon's process with a web address on a free port; tokens.write is ``hunter2hunter2``."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"

    def get(self, path: str, **more: Any) -> httpx.Response:
        return httpx.get(self.url + path, timeout=10, **more)

    def children(self) -> list[int]:
        """The web address's processes."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in found if b"\0web\0" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    port = free_port()
    settings = f'socket = "s"\nlisten = "127.0.0.1:{port}"\ntokens = {{ write = "hunter2hunter2" }}\n'
    (tmp_path / "m.toml").write_text(CONFIG.replace('listen = "127.0.0.1:0"\n', settings))
    command = monitor("daemon", "-c", str(tmp_path / "m.toml"))
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr
        for line in process.stderr:
            if b"the web address is" in line:
                break
        yield Daemon(process, port)
        process.kill()


class Site:
    """An engine, and callers of its web address."""

    def __init__(self, service: Service, socket: Path, stack: AsyncExitStack) -> None:
        self.service = service
        self.socket = socket
        self.history: Path | None = None
        """Where callers look for what the engine no longer remembers."""
        self._stack = stack

    async def down(self) -> None:
        """Wait until the first endpoint is down."""
        (first, *_) = self.service.engine.endpoints.values()
        self.service.engine.check_now([first.handle])
        while first.state is not State.DOWN:
            await asyncio.sleep(0.005)

    async def source(self) -> Source:
        source = Source(Client(self.socket, samples=0, dashboard=False))
        self._stack.push_async_callback(source.close)
        return source

    async def caller(self, tokens: Tokens | None = None, address: str = "192.0.2.1") -> httpx.AsyncClient:
        app = create_app(await self.source(), tokens or Tokens(write=WRITE), Past(self.history))
        transport = httpx.ASGITransport(app=app, client=(address, 1), raise_app_exceptions=False)
        return await self._stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://monitor.test")
        )


@pytest.fixture
async def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    monkeypatch.setattr("monitor.web.source.MAX_AGE", 0.0)
    monkeypatch.setattr("monitor.service.service.WebAddress.use", _no_process)
    (tmp_path / "m.toml").write_text(CONFIG)
    with tempfile.TemporaryDirectory() as folder:
        service = Service(load(tmp_path / "m.toml"))
        await service.start(Path(folder) / "s")
        async with AsyncExitStack() as stack:
            yield Site(service, Path(folder) / "s", stack)
        await service.stop()


async def _no_process(web: WebAddress, *_: object) -> None:
    """What it would answer is called without a network here."""
    web._heartbeats.listen()


@pytest.fixture
async def http(site: Site) -> httpx.AsyncClient:
    """A caller who may read everything, and write with the token."""
    return await site.caller()
