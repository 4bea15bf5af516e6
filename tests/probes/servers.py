"""Real servers for tests, each in a process of its own on a free port of loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.demo.server import Handler

PATIENCE = 30.0
NASTY_PASSWORDS = (
    *("p/Hunter2xyz", "12/w", "12?w#x", "a@b.example:5432/c", "%41%zz", "[::1]", 'it\'s \\ "quoted"'),
    *("p ü€漢 \u00ad\u2168", "a b\tc", "${PW}$$", "אA", ":@:", "\u0627"),
)
"""Passwords whose characters mean something in a URL, in SQL, or in SASLprep."""


def says(*answers: bytes) -> Handler:
    """A server that reads before each of its answers, and then closes the connection."""

    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        for answer in answers:
            await reader.read(1000)
            writer.write(answer)
            await writer.drain()

    return talk


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def running(
    command: Sequence[str | Path], port: int, *, folder: Path, **options: object
) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``command`` until it accepts connections on ``port``, and end it afterwards."""
    with (folder / "output").open("ab") as output:
        server = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            start_new_session=True,
            **options,  # type: ignore[call-overload]
        )
    try:
        _wait_for(port, server, folder)
        yield server
    finally:
        _end(server)


def _wait_for(port: int, server: subprocess.Popen[bytes], folder: Path) -> None:
    ends = time.monotonic() + PATIENCE
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if server.poll() is not None or time.monotonic() > ends:
            said = (folder / "output").read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{server.args!r} did not start:\n{said}")
        time.sleep(0.02)  # between two attempts to connect


def _end(server: subprocess.Popen[bytes]) -> None:
    _signal(server, signal.SIGTERM)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        _signal(server, signal.SIGKILL)
        server.wait()
    _signal(server, signal.SIGKILL)  # what a start script left behind


def _signal(server: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(server.pid, number)


@contextmanager
def folder_of(user: str) -> Iterator[Path]:
    """A folder for a server that runs as ``user`` where we are root, which some refuse to be."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        yield folder


def run_as(user: str) -> dict[str, object]:
    """Options of :func:`running` that make the server run as ``user`` where we are root."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
