"""Every stored result of a window, oldest first, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from monitor.store.reader import Reader, StoredEndpoint, StoredResult
from monitor.syntax.selection import Selection

_AT_ONCE = 50_000
"""Estimated limit of results in memory."""
_LONGEST, _SHORTEST = 3600.0, 1.0
"""Seconds read at once: results are stored by the hour."""


class Exported(NamedTuple):
    """One result and its endpoint; in a cluster also its location, which is empty for a verdict."""

    endpoint: StoredEndpoint
    result: StoredResult
    location: str = ""


def exported(
    reader: Reader,
    since: float,
    until: float,
    selects: Selection,
    progress: Callable[[float], object] = lambda _: None,
) -> Iterator[Exported]:
    """The results of the selected endpoints. ``progress`` is called with the completed share, 0 to 1."""
    sources = list(_sources(reader, selects))
    since = max(since, _oldest(reader, sources, until))
    length = _length(sources)
    start = since
    while start < until:
        end = min(start + length, until)
        yield from _part(reader, sources, start, end)
        progress((end - since) / (until - since))
        start = end


def has_locations(reader: Reader, selects: Selection) -> bool:
    """Whether a selected endpoint was checked by a cluster."""
    return any(source.location for source in _sources(reader, selects))


class _Source(NamedTuple):
    """An endpoint, and its row for one location; an empty location stands for the verdicts."""

    endpoint: StoredEndpoint
    seen: StoredEndpoint
    location: str = ""


def _sources(reader: Reader, selects: Selection) -> Iterator[_Source]:
    for endpoint in filter(selects, reader.endpoints()):
        yield _Source(endpoint, endpoint)
        for location, seen in reader.locations(endpoint).items():
            yield _Source(endpoint, seen, location)


def _oldest(reader: Reader, sources: Sequence[_Source], until: float) -> float:
    """The time of the oldest result; ``until`` if there is none."""
    found = (reader.first_check(one.seen) for one in sources)
    return min((at for at in found if at is not None), default=until)


def _length(sources: Sequence[_Source]) -> float:
    """Seconds that are read at once."""
    rate = sum(1 / max(one.endpoint.interval, 0.01) for one in sources)
    return min(max(_AT_ONCE / rate, _SHORTEST), _LONGEST) if rate else _LONGEST


def _part(reader: Reader, sources: Sequence[_Source], since: float, until: float) -> list[Exported]:
    # In one transaction: the writer moves results from one table to another while we read.
    with reader.at_once():
        found = [
            Exported(endpoint, result, location)
            for endpoint, seen, location in sources
            for result in reader.results(seen, since, until)
        ]
    found.sort(key=lambda one: one.result.checked_at)
    return found
