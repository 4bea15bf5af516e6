"""How long the terminal takes to take what it is sent: over a slow line, what is seen is that old. Pure."""

from __future__ import annotations

SLOW = 0.5
"""Seconds that an operator notices."""
_REMEMBERED = 30.0
"""Seconds for which the slowest of what was sent is told: until then it may be a moment's doing."""


class Pace:
    """The slowest of what was lately sent. Moments are of any clock that does not jump."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._at = float("-inf")

    def took(self, seconds: float, now: float) -> None:
        """What was sent has been taken, ``seconds`` after it was sent."""
        if seconds >= self.seconds(now):
            self._seconds, self._at = seconds, now

    def seconds(self, now: float) -> float:
        """How long the slowest took, of what has not been forgotten yet."""
        return self._seconds if now - self._at < _REMEMBERED else 0.0


def in_words(seconds: float) -> str:
    """``seconds`` for the header, so coarse that it hardly ever changes; empty when they are few."""
    if seconds < SLOW:
        return ""
    limit = next((limit for limit in (1, 2, 5, 10, 30, 60) if seconds <= limit), None)
    return f"slow line <{limit}s" if limit else "slow line >1m"
