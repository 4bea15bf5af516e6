"""The web address's process, with an engine that is a real daemon."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.web.process import inherited

CONFIG = """
[monitor]
socket = "s"
listen = "127.0.0.1:{port}"
tokens = {{ write = "hunter2hunter2" }}
[[endpoints]]
name = "Backup"
url = "push:backup"
interval = "1h"
"""


class Daemon:
    """A daemon with a web address."""

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
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "m.toml").write_text(CONFIG.format(port=port))
    command = [sys.executable, "-P", "-m", "monitor", "daemon", "-c", str(tmp_path / "m.toml")]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr
        for line in process.stderr:
            if b"the web address is" in line:
                break
        yield Daemon(process, port)
        process.kill()


def test_heartbeats_are_answered_also_while_the_process_starts_again(daemon: Daemon):
    assert daemon.get("/push/backup").text == "ok\n"
    (child,) = daemon.children()
    os.kill(child, signal.SIGKILL)
    assert daemon.get("/push/backup").text == "ok\n"
    assert daemon.children() != [child]


def test_no_token_stands_in_a_command_line_or_an_environment(daemon: Daemon):
    daemon.get("/healthz")
    (child,) = daemon.children()
    for place in ("cmdline", "environ"):
        assert b"hunter2" not in Path(f"/proc/{child}/{place}").read_bytes()


def test_it_ends_with_the_daemon(daemon: Daemon):
    daemon.get("/healthz")
    (child,) = daemon.children()
    daemon.process.terminate()
    assert daemon.process.wait(10) == 0
    assert not Path(f"/proc/{child}").exists()


def test_an_open_stream_does_not_keep_the_daemon_from_ending(daemon: Daemon):
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
