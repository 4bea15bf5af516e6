"""Daemons and agents as processes, and the results that they publish."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from natsd import Server

from monitor.cluster.protocol import Report, received
from monitor.cluster.reader import Reader
from monitor.cluster.streams import RESULTS, ensure_streams
from monitor.errors import LinkError
from monitor.link.client import Client
from monitor.link.messages import EndpointStatus


class Processes:
    """Starts commands of monitor on one config, each with files of its own; ``prefix`` goes before them."""

    def __init__(self, folder: Path, text: str, stack: ExitStack, prefix: Sequence[str] = ()) -> None:
        self._folder = folder
        self._text = text
        self._stack = stack
        self._prefix = prefix

    def start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        log = self._stack.enter_context((self._folder / f"{name}.log").open("ab"))
        program = [*self._prefix, sys.executable, "-P", "-m", "monitor"]
        process = subprocess.Popen([*program, *command], stderr=log)
        self._stack.callback(self._end, process)
        return process

    @staticmethod
    def _end(process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()

    def config(self, name: str) -> Path:
        file = self._folder / f"{name}.toml"
        settings = f'[monitor]\nhistory = "{name}.db"\nsocket = "{name}.sock"\n'
        file.write_text(settings + self._text)
        return file

    def daemon(self, name: str) -> subprocess.Popen[bytes]:
        return self.start(name, "daemon", "-c", str(self.config(name)))

    def agent(self, name: str, location: str) -> subprocess.Popen[bytes]:
        return self.start(name, "agent", "--location", location, "-c", str(self.config(name)))

    async def statuses(self, name: str) -> tuple[EndpointStatus, ...]:
        """What the daemon of that name says of its endpoints; nothing if it is not up yet."""
        client = Client(self._folder / f"{name}.sock")
        try:
            return (await client.hello()).statuses
        except LinkError:
            return ()
        finally:
            await client.close()


def config_of(servers: Server | Sequence[Server], *endpoints: str, more: str = "") -> str:
    urls = [one.url for one in ([servers] if isinstance(servers, Server) else servers)]
    tables = "".join(
        f'[[endpoints]]\nname = "{number}"\nurl = "{url}"\ninterval = "1s"\nretry_interval = "300ms"\n'
        "down_after = 2\nup_after = 1\n"
        for number, url in enumerate(endpoints)
    )
    return f"[cluster]\nnats = {urls}\n{more}{tables}"


class Recorded:
    """Every result in the stream."""

    def __init__(self, bus: Any) -> None:
        self.reports: list[tuple[str, Report]] = []
        self._reader = Reader(bus, RESULTS, "monitor.result.>", self._take, lambda level, text: None)
        self._task: asyncio.Task[None] | None = None
        self._bus = bus

    def _take(self, message: Any, at: float) -> None:
        self.reports.append((message.subject, received(message.data, at)))

    async def __aenter__(self) -> list[tuple[str, Report]]:
        await ensure_streams(self._bus.jetstream())
        self._task = asyncio.create_task(self._reader.run())
        return self.reports

    async def __aexit__(self, *_: object) -> None:
        assert self._task
        self._task.cancel()
        await asyncio.wait([self._task])

    def of(self, subject: str) -> list[float]:
        return [report.result.checked_at for one, report in self.reports if one == subject]
