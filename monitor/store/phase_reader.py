"""Reads the durations of the phases of an endpoint's checks: medians of any window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from monitor.store import phases
from monitor.store.grid import nearest, places, split
from monitor.store.phases import Phases
from monitor.store.reader import Reader, StoredEndpoint
from monitor.store.recording import HOUR, milliseconds
from monitor.store.rolling import DAY, MINUTE
from monitor.store.schema import version
from monitor.store.summaries import PASSED

_FIRST_VERSION = 4
"""Files before this version have no phases."""


class PhaseReader(Reader):
    """Reads phases from the newest results, and from summaries of minutes, hours and days."""

    def phases(self, endpoint: StoredEndpoint, since: float, until: float) -> Phases:
        """The phases of a window's passed checks.

        The ends of the window are rounded to minutes in finished hours, and to hours beyond the time that
        minutes are kept.
        """
        if version(self._database) < _FIRST_VERSION:
            return Phases()
        start, end, rolled = milliseconds(since), milliseconds(until), endpoint.rolled_until
        whole = phases.merged(self._rolled(endpoint.key, start, min(end, rolled)))
        whole.merge(self._fresh(endpoint.key, max(start, rolled), end))
        return whole

    def hourly(self, endpoint: StoredEndpoint, since: float, until: float) -> Iterator[tuple[float, Phases]]:
        """The finished hours that begin in a window, each with its start, oldest first."""
        return self._starting(
            "hour_phases", DAY, HOUR, endpoint.key, milliseconds(since), milliseconds(until)
        )

    def minutely(
        self, endpoint: StoredEndpoint, since: float, until: float
    ) -> Iterator[tuple[float, Phases]]:
        """The minutes that begin in a window, each with its start, oldest first."""
        start, end, rolled = milliseconds(since), milliseconds(until), endpoint.rolled_until
        yield from self._starting("minute_phases", HOUR, MINUTE, endpoint.key, start, min(end, rolled))
        rows = self._fresh_rows(endpoint.key, max(start, rolled), end)
        for place, part in phases.by_place(rows, 0, MINUTE).items():
            yield place * MINUTE / 1000, part

    def _starting(
        self, table: str, length: int, unit: int, key: int, since: int, until: int
    ) -> Iterator[tuple[float, Phases]]:
        """The parts in a table whose rows cover ``length`` each, divided into parts of ``unit``."""
        sql = f"SELECT start, data FROM {table} WHERE endpoint = ? AND start > ? AND start < ? ORDER BY start"  # noqa: S608
        for first, data in self._database.execute(sql, (key, since - length, until)):
            wanted = places(first, unit, since, until)
            for place, part in sorted(phases.decode(data).items()):
                if place in wanted:
                    yield (first + place * unit) / 1000, part

    def _fresh(self, key: int, since: int, until: int) -> Phases:
        """From results that are not rolled up yet."""
        return phases.of_rows(row for _, row in self._fresh_rows(key, since, until))

    def _fresh_rows(self, key: int, since: int, until: int) -> Iterable[tuple[int, bytes]]:
        """The results that are not rolled up yet, each with its time."""
        return self._database.execute(
            f"SELECT at, phases FROM results WHERE endpoint = ? AND at >= ? AND at < ?"  # noqa: S608
            f" AND phases IS NOT NULL AND status IN ({', '.join(map(str, PASSED))}) ORDER BY at",
            (key, since, until),
        )

    def _rolled(self, key: int, since: int, until: int) -> Iterator[Phases]:
        before, hours, after = split(since, until, HOUR)
        yield from self._part_of_hour(key, *before)
        yield from self._rolled_hours(key, *hours)
        yield from self._part_of_hour(key, *after)

    def _part_of_hour(self, key: int, since: int, until: int) -> Iterator[Phases]:
        if since >= until:
            return
        (kept,) = self._database.execute(
            "SELECT min(start) FROM minute_phases WHERE endpoint = ?", (key,)
        ).fetchone()
        begin = until if kept is None else min(max(kept, since), until)
        yield from self._rolled_hours(key, nearest(since, HOUR), nearest(begin, HOUR))
        rows = self._database.execute(
            "SELECT start, data FROM minute_phases WHERE endpoint = ? AND start > ? AND start < ?",
            (key, begin - HOUR, until),
        )
        for hour, data in rows:
            yield from _inside(data, places(hour, MINUTE, begin, until))

    def _rolled_hours(self, key: int, since: int, until: int) -> Iterator[Phases]:
        before, days, after = split(since, until, DAY)
        yield from self._phases_of_hours(key, *before)
        yield from self._phases_of_days(key, *days)
        yield from self._phases_of_hours(key, *after)

    def _phases_of_hours(self, key: int, since: int, until: int) -> Iterator[Phases]:
        if since >= until:
            return
        rows = self._database.execute(
            "SELECT start, data FROM hour_phases WHERE endpoint = ? AND start > ? AND start < ?",
            (key, since - DAY, until),
        )
        for day, data in rows:
            yield from _inside(data, places(day, HOUR, since, until))

    def _phases_of_days(self, key: int, since: int, until: int) -> Iterator[Phases]:
        rows = self._database.execute(
            "SELECT total FROM hour_phases WHERE endpoint = ? AND start >= ? AND start < ?",
            (key, since, until),
        )
        for (total,) in rows:
            yield from phases.decode(total).values()


def _inside(data: bytes, wanted: range) -> list[Phases]:
    """The parts at the wanted places."""
    return [part for place, part in _decoded(data).items() if place in wanted]


@lru_cache(maxsize=8)
def _decoded(data: bytes) -> Mapping[int, Phases]:
    """Decode a row; cached, because the next window of a series is often in the same hour or day."""
    return phases.decode(data)
