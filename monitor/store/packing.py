"""An hour of an endpoint's results as one small blob, and back. Pure.

Each column is stored by itself: times as differences to the usual interval, latencies as differences to
the one before. Small numbers with their bytes sorted by significance compress well (zlib).
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import msgspec

NONE = -1
"""A missing value in a column."""


class Row(NamedTuple):
    """One stored result; ``status``, ``reason`` and ``message`` are numbers of names."""

    at: int
    """Milliseconds since the epoch."""
    status: int
    reason: int | None
    latency: int | None
    """Hundredths of a millisecond."""
    message: int | None


class _Columns(msgspec.Struct, array_like=True):
    first: int
    step: int
    """The most frequent interval between two times."""
    times: bytes
    statuses: bytes
    reasons: bytes
    latencies: bytes
    messages: bytes


def pack(rows: Sequence[Row]) -> bytes:
    """Pack rows, which are ordered by time. At least one is needed."""
    times = [row.at for row in rows]
    gaps = [after - before for before, after in pairwise(times)]
    step = sorted(gaps)[len(gaps) // 2] if gaps else 0
    latencies = [NONE if row.latency is None else row.latency for row in rows]
    columns = _Columns(
        first=times[0],
        step=step,
        times=column(gap - step for gap in gaps),
        statuses=bytes(row.status for row in rows),
        reasons=column(NONE if row.reason is None else row.reason for row in rows),
        latencies=column(_differences(latencies)),
        messages=column(NONE if row.message is None else row.message for row in rows),
    )
    return zlib.compress(msgspec.msgpack.encode(columns), 6)


def unpack(data: bytes) -> list[Row]:
    """The rows that :func:`pack` was given."""
    columns = msgspec.msgpack.decode(zlib.decompress(data), type=_Columns)
    times = accumulate((gap + columns.step for gap in numbers(columns.times)), initial=columns.first)
    return [
        Row(at, status, _optional(reason), _optional(latency), _optional(message))
        for at, status, reason, latency, message in zip(
            times,
            columns.statuses,
            numbers(columns.reasons),
            accumulate(numbers(columns.latencies)),
            numbers(columns.messages),
            strict=True,
        )
    ]


def _optional(number: int) -> int | None:
    return None if number == NONE else number


def _differences(numbers: Sequence[int]) -> Iterable[int]:
    before = 0
    for number in numbers:
        yield number - before
        before = number


def column(numbers: Iterable[int]) -> bytes:
    """Zigzag (small negative numbers become small), then all low bytes, all second bytes, and so on."""
    plain = array("q", [number << 1 if number >= 0 else ~(number << 1) for number in numbers]).tobytes()
    return b"".join(plain[place::8] for place in range(8))


def numbers(data: bytes) -> Iterator[int]:
    """The numbers of a :func:`column`."""
    count = len(data) // 8
    plain = bytearray(len(data))
    for place in range(8):
        plain[place::8] = data[place * count : (place + 1) * count]
    return ((number >> 1) ^ -(number & 1) for number in array("q", bytes(plain)))
