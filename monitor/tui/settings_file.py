"""The operator's choices in a small TOML file in the user's state folder.

The file is replaced atomically, so that a crash leaves no half of it. An unreadable one is renamed to
``.bad``, never overwritten.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from monitor.tui.view_settings import ViewSettings, from_tables, to_tables

_LARGEST = 1 << 16
"""Limit of the file in bytes; it normally has a few hundred."""


def state_file(environ: Mapping[str, str]) -> Path | None:
    """``$XDG_STATE_HOME/monitor/dashboard.toml``; the folder is ``~/.local/state`` unless set.

    https://specifications.freedesktop.org/basedir-spec/latest/: a relative path in it is ignored. None for
    a user who has no home.
    """
    chosen = Path(environ.get("XDG_STATE_HOME", ""))
    try:
        folder = chosen if chosen.is_absolute() else Path.home() / ".local" / "state"
    except RuntimeError:
        return None
    return folder / "monitor" / "dashboard.toml"


class SettingsFile:
    """Saves choices in ``file``; with None, nothing is saved."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._latest = self._written = ViewSettings()
        self._writing: asyncio.Task[None] | None = None
        self.trouble = ""
        """The file's problem as a sentence; empty if there is none."""

    def recall(self) -> ViewSettings:
        """The saved choices. If some cannot be read, the file is renamed."""
        if self._file is None:
            return ViewSettings()
        try:
            with self._file.open("rb") as file:
                text = file.read(_LARGEST).decode()
            view_settings, wrong = from_tables(tomllib.loads(text))
        except FileNotFoundError:
            return ViewSettings()
        except OSError as error:
            return self._do_without(f"cannot be read: {error.strerror}")
        except (ValueError, RecursionError) as error:  # not TOML, or not text
            view_settings, wrong = ViewSettings(), str(error)
        if wrong:
            self._put_aside(wrong)
        self._latest = self._written = view_settings
        return view_settings

    def _do_without(self, why: str) -> ViewSettings:
        self.trouble = f"{self._file} {why}; choices are not remembered"
        self._file = None
        return ViewSettings()

    def _put_aside(self, wrong: str) -> None:
        assert self._file is not None
        bad = self._file.with_suffix(".toml.bad")
        try:
            self._file.replace(bad)
        except OSError as error:
            self._do_without(f"is broken ({wrong}) and cannot be put aside: {error.strerror}")
        else:
            self.trouble = f"{self._file} was broken ({wrong}); it is kept as {bad.name}"

    def keep(self, view_settings: ViewSettings, failed: Callable[[str], None]) -> None:
        """Write ``choices`` in the background. Call ``failed`` once if that is impossible."""
        self._latest = view_settings
        if self._file is not None and view_settings != self._written and not self._writing:
            self._writing = asyncio.create_task(self._write(self._file, failed))

    async def _write(self, file: Path, failed: Callable[[str], None]) -> None:
        """Write the latest choices until there are no newer ones; a file system may be slow."""
        try:
            while (latest := self._latest) != self._written:
                await asyncio.to_thread(write, file, latest)
                self._written = latest
        except OSError as error:
            self._do_without(f"cannot be written: {error.strerror}")
            failed(self.trouble)
        finally:
            self._writing = None

    async def settle(self) -> None:
        """Wait until everything is written."""
        if self._writing:
            await self._writing


def write(file: Path, view_settings: ViewSettings) -> None:
    """Replace ``file`` by ``choices`` atomically. Raises OSError."""
    import tomli_w

    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as new:
            new.write(tomli_w.dumps(to_tables(view_settings)))
        Path(name).replace(file)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
