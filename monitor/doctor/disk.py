"""Room for the history: what is free, and what it will come to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from monitor.doctor import Finding, Level
from monitor.model import Config

_RAW, _RAW_KEPT = 2.9, 48 * 3600.0
"""Bytes of a result (measured on compressed blocks), and seconds that each is kept."""
_MINUTE, _MINUTES_KEPT = 24.0, 14 * 86400.0
"""Bytes of a minute's summary of one endpoint, and seconds that it is kept."""
_HOUR, _HOURS_KEPT = 120.0, 400 * 86400.0
"""Bytes of an hour's summary, which has a latency sketch, and seconds that it is kept."""
_SPARE = 2.0
"""How many times the history should fit: SQLite's log and a compaction need room as well."""


def examine(config: Config) -> Iterable[Finding]:
    folder = _existing(_folder())
    usage = shutil.disk_usage(folder)
    yield judged(str(folder), usage.free, usage.total, history_bytes(config))
    if not os.access(folder, os.W_OK):
        yield Finding(
            Level.BAD, f"{folder} cannot be written to", f"chown it to the user that runs monitor: {folder}"
        )


def history_bytes(config: Config) -> float:
    """What the history comes to once everything is kept for as long as it is kept."""
    enabled = [endpoint for endpoint in config.endpoints if endpoint.enabled]
    raw = sum(_RAW * _RAW_KEPT / endpoint.interval for endpoint in enabled)
    return raw + len(enabled) * (_MINUTE * _MINUTES_KEPT / 60 + _HOUR * _HOURS_KEPT / 3600)


def judged(folder: str, free: int, total: int, wanted: float) -> Finding:
    """What so much room means for a history of that size."""
    text = f"{_size(free)} of {_size(total)} are free at {folder}; the history comes to about {_size(wanted)}"
    if free < wanted:
        return Finding(
            Level.BAD, text, "make room, name another place in [monitor] history, or keep less (retention)"
        )
    if free < wanted * _SPARE:
        return Finding(Level.WARN, f"{text}: that is tight", "make room, or keep less ([monitor] retention)")
    return Finding(Level.OK, text)


def _folder() -> Path:
    """The user's state folder, where the history is unless the config says otherwise."""
    chosen = Path(os.environ.get("XDG_STATE_HOME", ""))
    return (chosen if chosen.is_absolute() else Path.home() / ".local" / "state") / "monitor"


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
