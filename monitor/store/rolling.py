"""Turns finished hours into summaries and packed results, and deletes expired rows, in small steps."""

from __future__ import annotations

import sqlite3

from monitor.model import Retention
from monitor.store import phases, summaries
from monitor.store.packing import Row, pack
from monitor.store.recording import HOUR, milliseconds
from monitor.store.summaries import PASSED

DAY = 24 * HOUR
MINUTE = HOUR // 60
_LATE = 5 * MINUTE
"""Delay in milliseconds for late results of an hour."""
_WORTH_PACKING = 30
"""Number of results above which a blob is smaller than rows."""
_FAILURES = 50
"""Explained failures to keep per endpoint."""
_LOCATIONS = 2
"""Locations to roll up beside each endpoint."""
_DUE = """
SELECT key, rolled_until FROM
  (SELECT key, rolled_until FROM endpoints WHERE rolled_until < :hour LIMIT :endpoints)
UNION ALL SELECT -key, rolled_until FROM
  (SELECT key, rolled_until FROM locations WHERE rolled_until < :hour LIMIT :locations)
"""
_STEP = 1000
"""Rows of the log deleted at once."""


class Rolling:
    """Rolls up endpoints hour by hour."""

    def __init__(self, database: sqlite3.Connection, retention: Retention) -> None:
        self._database = database
        self._retention = retention

    def step(self, now: int, endpoints: int) -> bool:
        """Roll up a finished hour of some ``endpoints`` and locations. Return whether there was one."""
        hour = (now - _LATE) - (now - _LATE) % HOUR
        most = {"endpoints": endpoints, "locations": _LOCATIONS * endpoints}
        due = self._database.execute(_DUE, {"hour": hour, **most}).fetchall()
        for key, rolled_until in due:
            self._advance(key, rolled_until, hour, now)
        return bool(due)

    def return_from_the_future(self, now: int) -> None:
        """Continue after the last summary where a clock that was ahead marked later hours as done."""
        for table, key in (("endpoints", "endpoints.key"), ("locations", "-locations.key")):
            self._database.execute(
                f"UPDATE {table} SET rolled_until = coalesce((SELECT max(start) + :hour FROM minutes"  # noqa: S608
                f" WHERE endpoint = {key} AND start <= :now), 0) WHERE rolled_until > :now",
                {"now": now, "hour": HOUR},
            )

    def _advance(self, key: int, rolled_until: int, limit: int, now: int) -> None:
        """Roll up the next hour that has results of an endpoint or location, or reach ``limit``."""
        (first,) = self._database.execute(
            "SELECT min(at) FROM results WHERE endpoint = ? AND at >= ?", (key, rolled_until)
        ).fetchone()
        reached = limit
        if first is not None and first < limit:
            start = first - first % HOUR
            self._roll(key, start)
            reached = start + HOUR
        table = "endpoints" if key > 0 else "locations"
        self._database.execute(f"UPDATE {table} SET rolled_until = ? WHERE key = ?", (reached, abs(key)))  # noqa: S608
        if reached == limit:
            self._prune(key, now)

    def _roll(self, key: int, start: int) -> None:
        found = self._database.execute(
            "SELECT at, status, reason, latency, message, phases FROM results"
            " WHERE endpoint = ? AND at >= ? AND at < ? ORDER BY at",
            (key, start, start + HOUR),
        ).fetchall()
        rows = [Row(*row[:-1]) for row in found]
        minutes = summaries.by_place(rows, start, MINUTE)
        self._database.execute(
            "INSERT OR REPLACE INTO minutes VALUES (?, ?, ?)", (key, start, summaries.encode(minutes))
        )
        self._add_to_day(key, start, summaries.merged(minutes.values()))
        self._roll_phases(key, start, [(row[0], row[-1]) for row in found if row[1] in PASSED and row[-1]])
        if len(rows) >= _WORTH_PACKING:
            self._pack(key, start, rows)

    def _add_to_day(self, key: int, start: int, hour: summaries.Summary) -> None:
        day = start - start % DAY
        row = self._database.execute(
            "SELECT data FROM hours WHERE endpoint = ? AND start = ?", (key, day)
        ).fetchone()
        parts = summaries.decode(row[0]) if row else {}
        parts[(start - day) // HOUR] = hour
        total = summaries.encode({0: summaries.merged(parts.values())})
        self._database.execute(
            "INSERT OR REPLACE INTO hours VALUES (?, ?, ?, ?)", (key, day, total, summaries.encode(parts))
        )

    def _roll_phases(self, key: int, start: int, rows: list[tuple[int, bytes]]) -> None:
        """Keep the phases of an hour's checks, each with its time."""
        if not rows:
            return
        minutes = phases.by_place(rows, start, MINUTE)
        self._database.execute(
            "INSERT OR REPLACE INTO minute_phases VALUES (?, ?, ?)", (key, start, phases.encode(minutes))
        )
        day = start - start % DAY
        sql = "SELECT data FROM hour_phases WHERE endpoint = ? AND start = ?"
        known = self._database.execute(sql, (key, day)).fetchone()
        hours = phases.decode(known[0]) if known else {}
        hours[(start - day) // HOUR] = phases.merged(minutes.values())
        total = phases.encode({0: phases.merged(hours.values())})
        self._database.execute(
            "INSERT OR REPLACE INTO hour_phases VALUES (?, ?, ?, ?)", (key, day, total, phases.encode(hours))
        )

    def _pack(self, key: int, start: int, rows: list[Row]) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO packed VALUES (?, ?, ?, ?, ?)",
            (key, rows[0].at, rows[-1].at, len(rows), pack(rows)),
        )
        self._database.execute(
            "DELETE FROM results WHERE endpoint = ? AND at >= ? AND at < ?", (key, start, start + HOUR)
        )

    # ── retention ───────────────────────────────────────────────────────────────────────────────

    def _prune(self, key: int, now: int) -> None:
        raw, minutes, hours = self._kept()
        oldest = now - hours
        for sql, before in (
            ("DELETE FROM results WHERE endpoint = ? AND at < ?", now - raw),
            ("DELETE FROM packed WHERE endpoint = ? AND last < ?", now - raw),
            ("DELETE FROM minutes WHERE endpoint = ? AND start < ?", now - minutes - HOUR),
            ("DELETE FROM hours WHERE endpoint = ? AND start < ?", oldest - DAY),
            ("DELETE FROM minute_phases WHERE endpoint = ? AND start < ?", now - minutes - HOUR),
            ("DELETE FROM hour_phases WHERE endpoint = ? AND start < ?", oldest - DAY),
            ("DELETE FROM certificates WHERE endpoint = ? AND at < ?", oldest),
        ):
            self._database.execute(sql, (key, before))
        for table, column in (("states", "since"), ("availability", "at")):
            self._database.execute(  # keep the row that was in force at the start
                f"DELETE FROM {table} WHERE endpoint = :key AND {column} < (SELECT max({column}) FROM {table}"  # noqa: S608
                f" WHERE endpoint = :key AND {column} <= :oldest)",
                {"key": key, "oldest": oldest},
            )
        self._database.execute(
            "DELETE FROM marks WHERE endpoint = :key AND at < :oldest AND EXISTS ("
            "SELECT 1 FROM marks AS new WHERE new.endpoint = :key AND new.kind = marks.kind"
            " AND new.at > marks.at AND new.at <= :oldest)",
            {"key": key, "oldest": oldest},
        )
        self._database.execute(
            "DELETE FROM failures WHERE endpoint = :key AND at <= (SELECT at FROM failures"
            " WHERE endpoint = :key ORDER BY at DESC LIMIT 1 OFFSET :kept)",
            {"key": key, "kept": _FAILURES},
        )

    def _kept(self) -> tuple[int, int, int]:
        """Retention of results, minutes and hours, in milliseconds."""
        kept = self._retention
        return milliseconds(kept.raw), milliseconds(kept.minutes), milliseconds(kept.hours)

    def prune_shared(self, now: int) -> None:
        """Delete expired rows that belong to no endpoint, a few at a time."""
        raw, _, hours = self._kept()
        oldest, unused = now - hours, now - raw - DAY
        for sql, before in (
            ("DELETE FROM events WHERE key IN (SELECT key FROM events WHERE at < ? LIMIT ?)", oldest),
            ("DELETE FROM texts WHERE key IN (SELECT key FROM texts WHERE used < ? LIMIT ?)", unused),
            ("DELETE FROM incidents WHERE id IN (SELECT id FROM incidents WHERE ended < ? LIMIT ?)", oldest),
            ("DELETE FROM silences WHERE id IN (SELECT id FROM silences WHERE ended < ? LIMIT ?)", oldest),
            (
                "DELETE FROM endpoints WHERE key IN (SELECT key FROM endpoints WHERE removed_at < ? LIMIT ?)",
                oldest,
            ),
        ):
            self._database.execute(sql, (before, _STEP))
        self._database.execute(
            "DELETE FROM locations WHERE NOT EXISTS"
            " (SELECT 1 FROM endpoints WHERE endpoints.key = locations.endpoint)"
        )
