"""Replaces a config file atomically by a new version."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from monitor.errors import EditError


def replace(file: str, old: bytes, new: bytes) -> None:
    """Replace the contents ``old`` of ``file`` by ``new``. EditError if it has others, or cannot be written.

    A reader finds the complete old or new file at any time, also after a crash. A
    symbolic link stays one; mode, owner and attributes stay what they are, as far as we may.
    """
    real = Path(os.path.realpath(file))
    try:
        written = _written_beside(real, new)
    except OSError as error:
        raise EditError(f"{file} cannot be written: {(error.strerror or str(error)).lower()}") from None
    try:
        if real.read_bytes() != old:
            raise EditError(f"{file} was changed by somebody else; nothing was written")
        written.replace(real)
        _sync(real.parent)
    except OSError as error:
        raise EditError(f"{file} cannot be written: {(error.strerror or str(error)).lower()}") from None
    finally:
        written.unlink(missing_ok=True)


def _written_beside(file: Path, data: bytes) -> Path:
    """A file with ``data``, for the place of ``file`` and in the same folder; no ``include`` finds it."""
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".tmp", dir=file.parent)
    written = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            _make_alike(file, written)
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
    except BaseException:
        written.unlink()
        raise
    return written


def _make_alike(file: Path, written: Path) -> None:
    before = file.stat()
    with suppress(PermissionError):  # only root gives files away
        os.chown(written, before.st_uid, before.st_gid)
    shutil.copystat(file, written)


def _sync(folder: Path) -> None:
    """Flush the folder, so that the new name survives a crash of the machine."""
    with suppress(OSError):  # not every file system lets folders be opened
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
