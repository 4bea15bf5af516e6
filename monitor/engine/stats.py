"""The engine's own health: lateness and pace of checks over the last minute."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque

MINUTE = 60.0
_SLICE = 5.0
"""Length of one slice of the minute in seconds."""
_BOUNDS_MS = tuple(0.1 * 1.15**step for step in range(100))
"""Upper bounds of the buckets that lateness is counted in: 0.1 ms to 100 s, 15 % apart."""


class _Slice:
    __slots__ = ("began", "buckets", "count", "delayed")

    def __init__(self, began: float) -> None:
        self.began = began
        self.count = 0
        self.delayed = 0
        self.buckets: dict[int, int] = {}


class Meter:
    """Counts starts of checks and their lateness. Moments are seconds of a steady clock."""

    def __init__(self, now: float) -> None:
        self._born = now
        self._slices: deque[_Slice] = deque([_Slice(now)])

    def started(self, now: float, late_by: float) -> None:
        """Count a check that started ``late_by`` seconds after it was due."""
        newest = self._count(now)
        bucket = bisect_left(_BOUNDS_MS, late_by * 1000)
        newest.buckets[bucket] = newest.buckets.get(bucket, 0) + 1

    def received(self, now: float) -> None:
        """Count a check by another machine, whose lateness is not known here."""
        self._count(now)

    def _count(self, now: float) -> _Slice:
        newest = self._slices[-1]
        if now - newest.began >= _SLICE:
            newest = _Slice(now)
            self._slices.append(newest)
            self._forget(now)
        newest.count += 1
        return newest

    def delayed(self) -> None:
        """Count a check that this machine may have delayed."""
        self._slices[-1].delayed += 1

    def delayed_share(self, now: float) -> float:
        """The share of the checks that this machine may have delayed, 0 to 1."""
        self._forget(now)
        checks = sum(one.count for one in self._slices)
        return min(sum(one.delayed for one in self._slices) / checks, 1.0) if checks else 0.0

    def _forget(self, now: float) -> None:
        while len(self._slices) > 1 and now - self._slices[0].began > MINUTE:
            self._slices.popleft()

    def per_second(self, now: float) -> float:
        """Checks started per second."""
        self._forget(now)
        counted = sum(one.count for one in self._slices if now - one.began <= MINUTE)
        return counted / min(max(now - self._born, 1.0), MINUTE)

    def late_p99_ms(self, now: float) -> float:
        """The 99th percentile of the lateness in milliseconds, to 15 %."""
        self._forget(now)
        buckets: dict[int, int] = {}
        for one in self._slices:
            for bucket, count in one.buckets.items():
                buckets[bucket] = buckets.get(bucket, 0) + count
        return _percentile(buckets, 0.99)


def _percentile(buckets: dict[int, int], share: float) -> float:
    wanted = sum(buckets.values()) * share
    seen = 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen >= wanted:
            return _BOUNDS_MS[min(bucket, len(_BOUNDS_MS) - 1)] if bucket else 0.0
    return 0.0
