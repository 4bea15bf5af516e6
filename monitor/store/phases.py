"""Durations of the phases of passed checks: medians of any period, within 2.5 % of exact. Pure.

A phase's durations are counted in logarithmic buckets, as in :mod:`monitor.judge.sketch`, but coarser: there
are up to five phases beside each latency, and only their medians are asked for. Counts of the parts of a
period add up to those of the whole.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import accumulate, islice, pairwise

import msgspec

from monitor.store.packing import column, numbers
from monitor.trace import Phase

_ACCURACY = 0.025
"""Largest relative error of a median."""
_GAMMA = (1 + _ACCURACY) / (1 - _ACCURACY)
_LOG_GAMMA = math.log(_GAMMA)
_SMALLEST, _LARGEST = 0.001, 1e7
"""Milliseconds; durations beyond them count as these."""
_OFFSET = 1 - math.ceil(math.log(_SMALLEST) / _LOG_GAMMA)
"""Makes the smallest bucket 1."""
_NAMES = tuple(map(str, Phase))
"""A phase is stored as its place in this tuple, so new ones go to the end of :class:`Phase`."""
_PLACES = {name: place for place, name in enumerate(_NAMES)}

_encode = msgspec.msgpack.Encoder().encode
_decode_row = msgspec.msgpack.Decoder(list[int]).decode


class Phases:
    """Numbers of durations by phase and bucket."""

    __slots__ = ("counts",)

    def __init__(self) -> None:
        self.counts: dict[int, Counter[int]] = {}
        """By the phase's place, then by bucket."""

    def __bool__(self) -> bool:
        return bool(self.counts)

    def add(self, row: bytes) -> None:
        """Count the phases of one check, as :func:`of_check` wrote them."""
        pairs = iter(_decode_row(row))
        for place, bucket in zip(pairs, pairs, strict=True):
            counts = self.counts.get(place)
            if counts is None:
                counts = self.counts[place] = Counter()
            counts[bucket] += 1

    def merge(self, other: Phases) -> None:
        """Count everything that ``other`` has counted."""
        for place, counts in other.counts.items():
            known = self.counts.get(place)
            if known is None:
                self.counts[place] = counts.copy()
                continue
            for bucket, count in counts.items():  # Counter.update takes twice as long
                known[bucket] = known.get(bucket, 0) + count

    def checks(self) -> int:
        """Number of checks that had the most frequent phase."""
        return max((counts.total() for counts in self.counts.values()), default=0)

    def medians(self) -> dict[str, float]:
        """Milliseconds by phase."""
        return self.percentiles(0.5)

    def percentiles(self, share: float) -> dict[str, float]:
        """The duration that ``share`` (0 to 1) of the checks do not exceed, in milliseconds by phase."""
        known = (
            place for place in sorted(self.counts) if place < len(_NAMES)
        )  # a newer version may have stored others
        return {_NAMES[place]: _percentile(self.counts[place], share) for place in known}


def _percentile(counts: Counter[int], share: float) -> float:
    """The middle of the bucket with the percentile."""
    wanted, found = max(math.ceil(share * counts.total()), 1), 0
    for bucket in sorted(counts):
        found += counts[bucket]
        if found >= wanted:
            break
    return 2 * _GAMMA ** (bucket - _OFFSET) / (_GAMMA + 1)


def of_check(phases_ms: Mapping[str, float]) -> bytes | None:
    """The phases of one check as a few bytes; None without any."""
    row: list[int] = []
    for name, ms in phases_ms.items():
        if name in _PLACES:
            bounded = min(max(ms, _SMALLEST), _LARGEST)
            row += (_PLACES[name], math.ceil(math.log(bounded) / _LOG_GAMMA) + _OFFSET)
    return _encode(row) if row else None


def of_rows(rows: Iterable[bytes]) -> Phases:
    """The phases of several checks."""
    whole = Phases()
    for row in rows:
        whole.add(row)
    return whole


def by_place(rows: Iterable[tuple[int, bytes]], start: int, length: int) -> dict[int, Phases]:
    """The phases of checks, each with its time, from ``start`` on in parts of ``length`` milliseconds."""
    parts: dict[int, Phases] = {}
    for at, row in rows:
        parts.setdefault((at - start) // length, Phases()).add(row)
    return parts


def merged(parts: Iterable[Phases]) -> Phases:
    """The phases of all parts."""
    whole = Phases()
    for part in parts:
        whole.merge(part)
    return whole


class _Columns(msgspec.Struct, array_like=True):
    """One phase in all parts: the buckets of a part ascend, so that their differences are small."""

    sizes: bytes
    """The number of buckets of each part."""
    firsts: bytes
    steps: bytes
    counts: bytes


_Encoded = tuple[list[int], dict[int, _Columns]]
_decode = msgspec.msgpack.Decoder(_Encoded).decode


def encode(parts: Mapping[int, Phases]) -> bytes:
    """Phases by the place of their part (the minute of the hour, the hour of the day) as bytes."""
    known = sorted({place for part in parts.values() for place in part.counts})
    every = {place: _columns([part.counts.get(place, {}) for part in parts.values()]) for place in known}
    return zlib.compress(_encode((list(parts), every)), 6)


def _columns(parts: Iterable[Mapping[int, int]]) -> _Columns:
    sizes, firsts, steps, counts = [], [], [], []
    before = 0
    for part in parts:
        buckets = sorted(part)
        sizes.append(len(buckets))
        counts += [part[bucket] for bucket in buckets]
        if buckets:
            firsts.append(buckets[0] - before)
            before = buckets[0]
            steps += [after - bucket for bucket, after in pairwise(buckets)]
    return _Columns(column(sizes), column(firsts), column(steps), column(counts))


def decode(data: bytes) -> dict[int, Phases]:
    """The phases that :func:`encode` wrote."""
    known, every = _decode(zlib.decompress(data))
    found = {place: Phases() for place in known}
    for phase, columns in every.items():
        for place, counts in zip(known, _counters(columns), strict=True):
            if counts:
                found[place].counts[phase] = counts
    return found


def _counters(columns: _Columns) -> Iterable[Counter[int]]:
    firsts, steps = accumulate(numbers(columns.firsts)), numbers(columns.steps)
    counts = numbers(columns.counts)
    for size in numbers(columns.sizes):
        part: Counter[int] = Counter()
        if size:
            buckets = accumulate(islice(steps, size - 1), initial=next(firsts))
            dict.update(part, zip(buckets, islice(counts, size), strict=True))  # Counter's is far slower
        yield part
