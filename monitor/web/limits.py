"""Rate limits per caller."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from math import ceil

_CALLERS = 10_000
"""Limit of callers to remember; the least recent one is dropped."""


class Bucket:
    """A token bucket for each caller: ``burst`` requests at once, then ``per_second``."""

    def __init__(self, burst: float, per_second: float, clock: Callable[[], float]) -> None:
        self._burst = burst
        self._per_second = per_second
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """By caller: the remaining requests, and the time of that count."""

    def take(self, caller: str) -> int:
        """Count one request. Return 0 if it may pass, otherwise the seconds to wait."""
        left = self._left(caller)
        if left < 1.0:
            self._put(caller, left)
            return max(ceil((1.0 - left) / self._per_second), 1)
        self._put(caller, left - 1.0)
        return 0

    def is_empty(self, caller: str) -> int:
        """As :meth:`take`, without counting anything."""
        left = self._left(caller)
        return 0 if left >= 1.0 else max(ceil((1.0 - left) / self._per_second), 1)

    def _left(self, caller: str) -> float:
        level, at = self._levels.get(caller, (self._burst, self._clock()))
        return min(level + (self._clock() - at) * self._per_second, self._burst)

    def _put(self, caller: str, left: float) -> None:
        self._levels[caller] = (left, self._clock())
        self._levels.move_to_end(caller)
        if len(self._levels) > _CALLERS:
            self._levels.popitem(last=False)
