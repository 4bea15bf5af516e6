"""What operators mark endpoints with: acknowledged until they are well, silenced for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from monitor.duration import format_duration
from monitor.engine.timers import TimerQueue
from monitor.engine.watched import Watched
from monitor.model import Acknowledgement, Silenced, State
from monitor.text import plain

if TYPE_CHECKING:
    from monitor.engine.core import Engine

_WELL = frozenset({State.UP, State.DEGRADED})
_NAME = 40
"""Characters of a user's name that are kept."""
_LONGEST = 100 * 365 * 86400.0
"""Seconds that a silence may last; what is more is no time, and no calendar could tell its end."""
_LOOK_AGAIN = 60.0
"""Seconds after which the end of a silence is looked at again: a suspended machine stops the loop's clock."""


class Marks:
    """Puts marks on the engine's endpoints, and takes them off again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._silences: TimerQueue[Watched] = TimerQueue(self._look, self._look)
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        """End nothing any more."""
        self._silences.close()

    def turned(self, watched: Watched) -> None:
        """An endpoint's state is another one."""
        if watched.state not in _WELL:
            return
        watched.acknowledged = None
        if watched.silenced and watched.silenced.until is None:
            watched.silenced = None

    def removed(self, watched: Watched) -> None:
        """An endpoint is no longer watched."""
        self._silences.drop(watched)

    # ── acknowledged ────────────────────────────────────────────────────────────────────────────

    def acknowledge(self, handles: Iterable[int], by: str = "", note: str = "") -> int:
        """Mark what is not well as known about; how many were not yet, in these words."""
        mark = Acknowledgement(at=self._engine.clock(), by=self._name(by), note=self._plain(note))
        chosen = [one for one in self._unwell(handles) if not _same(one.acknowledged, mark)]
        note = f": {mark.note}" if mark.note else ""
        for watched in chosen:
            self._acknowledge(watched, mark, f"acknowledged{_by(mark.by)}{note}")
        return len(chosen)

    def disacknowledge(self, handles: Iterable[int]) -> int:
        """Take that mark back; how many had it."""
        chosen = [one for one in self._engine.chosen(handles) if one.acknowledged]
        for watched in chosen:
            self._acknowledge(watched, None, "no longer acknowledged")
        return len(chosen)

    def _acknowledge(self, watched: Watched, mark: Acknowledgement | None, said: str) -> None:
        watched.acknowledged = mark
        self._engine.incident_tracker.marked(watched)
        self._told(watched, said)

    # ── silenced ────────────────────────────────────────────────────────────────────────────────

    def silence(self, handles: Iterable[int], until: float | None, by: str = "") -> int:
        """Mark these as nothing to speak of until a time; without one, what is not well until it is.

        Returns how many there are.
        """
        if until is None:
            return self._silence(self._unwell(handles), Silenced(by=self._name(by)), "until it is up")
        lasting = until - self._engine.clock()
        if not 0 < lasting < _LONGEST:
            return 0
        mark, how_long = Silenced(until=until, by=self._name(by)), format_duration(round(lasting))
        return self._silence(self._engine.chosen(handles), mark, f"for {how_long}")

    def _silence(self, chosen: list[Watched], mark: Silenced, how_long: str) -> int:
        for watched in chosen:
            watched.silenced = mark
            self._await_end(watched, mark)
            self._told(watched, f"silenced {how_long}{_by(mark.by)}")
        return len(chosen)

    def unsilence(self, handles: Iterable[int]) -> int:
        """Take that mark back; how many had it."""
        chosen = [one for one in self._engine.chosen(handles) if one.silenced]
        for watched in chosen:
            self._speak_again(watched)
        return len(chosen)

    def _speak_again(self, watched: Watched) -> None:
        watched.silenced = None
        self._silences.drop(watched)
        self._told(watched, "no longer silenced")

    def _await_end(self, watched: Watched, mark: Silenced) -> None:
        if mark.until is None:
            self._silences.drop(watched)
        else:
            lasting = mark.until - self._engine.clock()
            self._silences.put(watched, self._loop.time() + min(max(lasting, 0.0), _LOOK_AGAIN))

    def _look(self, watched: Watched, _due: float) -> None:
        mark = watched.silenced
        if mark and mark.until is not None and mark.until <= self._engine.clock():
            self._speak_again(watched)
        elif mark:
            self._await_end(watched, mark)

    # ── both ────────────────────────────────────────────────────────────────────────────────────

    def _unwell(self, handles: Iterable[int]) -> list[Watched]:
        return [one for one in self._engine.chosen(handles) if one.state not in _WELL]

    def _plain(self, text: str) -> str:
        return plain(self._engine.config.redact(text))

    def _name(self, by: str) -> str:
        return plain(self._engine.config.redact(by), _NAME)

    def _told(self, watched: Watched, said: str) -> None:
        self._engine.event_log.note("info", said, watched.handle)
        self._engine.row_changed(watched)


def _by(name: str) -> str:
    return f" by {name}" if name else ""


def _same(one: Acknowledgement | None, other: Acknowledgement) -> bool:
    return one is not None and (one.by, one.note) == (other.by, other.note)
