"""Recent samples of each endpoint, in compact rings. Pure."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Mapping
from functools import lru_cache
from math import isnan, nan
from statistics import median
from typing import Any, NamedTuple, TypeVar

SAMPLE_BYTES = 13
"""A time (8), a latency (4) and an outcome (1)."""
_BUDGET_BYTES = 16 << 20
_FEWEST, _MOST = 60, 2880
_PHASES = 20
"""Number of successes whose phases are kept."""

_Number = TypeVar("_Number", int, float)


def capacity(endpoints: int) -> int:
    """The number of samples to keep per endpoint: all endpoints share one budget."""
    return max(_FEWEST, min(_BUDGET_BYTES // (max(endpoints, 1) * SAMPLE_BYTES), _MOST))


class Sample(NamedTuple):
    """One check: its time, its outcome's letter, and milliseconds or -1."""

    at: float
    outcome: str
    latency_ms: float


class Samples:
    """The newest ``capacity`` samples, in arrays that have their size from the beginning.

    An engine takes as much memory at its start as after weeks: nothing grows, and nothing is in pieces.
    """

    __slots__ = ("_at", "_capacity", "_held", "_latency", "_next", "_outcome", "total")

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._held = 0
        self._next = 0
        """The place of the next sample: behind the newest, that of the oldest."""
        self._at = _zeros("d", capacity)
        self._latency = _zeros("f", capacity)
        self._outcome = _zeros("B", capacity)
        self.total = 0
        """Number of all samples so far."""

    def __len__(self) -> int:
        return self._held

    def add(self, sample: Sample) -> None:
        """Add a sample; it replaces the oldest if the ring is full."""
        place = self._next
        self._at[place] = sample.at
        self._latency[place] = sample.latency_ms
        self._outcome[place] = ord(sample.outcome)
        self._next = (place + 1) % self._capacity
        self._held = min(self._held + 1, self._capacity)
        self.total += 1

    def newest(self, count: int) -> tuple[str, tuple[float, ...]]:
        """Outcomes and latencies of the newest ``count`` samples, oldest first."""
        outcomes = self._ordered(self._outcome, count).tobytes().decode("ascii")
        return outcomes, tuple(self._ordered(self._latency, count))

    def until(self, moment: float, count: int) -> list[Sample]:
        """The newest ``count`` samples until ``moment``, oldest first."""
        ordered = self._ordered(self._at, self._held)
        end = bisect_right(ordered, moment)
        begin = max(end - count, 0)
        outcomes, latencies = (self._ordered(ring, self._held) for ring in (self._outcome, self._latency))
        return [Sample(ordered[one], chr(outcomes[one]), latencies[one]) for one in range(begin, end)]

    def since(self, moment: float) -> list[Sample]:
        """The samples later than ``moment``, oldest first."""
        rings = (self._at, self._outcome, self._latency)
        samples = zip(*(self._ordered(ring, self._held) for ring in rings), strict=True)
        return [Sample(at, chr(outcome), latency) for at, outcome, latency in samples if at > moment]

    def resize(self, capacity: int) -> None:
        """Change the size to ``capacity`` samples; the newest stay."""
        if capacity == self._capacity:
            return
        self._held = min(self._held, capacity)
        self._at = self._resized(self._at, capacity)
        self._latency = self._resized(self._latency, capacity)
        self._outcome = self._resized(self._outcome, capacity)
        self._capacity = capacity
        self._next = self._held % capacity

    def _resized(self, ring: array[_Number], capacity: int) -> array[_Number]:
        return self._ordered(ring, self._held) + _zeros(ring.typecode, capacity - self._held)

    def _ordered(self, ring: array[_Number], count: int) -> array[_Number]:
        """The newest ``count`` of ``ring``, oldest first."""
        first = self._next - min(count, self._held)
        return ring[first : self._next] if first >= 0 else ring[first:] + ring[: self._next]


def _zeros(typecode: str, count: int) -> array[Any]:
    return array(typecode, bytes(count * array(typecode).itemsize))


@lru_cache(maxsize=256)
def _shared(columns: tuple[str, ...]) -> tuple[str, ...]:
    """``columns`` as one object for all endpoints with equal ones."""
    return columns


class Phases:
    """The phases of the newest successes: a table in one array, with a column for each phase seen so far."""

    __slots__ = ("_columns", "_next", "_table")

    def __init__(self) -> None:
        self._columns: tuple[str, ...] = ()
        self._table = array("f")
        self._next = 0
        """The next row: behind the newest, that of the oldest."""

    def add(self, phases_ms: Mapping[str, float]) -> None:
        """Add the phases of a check, if it has any."""
        if not phases_ms:
            return
        if tuple(phases_ms) != self._columns:
            phases_ms = self._in_columns(phases_ms)
        begin = self._next * len(self._columns)
        self._table[begin : begin + len(self._columns)] = array("f", phases_ms.values())
        self._next = (self._next + 1) % _PHASES

    def _in_columns(self, phases_ms: Mapping[str, float]) -> Mapping[str, float]:
        """``phases_ms`` in the order of the columns, after adding columns for new phases."""
        new = [name for name in phases_ms if name not in self._columns]
        if new:
            rows = self._rows()
            self._columns = _shared((*self._columns, *new))
            self._table = array("f", (value for row in rows for value in (*row, *(nan for _ in new))))
        return {name: phases_ms.get(name, nan) for name in self._columns}

    def _rows(self) -> list[array[float]]:
        width = max(len(self._columns), 1)
        return [self._table[begin : begin + width] for begin in range(0, len(self._table), width)]

    def medians(self) -> dict[str, float]:
        """The median of each phase, in milliseconds."""
        width = len(self._columns)
        columns = {name: self._table[at::width] for at, name in enumerate(self._columns)}
        found = {name: [ms for ms in column if not isnan(ms)] for name, column in columns.items()}
        return {name: median(values) for name, values in found.items() if values}
