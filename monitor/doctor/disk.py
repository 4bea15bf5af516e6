"""Disk space for the history: the free space, and the expected size."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from monitor.doctor import Finding, Level
from monitor.model import Config, Retention

_BASE = 16e6
"""Bytes of SQLite's log and of empty tables."""
_SMALL_DAY, _LARGE_DAY = 950.0, 4700.0
"""Bytes of a day's summaries that share a page with other days, and those of one that does not."""
_SPARE = 2.0
"""Multiple of the history's size that should be free: SQLite's log and a compaction need room too."""


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
    enabled = [endpoint for endpoint in config.endpoints if endpoint.enabled]
    kept = config.settings.retention
    return _BASE + sum(endpoint_bytes(3600 / endpoint.interval, kept) for endpoint in enabled)


def endpoint_bytes(results: float, kept: Retention) -> float:
    """The size of one endpoint's history, with so many results an hour.

    As measured with intervals of 10 s to 1 min (`python bench/store.py write`). A summary grows with the
    number of different latencies in it, which grows about as the square root of the number of results. So do
    the summaries of phases, five as in a check over TLS.
    """
    unpacked = 65 * results
    packed = (190 + 2.6 * results) * kept.raw / 3600
    minutes = (250 + 60 * math.sqrt(results)) * kept.minutes / 3600
    minutes += 1.3 * min(50 + 5 * results, 350 + 90 * math.sqrt(results)) * kept.minutes / 3600
    day = 150 + 24 * 4.5 * math.sqrt(results)
    days = _LARGE_DAY if day > _SMALL_DAY else day * 1.3
    days += 1.3 * (600 + 160 * math.sqrt(results))
    return unpacked + packed + minutes + days * kept.hours / 86400


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
