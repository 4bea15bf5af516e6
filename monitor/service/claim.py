"""One daemon per socket, by a file lock that the kernel releases however the daemon ends."""

from __future__ import annotations

import fcntl
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.errors import UsageError
from monitor.link.peer import peer

_PATIENCE = 2.0
"""Timeout in seconds for connecting to an existing socket; a live daemon accepts at once."""


@contextmanager
def claimed(path: Path) -> Iterator[None]:
    """Reserve ``path`` within this context, and remove the socket of a dead daemon.

    Raises UsageError if a daemon is running there, or if the file is not a socket.
    """
    _make_folder(path.parent)
    lock = _lock(path.with_name(path.name + ".lock"))
    try:
        _remove_stale(path)
        yield
        path.unlink(missing_ok=True)
    finally:
        os.close(lock)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        remedy = "name another one as `socket` in [monitor]"
        raise UsageError(f"cannot make {folder} for the socket: {error.strerror}; {remedy}") from None


def _lock(path: Path) -> int:
    """Lock the file and write our process id to it. Return its descriptor."""
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise UsageError(f"cannot lock {path}: {error.strerror}") from None
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
