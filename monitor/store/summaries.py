"""Summaries of the results of a minute, an hour or a day, which merge into those of any window. Pure."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Container, Iterable, Sequence

import msgspec

from monitor.judge.sketch import Sketch
from monitor.model import Status
from monitor.store.packing import Row

STATUSES = tuple(Status)
"""A status is stored as its place in this tuple."""
PASSED = frozenset({STATUSES.index(Status.UP), STATUSES.index(Status.DEGRADED)})
"""The places of the statuses of a passed check."""


class Summary:
    """Counts by status, and the latencies of the passed checks."""

    __slots__ = ("counts", "latencies")

    def __init__(self) -> None:
        self.counts = [0] * len(STATUSES)
        """By status, in the order of :data:`STATUSES`."""
        self.latencies = Sketch()

    @property
    def checks(self) -> int:
        return sum(self.counts)

    @property
    def failed(self) -> int:
        return self.counts[STATUSES.index(Status.DOWN)]

    def add(self, row: Row) -> None:
        """Count one result."""
        self.add_all([row])

    def add_all(self, rows: Sequence[Row]) -> None:
        """Count several results."""
        for status, count in Counter(row.status for row in rows).items():
            self.counts[status] += count
        self.latencies.update(
            row.latency / 100 for row in rows if row.latency is not None and row.status in PASSED
        )

    def merge(self, other: Summary) -> None:
        """Count everything that ``other`` has counted."""
        self.counts = [one + two for one, two in zip(self.counts, other.counts, strict=True)]
        self.latencies.merge(other.latencies)


_Parts = dict[int, tuple[list[int], bytes]]
_ALL = range(1 << 31)
_DECODER = msgspec.msgpack.Decoder(_Parts)


def encode(parts: dict[int, Summary]) -> bytes:
    """Summaries by their place (the minute of the hour, the hour of the day) as bytes."""
    plain = {place: (one.counts, one.latencies.encode()) for place, one in parts.items()}
    return zlib.compress(msgspec.msgpack.encode(plain), 6)


def decode(data: bytes, places: Container[int] = _ALL) -> dict[int, Summary]:
    """The summaries that :func:`encode` wrote; only those at ``places``."""
    parts = _DECODER.decode(zlib.decompress(data))
    return {place: _summary(*part) for place, part in parts.items() if place in places}


def _summary(counts: list[int], latencies: bytes) -> Summary:
    summary = Summary()
    summary.counts = counts
    summary.latencies = Sketch.decode(latencies)
    return summary


def by_place(rows: Iterable[Row], start: int, length: int) -> dict[int, Summary]:
    """Summaries of ``rows`` from ``start`` on, in parts of ``length`` milliseconds."""
    parts: dict[int, list[Row]] = {}
    for row in rows:
        parts.setdefault((row.at - start) // length, []).append(row)
    return {place: of_rows(own) for place, own in parts.items()}


def of_rows(rows: Sequence[Row]) -> Summary:
    """One summary of results."""
    whole = Summary()
    whole.add_all(rows)
    return whole


def merged(parts: Iterable[Summary]) -> Summary:
    """One summary of all parts."""
    whole = Summary()
    for part in parts:
        whole.merge(part)
    return whole
