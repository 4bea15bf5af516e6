"""Whether the system's clock has been steady for long enough to delete expired data by it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

_JUMP = 60.0
"""Seconds of difference to a timer, between two looks, that count as a jump."""
_STEADY = 3600.0
"""Seconds after a jump until the clock is trusted again: a wrong clock is usually set right by then."""


def since_boot() -> float:
    """Seconds since this machine started, those in suspension included: waking up is no jump."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class SteadyClock:
    """Compares ``clock``, which may be set, with ``timer``, which may not."""

    def __init__(self, clock: Callable[[], float], timer: Callable[[], float] = since_boot) -> None:
        self._clock = clock
        self._timer = timer
        self._offset = clock() - timer()
        self._jumped_at = -math.inf

    def is_steady(self) -> bool:
        """Whether the clock has not jumped for an hour, or since this object was made."""
        now = self._timer()
        before, self._offset = self._offset, self._clock() - now
        if abs(self._offset - before) > _JUMP:
            self._jumped_at = now
        return now - self._jumped_at >= _STEADY
