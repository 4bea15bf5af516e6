"""A mergeable sketch of latencies: percentiles within 0.5 % of exact, in about a hundred bytes. Pure.

Counts values in logarithmic buckets (DDSketch, https://arxiv.org/abs/1908.10693, section 2): two sketches
merge by adding their counts, so that any window's percentiles follow from the sketches of its parts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Self

_ACCURACY = 0.005
"""Largest relative error of a percentile."""
_GAMMA = (1 + _ACCURACY) / (1 - _ACCURACY)
_LOG_GAMMA = math.log(_GAMMA)
_SMALLEST = 0.001
"""Milliseconds; everything below counts as this."""
_OFFSET = 1 - math.ceil(math.log(_SMALLEST) / _LOG_GAMMA)
"""Makes the smallest bucket's index 1, so that indices are natural numbers."""


class Sketch:
    """Latencies in milliseconds."""

    __slots__ = ("counts", "maximum")

    def __init__(self, values: Iterable[float] = ()) -> None:
        self.counts: Counter[int] = Counter()
        """Bucket -> how many values."""
        self.maximum = 0.0
        """Exact."""
        for value in values:
            self.add(value)

    def __bool__(self) -> bool:
        return bool(self.counts)

    def __len__(self) -> int:
        return self.counts.total()

    def add(self, value: float) -> None:
        """Count one more latency."""
        self.counts[math.ceil(math.log(max(value, _SMALLEST)) / _LOG_GAMMA) + _OFFSET] += 1
        self.maximum = max(self.maximum, value)

    def merge(self, other: Sketch) -> None:
        """Count everything that ``other`` has counted."""
        self.counts.update(other.counts)
        self.maximum = max(self.maximum, other.maximum)

    def percentile(self, share: float) -> float | None:
        """The latency that ``share`` (0 to 1) of the values do not exceed; None without values."""
        wanted = max(math.ceil(share * len(self)), 1)
        seen = 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= wanted:
                return self.maximum if seen == len(self) and share == 1 else _value(bucket, self.maximum)
        return None

    def encode(self) -> bytes:
        """The sketch as bytes: the maximum in microseconds, then buckets as gaps with their counts."""
        numbers = [round(self.maximum * 1000)]
        before = 0
        for bucket in sorted(self.counts):
            numbers += [bucket - before, self.counts[bucket]]
            before = bucket
        return b"".join(map(_varint, numbers))

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """The sketch that :meth:`encode` wrote."""
        numbers = _varints(data)
        sketch = cls()
        sketch.maximum = next(numbers, 0) / 1000
        bucket = 0
        for gap in numbers:
            bucket += gap
            sketch.counts[bucket] = next(numbers)
        return sketch


def _value(bucket: int, maximum: float) -> float:
    """The middle of a bucket, in milliseconds."""
    return min(2 * _GAMMA ** (bucket - _OFFSET) / (_GAMMA + 1), maximum)


def _varint(number: int) -> bytes:
    """LEB128: seven bits a byte, lowest first."""
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def _varints(data: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield number
            number = shift = 0
