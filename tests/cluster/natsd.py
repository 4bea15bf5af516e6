"""A real nats-server with JetStream on loopback, which can be killed and started again."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nats
from servers import free_port

PROGRAM = str(Path(sys.executable).parent / "nats-server")


def program() -> str | None:
    """The server's program: beside the interpreter, where the wheel puts it, or on the path."""
    return shutil.which(PROGRAM) or shutil.which("nats-server")


class Server:
    """``config`` is added to the server's config file, ``host`` is where it listens beside loopback."""

    def __init__(self, folder: Path, config: str = "", host: str = "127.0.0.1") -> None:
        self.port = free_port()
        self.folder = folder
        self.url = f"nats://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "nats.conf").write_text(
            f'listen: "{host}:{self.port}"\njetstream {{ store_dir: "{folder}/js" }}\n{config}'
        )

    def start(self) -> None:
        found = program()
        assert found
        with (self.folder / "nats.log").open("ab") as log:
            self._process = subprocess.Popen(
                [found, "-c", str(self.folder / "nats.conf")], stdout=log, stderr=log
            )
        self._wait()

    def _wait(self) -> None:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError((self.folder / "nats.log").read_text())

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


async def until(holds: Any, seconds: float = 15.0) -> None:
    """Wait until ``holds()`` is true; it may be awaitable."""
    end = time.monotonic() + seconds
    while True:
        found = holds()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        assert time.monotonic() < end, "it took too long"
        await asyncio.sleep(0.02)


async def client(server: Server, **options: Any) -> Any:
    return await nats.connect(server.url, **options)
