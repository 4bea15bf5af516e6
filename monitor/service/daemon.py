"""The daemon: the service with signals, systemd's protocol and a log; one for each socket."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

from monitor import __version__
from monitor.checks.limits import tune_collector
from monitor.errors import UsageError
from monitor.link.peer import peer
from monitor.model import Config
from monitor.service import reaper
from monitor.service.log import Log
from monitor.service.service import Service
from monitor.service.systemd import Notifier

ENDS_WITHIN = 4.5
"""Seconds from SIGTERM to the end of the process, even if something hangs."""
_LOG_EVERY = 0.2
_ENDINGS = (signal.SIGTERM, signal.SIGINT)
_PATIENCE = 2.0
"""Timeout in seconds for connecting to an existing socket; a live daemon accepts at once."""


async def run_daemon(config: Config, socket: Path, log: Log, notifier: Notifier) -> None:
    """Serve dashboards on ``socket`` until SIGTERM or SIGINT."""
    service = Service(config)
    daemon = _Daemon(service, log, notifier)
    daemon.obey_signals()
    await service.start(socket, config.settings.socket_group)
    count = len(config.endpoints)
    daemon.say(f"monitor {__version__} watches {count} endpoint{'s'[: count != 1]} of {config.file}")
    daemon.say(f"dashboards can attach to {socket}")
    try:
        await daemon.run()
    finally:
        await service.stop()
        daemon.write_log()


class _Daemon:
    """A running service, its signals and its log."""

    def __init__(self, service: Service, log: Log, notifier: Notifier) -> None:
        self._service = service
        self._log = log
        self._notifier = notifier
        self._logged = 0
        self._ended = asyncio.Event()
        self._reloads: set[asyncio.Task[None]] = set()

    def obey_signals(self) -> None:
        """Handle SIGTERM, SIGINT and SIGHUP from now on."""
        loop = asyncio.get_running_loop()
        for ending in _ENDINGS:
            loop.add_signal_handler(ending, self._end, ending)
        loop.add_signal_handler(signal.SIGHUP, self._reload_soon)

    async def run(self) -> None:
        """Reload on changes and write the log until a signal ends the daemon."""
        tune_collector()
        tasks = [
            asyncio.create_task(work)
            for work in (self._service.follow_files(), self._follow_log(), self._notifier.keep_alive())
        ]
        self._notifier.ready()
        try:
            await self._ended.wait()
        finally:
            for task in (*tasks, *self._reloads):
                task.cancel()
            await asyncio.gather(*tasks, *self._reloads, return_exceptions=True)

    def say(self, text: str) -> None:
        """Log a line about the daemon itself."""
        self._log.line(time.time(), "info", text)

    def _end(self, ending: signal.Signals) -> None:
        if not self._ended.is_set():
            self.say(f"{ending.name}: ending")
            self._notifier.stopping()
            _insist()
            self._ended.set()

    # ── reloads ─────────────────────────────────────────────────────────────────────────────────

    def _reload_soon(self) -> None:
        task = asyncio.create_task(self._reload())
        self._reloads.add(task)
        task.add_done_callback(self._reloads.discard)

    async def _reload(self) -> None:
        self._notifier.reloading()
        before = self._service.engine.event_log.total
        done = await self._service.reload()
        if self._service.engine.event_log.total == before:  # otherwise the event log contains it already
            self.say(done.text)
        self._notifier.ready()

    # ── the log ─────────────────────────────────────────────────────────────────────────────────

    async def _follow_log(self) -> None:
        while True:
            self.write_log()
            await asyncio.sleep(_LOG_EVERY)

    def write_log(self) -> None:
        """Log the new entries of the event log."""
        engine = self._service.engine
        for event in engine.event_log.since(self._logged):
            watched = None if event.handle is None else engine.endpoints.get(event.handle)
            self._log.line(event.at, event.level, event.text, watched.endpoint.name if watched else "")
        self._logged = engine.event_log.total


def _insist() -> None:
    """End the process in time even if a thread hangs: a resolver's thread cannot be cancelled."""
    timer = Timer(ENDS_WITHIN, os._exit, (0,))
    timer.daemon = True
    timer.start()


@contextmanager
def tidied() -> Iterator[None]:
    """Within this context, every process that this one starts ends with it, even if it is killed."""
    mark = os.environ[reaper.MARK] = f"{os.getpid()}.{os.urandom(8).hex()}"
    helper = _start_reaper(mark)
    try:
        yield
        reaper.kill_marked(mark)
    finally:
        helper.kill()
        helper.wait()
        del os.environ[reaper.MARK]


def _start_reaper(mark: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 -- our own interpreter and file
        [sys.executable, "-I", "-S", reaper.__file__, mark],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={},
    )


@contextmanager
def claimed(path: Path) -> Iterator[None]:
    """Reserve the socket ``path`` within this context, and remove the socket of a dead daemon.

    The kernel releases the lock on the file beside it however the daemon ends. Raises UsageError if a daemon
    is running there, or if the file is not a socket.
    """
    _make_folder(path.parent)
    lock = _lock(path.with_name(path.name + ".lock"))
    try:
        _remove_stale(path)
        yield
        path.unlink(missing_ok=True)
    finally:
        os.close(lock)


_REMEDY = "name another place as `socket` in [monitor], or set XDG_RUNTIME_DIR"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make {folder} for the socket: {error.strerror}; {_REMEDY}") from None


def _lock(path: Path) -> int:
    """Lock the file and write our process id to it. Return its descriptor."""
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise UsageError(f"cannot lock {path}: {error.strerror}; {_REMEDY}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.read(lock, 20).decode("ascii", "replace").strip()
        os.close(lock)
        raise _running(holder) from None
    os.truncate(lock, 0)
    os.write(lock, f"{os.getpid()}\n".encode())
    return lock


def _remove_stale(path: Path) -> None:
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise UsageError(f"{path} exists and is not a socket")
    except FileNotFoundError:
        return
    listener = _listener(path)
    if listener is not None:
        raise _running(str(listener))
    path.unlink(missing_ok=True)


def _listener(path: Path) -> int | None:
    """The process id of the listener on a socket; None if there is none."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(_PATIENCE)
        try:
            client.connect(str(path))
        except OSError:
            return None
        return peer(client)[0]


def _running(pid: str) -> UsageError:
    return UsageError(f"a daemon for this config is already running (pid {pid or 'unknown'})")
