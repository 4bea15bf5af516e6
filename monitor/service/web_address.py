"""The web address: the engine owns its sockets, a separate process answers.

The sockets stay open while that process restarts, so that callers wait instead of being refused.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from monitor.model import Settings
from monitor.probes._heartbeats import Heartbeats
from monitor.web.setup import Setup

LISTEN_AGAIN = 5.0
"""Seconds until the next attempt to listen on an address in use."""
_PAUSES = (0.1, 0.5, 2.0, 10.0)
"""Delays in seconds before each restart of a process that ended; the last one repeats."""
_STEADY = 60.0
"""Seconds after which a start counts as successful."""
_BACKLOG = 1024
_ENDS_WITHIN = 2.0

Note = Callable[[str, str], object]
"""Called with ``(level, text)`` for each line of the log."""


class WebAddress:
    """Listens on the configured address, and keeps the answering process running."""

    def __init__(self, note: Note, heartbeats: Heartbeats) -> None:
        self.port: int | None = None
        """The address in use; None while not listening."""
        self._note = note
        self._heartbeats = heartbeats
        self._settings = Settings()
        self._engine = Path()
        self._sockets: list[socket.socket] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def use(self, settings: Settings, engine: Path) -> None:
        """Apply ``settings``, for the engine that listens at ``engine``."""
        old, self._settings, self._engine = self._settings, settings, engine
        if (old.listen, old.tokens) == (settings.listen, settings.tokens):
            return
        await self._end_tasks()
        if old.listen != settings.listen:
            self._close_sockets()
        if settings.listen is not None:
            await self._listen(*settings.listen)
            self._tasks = [asyncio.create_task(self._serve(*settings.listen))]

    async def close(self) -> None:
        """Stop serving."""
        await self._end_tasks()
        self._close_sockets()
        self._settings = Settings()

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks = []

    def _close_sockets(self) -> None:
        for one in self._sockets:
            one.close()
        if self._sockets:
            self._heartbeats.stop()
        self._sockets, self.port = [], None

    # ── listening ───────────────────────────────────────────────────────────────────────────────

    async def _serve(self, host: str, port: int) -> None:
        while not self._sockets:
            await asyncio.sleep(LISTEN_AGAIN)
            await self._listen(host, port)
        await self._keep_running()

    async def _listen(self, host: str, port: int) -> None:
        if self._sockets:
            return
        try:
            self._sockets = await bound(host, port)
        except OSError as error:
            self._say_why_not(f"{host}:{port}", error)
            return
        self.port = self._sockets[0].getsockname()[1]
        self._heartbeats.listen()
        self._note("info", f"the web address is {host or '*'}:{self.port}")

    def _say_why_not(self, address: str, error: OSError) -> None:
        text = f"cannot listen on {address}: {_reason(error).lower()}"
        if self._heartbeats.deaf != text:
            self._heartbeats.stop(text)
            self._note("bad", text)

    # ── the process ─────────────────────────────────────────────────────────────────────────────

    async def _keep_running(self) -> None:
        loop, failures = asyncio.get_running_loop(), 0
        while True:
            began = loop.time()
            why = await self._run_once()
            failures = 0 if loop.time() - began > _STEADY else failures + 1
            self._note("bad", f"the web address's process ended ({why}) and is started again")
            await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES)) - 1])

    async def _run_once(self) -> str:
        """Run the process until it ends. Return the reason."""
        fds = tuple(one.fileno() for one in self._sockets)
        setup = _setup_line(self._engine, fds, self._settings)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "monitor", "web"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            pass_fds=fds,
            start_new_session=True,
        )
        try:
            assert process.stdin is not None
            with suppress(OSError):
                process.stdin.write(setup)
                await process.stdin.drain()
            return _ending(await process.wait())
        finally:
            await _end(process)


def _setup_line(engine: Path, fds: tuple[int, ...], settings: Settings) -> bytes:
    # Text from ${…} is of a type of its own, which msgspec does not encode.
    history, read, write = map(str, (settings.history, settings.tokens.read, settings.tokens.write))
    setup = Setup(engine=str(engine), fds=fds, history=history, read=read, write=write)
    return msgspec.json.encode(setup) + b"\n"


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the process by closing its standard input."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(_ENDS_WITHIN):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _ending(status: int) -> str:
    return f"{signal.strsignal(-status)}" if status < 0 else f"exit status {status}"


async def bound(host: str, port: int) -> list[socket.socket]:
    """Open listening sockets on every address of ``host``; on all addresses if it is empty."""
    if not host:
        return [_every_address(port)]
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    try:
        for family, _type, _protocol, _name, address in dict.fromkeys(found):
            same_port = sockets[0].getsockname()[1] if sockets else port
            sockets.append(_listening(family, (address[0], same_port, *address[2:])))
    except OSError:
        _close(sockets)
        raise
    return sockets


def _listening(family: int, address: Sequence[object]) -> socket.socket:
    return socket.create_server(tuple(address), family=family, backlog=_BACKLOG)


def _every_address(port: int) -> socket.socket:
    if socket.has_dualstack_ipv6():
        return socket.create_server(("", port), family=socket.AF_INET6, backlog=_BACKLOG, dualstack_ipv6=True)
    return socket.create_server(("", port), backlog=_BACKLOG)


def _close(sockets: Sequence[socket.socket]) -> None:
    for one in sockets:
        one.close()


def _reason(error: OSError) -> str:
    """The error's text, without the address."""
    if error.errno and not isinstance(error, socket.gaierror):
        return os.strerror(error.errno)
    return error.strerror or str(error)
