"""The history's file: location, permissions, writer lock, opening."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import strftime

from monitor.errors import EngineRunningError
from monitor.store.schema import is_empty, prepare, refuse_newer

SUFFIXES = ("", "-wal", "-shm")
"""SQLite keeps up to three files."""
_MAGIC = b"SQLite format 3\0"
_HEADER = struct.Struct(">16s H 10x I")
"""The beginning of a file: the magic, the size of a page (1: 65,536 bytes), the number of pages."""
_BUSY = 5.0
"""Seconds to wait for another process's lock, such as a backup's."""


@contextmanager
def claimed(path: Path, socket: str = "") -> Iterator[int]:
    """Hold the writer lock of ``path``, a descriptor, within this context.

    Raises EngineRunningError or OSError. The kernel releases the lock however the process ends.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(_lock_of(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(path, os.read(lock, 4096)) from None
        os.truncate(lock, 0)
        os.pwrite(lock, json.dumps({"pid": os.getpid(), "socket": socket}).encode(), 0)
        yield lock
    finally:
        os.close(lock)


def is_claim(path: Path, lock: int) -> bool:
    """Whether ``lock`` still keeps others from writing ``path``: nobody deleted the file of the lock."""
    found = os.fstat(lock)
    return identity(_lock_of(path)) == (found.st_dev, found.st_ino)


def _lock_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def _busy(path: Path, note: bytes) -> EngineRunningError:
    pid, socket = "unknown", ""
    with suppress(ValueError, KeyError, TypeError):
        holder = json.loads(note)
        pid, socket = str(int(holder["pid"])), str(holder["socket"])
    return EngineRunningError(f"another engine writes the history {path} (pid {pid})", socket)


def connect(path: Path, group: str = "") -> sqlite3.Connection:
    """Open the file for writing, with its tables. Only its owner and the Unix group ``group`` may read it.

    Raises sqlite3.Error, OSError, or :class:`~monitor.store.schema.NewerVersionError`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _create(path)
    database = sqlite3.connect(path, timeout=_BUSY, isolation_level=None, check_same_thread=False)
    try:
        refuse_newer(database)
        database.execute("PRAGMA auto_vacuum = INCREMENTAL")
        # A power cut: FULL syncs the log at each commit, so that what was answered (a mark, a heartbeat) is
        # on disk. NORMAL syncs at checkpoints only, and loses the commits since. Frames in the log have
        # checksums: one written in part ends it. The file itself is written after the log was synced,
        # and the log begins again after the file was. See https://www.sqlite.org/wal.html, test_power_cut.py.
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA journal_size_limit = 16777216")
        prepare(database)
        _admit(path, group)
    except BaseException:
        database.close()
        raise
    return database


def _create(path: Path) -> None:
    """Create the file for its owner alone; SQLite gives its other files the same mode."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not os.fstat(descriptor).st_size:
            os.fchmod(descriptor, 0o600)  # regardless of the umask
    finally:
        os.close(descriptor)


def _admit(path: Path, group: str) -> None:
    """Let the members of a Unix group read the file and those beside it, also if it was made without one."""
    if not group:
        return
    for suffix in SUFFIXES:
        # A group that is missing or not ours ends the daemon when it opens its socket to it.
        with suppress(OSError, LookupError):
            shutil.chown(f"{path}{suffix}", group=group)
            Path(f"{path}{suffix}").chmod(0o640)


def connect_reading(path: Path) -> sqlite3.Connection:
    """Open an existing file for reading only.

    Raises FileNotFoundError (also if nothing was ever written to the file), sqlite3.Error, or
    :class:`~monitor.store.schema.NewerVersionError`.
    """
    if not path.exists():
        raise FileNotFoundError(path)
    try:
        return _checked(_read_only(path))
    except sqlite3.OperationalError as error:
        if os.access(path.parent, os.W_OK):
            raise
        try:
            return _on_read_only_disk(path)
        except PermissionError:
            raise error from None


def _read_only(path: Path, more: str = "") -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{more}", uri=True, timeout=_BUSY)


def _checked(database: sqlite3.Connection) -> sqlite3.Connection:
    """``database`` if its tables are known; otherwise it is closed."""
    try:
        database.execute("PRAGMA query_only = 1")
        refuse_newer(database)
        if is_empty(database):
            raise FileNotFoundError("the history has no tables yet")
    except BaseException:
        database.close()
        raise
    return database


def _on_read_only_disk(path: Path) -> sqlite3.Connection:
    """SQLite reads its log only with another file beside it, for which there is no room here: read a copy."""
    log = Path(f"{path}-wal")
    if not log.exists() or not log.stat().st_size:
        return _checked(_read_only(path, "&immutable=1"))
    with TemporaryDirectory() as folder:  # an open file stays, without a name
        for file in (path, log):
            shutil.copy(file, folder)
        return _checked(_read_only(Path(folder) / path.name))


def is_whole(descriptor: int) -> bool:
    """Whether an open file has SQLite's header and the length in it; reads 32 bytes.

    The descriptor must stay open as long as SQLite's: a process that closes any descriptor of a file loses
    its locks on it, and another process deletes the log (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        header, length = os.pread(descriptor, _HEADER.size, 0), os.fstat(descriptor).st_size
    except OSError:
        return True  # the disk is in trouble, which says nothing about the file
    if len(header) < _HEADER.size:
        return False
    magic, page, pages = _HEADER.unpack(header)
    return bool(magic == _MAGIC) and length >= (page if page > 1 else 65536) * pages


def is_blank(path: Path) -> bool:
    """Whether there is nothing in the file."""
    try:
        return not path.stat().st_size
    except OSError:
        return False


def is_sound(path: Path) -> bool:
    """Whether SQLite can read the file."""
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY)) as database:
            (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
            return str(found) == "ok"
    except sqlite3.DatabaseError:
        return False


def move_aside(path: Path) -> Path:
    """Rename a corrupt file, so that a new one can be created. Return the new name."""
    aside = path.with_name(f"{path.name}.corrupt-{strftime('%Y%m%d-%H%M%S')}")
    for suffix in SUFFIXES:
        old = Path(f"{path}{suffix}")
        if old.exists():
            old.rename(f"{aside}{suffix}")
    return aside


def identity(path: Path) -> tuple[int, int] | None:
    """The file's identity (device and inode); None if it does not exist."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def size(path: Path) -> int:
    """Size on disk in bytes, including SQLite's other files."""
    files = (Path(f"{path}{suffix}") for suffix in SUFFIXES)
    return sum(file.stat().st_size for file in files if file.exists())
