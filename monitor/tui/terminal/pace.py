"""The terminal's delay: over a slow line, the screen is that old. Pure."""

from __future__ import annotations

SLOW = 0.5
"""Delay in seconds that an operator notices."""
_REMEMBERED = 30.0
"""Seconds for which the slowest recent update is reported."""


class Pace:
    """The slowest recent update. Moments are of a monotonic clock."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._at = float("-inf")

    def took(self, seconds: float, now: float) -> None:
        """Record that the terminal took an update after ``seconds``."""
        if seconds >= self.seconds(now):
            self._seconds, self._at = seconds, now

    def seconds(self, now: float) -> float:
        """Seconds of the slowest recent update."""
        return self._seconds if now - self._at < _REMEMBERED else 0.0


def in_words(seconds: float) -> str:
    """``seconds`` as a coarse text for the header; empty if short."""
    if seconds < SLOW:
        return ""
    limit = next((limit for limit in (1, 2, 5, 10, 30, 60) if seconds <= limit), None)
    return f"slow line <{limit}s" if limit else "slow line >1m"
