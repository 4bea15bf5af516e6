"""Reads the history, in any process and while it is written: results, summaries, incidents, states."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from heapq import merge
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

import msgspec

from monitor.judge.availability import Availability, Edge, Kind
from monitor.model import Incident, Reason, Result, Silence, State, Status
from monitor.store import files, summaries
from monitor.store.grid import nearest, places, split
from monitor.store.packing import Row, unpack
from monitor.store.recording import HOUR, REASONS, milliseconds
from monitor.store.rolling import DAY, MINUTE
from monitor.store.schema import version
from monitor.store.summaries import STATUSES, Summary

_T = TypeVar("_T")
KINDS: Mapping[str, Kind] = {kind.value: kind for kind in Kind}
"""By their values: a look-up takes a fifth of the time of ``Kind(value)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEndpoint:
    """An endpoint as last configured. ``removed_at`` is None while it is in the config."""

    key: int
    id: str
    name: str
    group: str
    tags: tuple[str, ...]
    kind: str
    target: str
    interval: float
    timeout: float
    slo: float | None
    first_seen: float
    removed_at: float | None
    rolled_until: int


class StoredResult(NamedTuple):
    """One check. Times are seconds since the epoch."""

    checked_at: float
    status: Status
    reason: Reason | None
    latency_ms: float | None
    message: str


class StoredState(NamedTuple):
    """A state of an endpoint, which began at ``since``."""

    since: float
    state: State
    reason: Reason | None
    message: str


class StoredLine(NamedTuple):
    """One line of the log."""

    at: float
    endpoint: str | None
    level: str
    text: str


_LOCATIONS_SINCE = 5
"""Older files have no table of locations."""
_ENDPOINT = (
    "key, id, name, grp, tags, kind, target, interval, timeout, slo, first_seen, removed_at, rolled_until"
)


class Reader:
    """A read-only connection. Raises FileNotFoundError without a history, sqlite3.Error if it is unreadable.

    Windows are ``since`` inclusive to ``until`` exclusive, in seconds since the epoch.
    """

    def __init__(self, path: Path) -> None:
        self._database = files.connect_reading(path)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """A read transaction: everything read inside is from one moment."""
        self._database.execute("BEGIN")
        try:
            yield
        finally:
            self._database.rollback()

    # ── endpoints ───────────────────────────────────────────────────────────────────────────────

    def endpoints(self, after: int = 0, count: int = -1) -> list[StoredEndpoint]:
        """Every endpoint that has a history, in the order in which they were first seen.

        With ``count``, at most so many with a key above ``after``.
        """
        sql = f"SELECT {_ENDPOINT} FROM endpoints WHERE key > ? ORDER BY key LIMIT ?"  # noqa: S608 -- ours
        rows = self._database.execute(sql, (after, count))
        return [_endpoint(row) for row in rows]

    def endpoint(self, id: str) -> StoredEndpoint | None:
        """The endpoint with that id; None if it has no history."""
        rows = self._database.execute(f"SELECT {_ENDPOINT} FROM endpoints WHERE id = ?", (id,))  # noqa: S608
        return next(map(_endpoint, rows), None)

    def locations(self, endpoint: StoredEndpoint) -> Mapping[str, StoredEndpoint]:
        """The endpoint as each location of a cluster sees it, by the location's name."""
        if version(self._database) < _LOCATIONS_SINCE:
            return {}
        sql = "SELECT name, -key, rolled_until FROM locations WHERE endpoint = ? ORDER BY name"
        rows = self._database.execute(sql, (endpoint.key,))
        return {name: replace(endpoint, key=key, rolled_until=rolled) for name, key, rolled in rows}

    # ── results ─────────────────────────────────────────────────────────────────────────────────

    def results(self, endpoint: StoredEndpoint, since: float, until: float) -> Iterator[StoredResult]:
        """One endpoint's results, oldest first, as far back as results are kept."""
        texts: dict[int | None, str] = {None: ""}
        for row in self._rows(endpoint.key, milliseconds(since), milliseconds(until)):
            if row.message not in texts:
                texts[row.message] = self._text(row.message)
            yield stored_result(row, texts[row.message])

    def _rows(self, key: int, since: int, until: int) -> Iterator[Row]:
        """Merge both by time. Packed rows are nearly always older."""
        return merge(*self._sources(key, since, until), key=lambda row: row.at)

    def _sources(self, key: int, since: int, until: int) -> tuple[Iterator[Row], Iterator[Row]]:
        """The packed rows and the others, each in order of time."""
        blobs = self._database.execute(
            "SELECT data FROM packed WHERE endpoint = ? AND last >= ? AND first < ? ORDER BY first",
            (key, since, until),
        )
        packed = (row for (data,) in blobs for row in unpack(data) if since <= row.at < until)
        loose = self._database.execute(
            "SELECT at, status, reason, latency, message FROM results"
            " WHERE endpoint = ? AND at >= ? AND at < ? ORDER BY at",
            (key, since, until),
        )
        return packed, map(Row._make, loose)

    def _text(self, key: int | None) -> str:
        row = self._database.execute("SELECT text FROM texts WHERE key = ?", (key,)).fetchone()
        return row[0] if row else ""

    # ── summaries ───────────────────────────────────────────────────────────────────────────────

    def summary(self, endpoint: StoredEndpoint, since: float, until: float) -> Summary:
        """Counts and latencies of a window: whole days and hours from their summaries, the rest from results.

        Beyond the time that results are kept, the window's ends are rounded to minutes, and beyond
        that of minutes to hours.
        """
        return summaries.merged(self._parts(endpoint, milliseconds(since), milliseconds(until)))

    def series(self, endpoint: StoredEndpoint, since: float, until: float, points: int) -> list[Summary]:
        """``points`` summaries of equally long parts of a window."""
        width = max((until - since) / points, 0.001)
        results, _ = self._oldest(endpoint.key, milliseconds(until))
        if width * 1000 < MINUTE * 2 and results < milliseconds(since) + MINUTE:
            return self._series_of_results(endpoint, since, until, points)
        edges = [since + width * number for number in range(points + 1)]
        return [self.summary(endpoint, *pair) for pair in pairwise(edges)]

    def _series_of_results(
        self, endpoint: StoredEndpoint, since: float, until: float, points: int
    ) -> list[Summary]:
        parts = [Summary() for _ in range(points)]
        start, length = milliseconds(since), max(milliseconds(until) - milliseconds(since), 1)
        for row in self._rows(endpoint.key, start, milliseconds(until)):
            parts[min((row.at - start) * points // length, points - 1)].add(row)
        return parts

    def _parts(self, endpoint: StoredEndpoint, since: int, until: int) -> Iterator[Summary]:
        rolled = max(min(endpoint.rolled_until, until), since)
        before, hours, (rest, _) = split(since, rolled, HOUR)
        yield from self._fine(endpoint.key, *before)
        yield from self._whole_hours(endpoint.key, *hours)
        yield from self._fine(endpoint.key, rest, until)

    def _whole_hours(self, key: int, since: int, until: int) -> Iterator[Summary]:
        before, days, after = split(since, until, DAY)
        yield from self._hours(key, *before)
        yield from self._days(key, *days)
        yield from self._hours(key, *after)

    def _days(self, key: int, since: int, until: int) -> Iterator[Summary]:
        rows = self._database.execute(
            "SELECT total FROM hours WHERE endpoint = ? AND start >= ? AND start < ?", (key, since, until)
        )
        for (total,) in rows:
            yield from summaries.decode(total).values()

    def _hours(self, key: int, since: int, until: int) -> Iterator[Summary]:
        if since >= until:
            return
        rows = self._database.execute(
            "SELECT start, data FROM hours WHERE endpoint = ? AND start > ? AND start < ?",
            (key, since - DAY, until),
        )
        for day, data in rows:
            yield from summaries.decode(data, places(day, HOUR, since, until)).values()

    def _fine(self, key: int, since: int, until: int) -> Iterator[Summary]:
        """Summaries of a part of less than an hour, from the finest data that is still kept."""
        if since >= until:
            return
        results, minutes = self._oldest(key, until)
        yield from self._nearest_hours(key, since, min(minutes, until))
        yield from self._minutes(key, since, min(results - results % MINUTE, until))
        rows = list(chain(*self._sources(key, since, until)))
        if rows:
            yield summaries.of_rows(rows)

    def _oldest(self, key: int, otherwise: int) -> tuple[int, int]:
        """The beginnings of the kept results and of the kept minutes."""
        loose, packed, minutes = self._database.execute(
            "SELECT (SELECT min(at) FROM results WHERE endpoint = :key),"
            " (SELECT min(first) FROM packed WHERE endpoint = :key),"
            " (SELECT min(start) FROM minutes WHERE endpoint = :key)",
            {"key": key},
        ).fetchone()
        results = min((at for at in (loose, packed) if at is not None), default=otherwise)
        return results, results if minutes is None else minutes

    def _minutes(self, key: int, since: int, until: int) -> list[Summary]:
        rows = self._database.execute(
            "SELECT start, data FROM minutes WHERE endpoint = ? AND start > ? AND start < ?",
            (key, since - HOUR, until),
        )
        found = (summaries.decode(data, places(start, MINUTE, since, until)) for start, data in rows)
        return [part for parts in found for part in parts.values()]

    def _nearest_hours(self, key: int, since: int, until: int) -> list[Summary]:
        return list(self._whole_hours(key, nearest(since, HOUR), nearest(until, HOUR)))

    # ── uptime ──────────────────────────────────────────────────────────────────────────────────

    def availability(self, endpoint: StoredEndpoint) -> Availability:
        """The endpoint's edges, and the time of its last check."""
        rows = self._database.execute(
            "SELECT at, kind FROM availability WHERE endpoint = ? ORDER BY at", (endpoint.key,)
        )
        edges = [Edge(at / 1000, KINDS[kind]) for at, kind in rows]
        return Availability(edges, self.last_check(endpoint), 2 * endpoint.interval + endpoint.timeout)

    def first_check(self, endpoint: StoredEndpoint) -> float | None:
        """The start of the oldest check whose result is still kept."""
        sql = (
            "SELECT (SELECT min(first) FROM packed WHERE endpoint = :key),"
            " (SELECT min(at) FROM results WHERE endpoint = :key)"
        )
        found = self._database.execute(sql, {"key": endpoint.key}).fetchone()
        return min((moment / 1000 for moment in found if moment is not None), default=None)

    def last_check(self, endpoint: StoredEndpoint) -> float | None:
        """The start of the newest stored check."""
        (loose,) = self._database.execute(
            "SELECT max(at) FROM results WHERE endpoint = ?", (endpoint.key,)
        ).fetchone()
        if loose is None:
            (loose,) = self._database.execute(
                "SELECT max(last) FROM packed WHERE endpoint = ?", (endpoint.key,)
            ).fetchone()
        return None if loose is None else loose / 1000

    # ── incidents, states, log ──────────────────────────────────────────────────────────────────

    def incidents(self, since: float, until: float) -> list[Incident]:
        """Incidents that overlap a window, in the order in which they began."""
        rows = self._database.execute(
            "SELECT data FROM incidents WHERE began < ? AND (ended IS NULL OR ended > ?) ORDER BY began, id",
            (milliseconds(until), milliseconds(since)),
        )
        return decoded(rows, Incident)

    def incidents_of(self, endpoint: StoredEndpoint, before: float) -> list[Incident]:
        """One endpoint's incidents that began before a moment, newest first."""
        rows = self._database.execute(
            "SELECT data FROM incidents WHERE endpoint = ? AND began < ? ORDER BY began DESC",
            (endpoint.key, milliseconds(before)),
        )
        return decoded(rows, Incident)

    def silences(self) -> list[Silence]:
        """The silences in force."""
        rows = self._database.execute("SELECT data FROM silences WHERE ended IS NULL ORDER BY began")
        return decoded(rows, Silence)

    def states(self, endpoint: StoredEndpoint, since: float, until: float) -> list[StoredState]:
        """The endpoint's states in a window, the one that it began with first."""
        rows = self._database.execute(
            "SELECT since, state, reason, message FROM states WHERE endpoint = :key AND since < :until"
            " AND since >= coalesce("
            "(SELECT max(since) FROM states WHERE endpoint = :key AND since <= :since), :since)"
            " ORDER BY since",
            {"key": endpoint.key, "since": milliseconds(since), "until": milliseconds(until)},
        )
        return [
            StoredState(at / 1000, State(state), Reason(reason) if reason else None, message)
            for at, state, reason, message in rows
        ]

    def failures(self, endpoint: StoredEndpoint, since: float, until: float) -> list[Result]:
        """The explained first results of failures, oldest first."""
        rows = self._database.execute(
            "SELECT data FROM failures WHERE endpoint = ? AND at >= ? AND at < ? ORDER BY at",
            (endpoint.key, milliseconds(since), milliseconds(until)),
        )
        return decoded(rows, Result)

    def log(self, since: float, until: float) -> list[StoredLine]:
        """The lines of the log in a window."""
        rows = self._database.execute(
            "SELECT events.at, endpoints.id, events.level, events.text FROM events LEFT JOIN endpoints"
            " ON endpoints.key = events.endpoint WHERE events.at >= ? AND events.at < ? ORDER BY events.key",
            (milliseconds(since), milliseconds(until)),
        )
        return [StoredLine(at / 1000, endpoint, level, text) for at, endpoint, level, text in rows]

    def sent_messages(self, since: float, until: float) -> dict[str, int]:
        """Number of delivered messages in a window, by alert."""
        rows = self._database.execute(
            "SELECT alert, count(*) FROM outbox WHERE state = 'sent' AND at >= ? AND at < ? GROUP BY alert",
            (milliseconds(since), milliseconds(until)),
        )
        return dict(rows)


def stored_result(row: Row, message: str) -> StoredResult:
    """The result in ``row``."""
    return StoredResult(
        row.at / 1000,
        STATUSES[row.status],
        None if row.reason is None else REASONS[row.reason],
        None if row.latency is None else row.latency / 100,
        message,
    )


def _endpoint(row: tuple[Any, ...]) -> StoredEndpoint:
    key, id, name, group, tags, kind, target, interval, timeout, slo, first, removed, rolled = row
    return StoredEndpoint(
        key=key,
        id=id,
        name=name,
        group=group,
        tags=tuple(json.loads(tags)),
        kind=kind,
        target=target,
        interval=interval,
        timeout=timeout,
        slo=slo,
        first_seen=first / 1000,
        removed_at=None if removed is None else removed / 1000,
        rolled_until=rolled,
    )


def decoded(rows: Iterable[tuple[bytes]], type: type[_T]) -> list[_T]:
    """The values of rows of one column."""
    return [msgspec.msgpack.decode(data, type=type) for (data,) in rows]
