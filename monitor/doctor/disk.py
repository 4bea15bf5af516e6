"""Disk space for the history: the free space, and the expected size."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from monitor.doctor import Finding, Level
from monitor.model import Config

_RAW, _MINUTE, _HOUR = 4.0, 18.0, 95.0
"""Bytes of a result, and of the summary of a minute and of an hour, as packed at intervals of 10 to 60 s."""
_SPARE = 2.0
"""How many times the history should fit: SQLite's log and a compaction need room as well."""


def examine(config: Config) -> Iterable[Finding]:
    if config.file and not config.settings.history:
        yield Finding(Level.OK, "nothing is kept on disk (history is off)")
        return
    folder = _existing(Path(config.settings.history).parent if config.settings.history else Path.home())
    usage = shutil.disk_usage(folder)
    yield judged(str(folder), usage.free, usage.total, history_bytes(config))
    if not os.access(folder, os.W_OK):
        remedy = (
            f"let the user that runs monitor write to {folder}, or name another place in [monitor] history"
        )
        yield Finding(Level.BAD, f"{folder} cannot be written to", remedy)


def history_bytes(config: Config) -> float:
    """The size of the history once it covers the full retention time."""
    kept = config.settings.retention
    enabled = [endpoint for endpoint in config.endpoints if endpoint.enabled]
    raw = sum(_RAW * kept.raw / endpoint.interval for endpoint in enabled)
    return raw + len(enabled) * (_MINUTE * kept.minutes / 60 + _HOUR * kept.hours / 3600)


def judged(folder: str, free: int, total: int, wanted: float) -> Finding:
    """Judge the free space for a history of that size."""
    text = f"{_size(free)} of {_size(total)} are free at {folder}; the history comes to about {_size(wanted)}"
    if free < wanted:
        return Finding(
            Level.BAD, text, "make room, name another place in [monitor] history, or keep less (retention)"
        )
    if free < wanted * _SPARE:
        return Finding(Level.WARN, f"{text}: that is tight", "make room, or keep less ([monitor] retention)")
    return Finding(Level.OK, text)


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
