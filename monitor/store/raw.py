"""Every stored result of a window, oldest first, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from monitor.selection import Selection
from monitor.store.reader import Reader, StoredEndpoint, StoredResult

_AT_ONCE = 50_000
"""Estimated limit of results in memory."""
_LONGEST, _SHORTEST = 3600.0, 1.0
"""Seconds read at once: results are stored by the hour."""


class Exported(NamedTuple):
    """One result and its endpoint."""

    endpoint: StoredEndpoint
    result: StoredResult


def exported(
    reader: Reader,
    since: float,
    until: float,
    selects: Selection,
    progress: Callable[[float], object] = lambda _: None,
) -> Iterator[Exported]:
    """The results of the selected endpoints. ``progress`` is called with the completed share, 0 to 1."""
    endpoints = [one for one in reader.endpoints() if selects(one)]
    since = max(since, _oldest(reader, endpoints, until))
    length = _length(endpoints)
    start = since
    while start < until:
        end = min(start + length, until)
        yield from _part(reader, endpoints, start, end)
        progress((end - since) / (until - since))
        start = end


def _oldest(reader: Reader, endpoints: Sequence[StoredEndpoint], until: float) -> float:
    """The time of the oldest result; ``until`` if there is none."""
    found = (reader.first_check(one) for one in endpoints)
    return min((at for at in found if at is not None), default=until)


def _length(endpoints: Sequence[StoredEndpoint]) -> float:
    """Seconds that are read at once."""
    rate = sum(1 / max(one.interval, 0.01) for one in endpoints)
    return min(max(_AT_ONCE / rate, _SHORTEST), _LONGEST) if rate else _LONGEST


def _part(reader: Reader, endpoints: Sequence[StoredEndpoint], since: float, until: float) -> list[Exported]:
    # In one transaction: the writer moves results from one table to another while we read.
    with reader.at_once():
        found = [Exported(one, result) for one in endpoints for result in reader.results(one, since, until)]
    found.sort(key=lambda one: one.result.checked_at)
    return found
