"""The next version of a config's files: made from those in force, validated as a whole, then written."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from monitor.config.document import digest
from monitor.config.editing.edit import indexes_at, removed, with_enabled
from monitor.config.load import load
from monitor.errors import EditError
from monitor.model import Config, Endpoint

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Change:
    """One file, before and after."""

    file: str
    before: bytes
    after: bytes

    @property
    def undone(self) -> Change:
        return Change(self.file, self.after, self.before)


def changed(config: Config, file: str, edit: Callable[[str], str]) -> Change:
    """The file's text after ``edit``. EditError when ``config`` was read from another version."""
    before = in_force(config, file)
    mark = BOM * before.startswith(BOM)
    return Change(file, before, mark + edit(text(before)).encode())


def text(data: bytes) -> str:
    """The text of a file that was read before, with its own line endings."""
    return data.removeprefix(BOM).decode()


def in_force(config: Config, file: str) -> bytes:
    """The contents of ``file``. EditError when ``config`` was read from another version."""
    data = _read(file)
    if digest(data) != config.digests.get(file):
        raise EditError(f"{file} has changed and is not in force: wait a moment, or fix its problems")
    return data


def _read(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise EditError(f"{file} cannot be read: {(error.strerror or str(error)).lower()}") from None


def verify(changes: Iterable[Change]) -> None:
    """Raise EditError if a file has been modified since it was read."""
    for one in changes:
        if _read(one.file) != one.before:
            raise EditError(f"{one.file} was changed by somebody else; nothing was written")


def outcome(config: Config, changes: Iterable[Change]) -> Config:
    """The config with these changes applied. ConfigError with every problem that they cause."""
    return load(config.file, {one.file: one.after for one in changes})


def write(changes: Sequence[Change]) -> None:
    """Write all of these files, or no file. EditError if one was modified or cannot be written."""
    done: list[Change] = []
    try:
        for one in changes:
            replace(one.file, one.before, one.after)
            done.append(one)
    except EditError:
        for one in done:
            with suppress(EditError):
                replace(one.file, one.after, one.before)
        raise


# ── endpoints that are there ────────────────────────────────────────────────────────────────────


def without(config: Config, endpoints: Iterable[Endpoint]) -> list[Change]:
    """Remove endpoints from their files. EditError if others depend on them, or if it is impossible."""
    doomed = {one.name: one for one in endpoints}
    for one in config.endpoints:
        needed = [name for name in one.depends_on if name in doomed]
        if needed and one.name not in doomed:
            raise EditError(f'not deleted: "{one.name}" depends on "{needed[0]}"')
    return _edited(config, doomed.values(), removed)


def enabled(config: Config, endpoints: Collection[Endpoint], on: bool) -> list[Change]:
    """Enable or disable endpoints in their files. EditError if it is impossible."""
    changes = _edited(config, endpoints, partial(with_enabled, enabled=None if on else False))
    if not on:
        return changes
    ids = {one.id for one in endpoints}
    if all(one.enabled for one in outcome(config, changes).endpoints if one.id in ids):
        return changes
    return _edited(config, endpoints, partial(with_enabled, enabled=True))  # inherited settings disable them


def _edited(
    config: Config, endpoints: Iterable[Endpoint], edit: Callable[[str, list[int]], str]
) -> list[Change]:
    """The change that ``edit`` makes to each file, given which of its endpoints to edit."""
    return [
        changed(config, file, lambda text, lines=lines: edit(text, indexes_at(lines, text)))  # type: ignore[misc]
        for file, lines in by_file(endpoints).items()
    ]


def by_file(endpoints: Iterable[Endpoint]) -> Mapping[str, list[int]]:
    """The lines in which endpoints begin, by file."""
    found: dict[str, list[int]] = {}
    for one in endpoints:
        if one.source is None:
            raise EditError(f'"{one.name}" stands in no file')
        found.setdefault(one.source.file, []).append(one.source.line)
    return found


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
