"""The daemon's log: lines on standard error, as text or as JSON.

A separate thread writes them, so that a reader that stops reading does not stop the engine.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from queue import Full, Queue
from threading import Thread

from monitor.syntax.duration import iso_time
from monitor.text import plain

FORMATS = ("text", "json")
_ROOM = 10_000
"""Limit of lines waiting to be written; later ones are dropped and counted."""
_LAST_LINES_WITHIN = 1.0

Format = Callable[[float, str, str, str], str]


class Log:
    """Writes lines to the descriptor ``out``."""

    def __init__(self, format: str, out: int = 2) -> None:
        self._format: Format = {"text": as_text, "json": as_json}[format]
        self._out = out
        self._lines: Queue[bytes | None] = Queue(_ROOM)
        self._dropped = 0
        self._thread = Thread(target=self._write, name="log", daemon=True)
        self._thread.start()

    def line(self, at: float, level: str, text: str, endpoint: str = "") -> None:
        """Queue one line for writing."""
        if self._dropped and self._put(
            self._format(at, "warn", f"{self._dropped} log lines were dropped", "")
        ):
            self._dropped = 0
        if not self._put(self._format(at, level, text, endpoint)):
            self._dropped += 1

    def close(self) -> None:
        """Write the waiting lines, unless the reader does not take them."""
        try:
            self._lines.put(None, timeout=_LAST_LINES_WITHIN)
        except Full:
            return
        self._thread.join(_LAST_LINES_WITHIN)

    def _put(self, line: str) -> bool:
        try:
            self._lines.put_nowait(line.encode("utf-8", "replace") + b"\n")
        except Full:
            return False
        return True

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                while line:
                    line = line[os.write(self._out, line) :]
            except OSError:
                return  # the reader has gone


def as_text(at: float, level: str, text: str, endpoint: str) -> str:
    """``2026-01-31T12:00:00.123Z bad   Shop front: down: connection refused``."""
    subject = f"{plain(endpoint)}: " if endpoint else ""
    return f"{iso_time(at)} {level:<5} {subject}{plain(text, 2000)}"


def as_json(at: float, level: str, text: str, endpoint: str) -> str:
    """One JSON object; ``endpoint`` only if the line is about one."""
    about = {"endpoint": endpoint} if endpoint else {}
    return json.dumps({"at": iso_time(at), "level": level, **about, "message": text}, ensure_ascii=False)
