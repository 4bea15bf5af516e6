"""Writes a batch's rows. Used by the writer's thread only, inside a transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from monitor.model import Explanation, Incident, NetworkPath, Reason, Result, Silence, Status
from monitor.model.events import (
    Acknowledged,
    CertificateChanged,
    Checked,
    DomainEvent,
    EndpointAdded,
    EndpointRemoved,
    IncidentAnnotated,
    IncidentClosed,
    IncidentOpened,
    IncidentUpdated,
    LocationChecked,
    PathTraced,
    SilenceEnded,
    SilenceStarted,
    SlowdownChanged,
    StateChanged,
)
from monitor.store.batch import Batch
from monitor.store.phases import of_check
from monitor.store.summaries import STATUSES

REASONS = tuple(Reason)
"""A reason is stored as its index in this tuple, so new ones go to the end of :class:`Reason`."""
_REASON_PLACES = {reason: place for place, reason in enumerate(REASONS)}
_STATUS_PLACES = {status: place for place, status in enumerate(STATUSES)}
ACKNOWLEDGED, SLOWER = "acknowledged", "slower"
"""Kinds of marks."""
HOUR = 3_600_000
_LOCATIONS = (
    "SELECT endpoints.id, locations.name, -locations.key FROM locations"
    " JOIN endpoints ON endpoints.key = locations.endpoint"
)
_MOST_TEXTS = 10_000
"""Limit of texts whose numbers are cached."""
_USED_EVERY = HOUR
"""Milliseconds after which a text's last use is updated."""


def milliseconds(moment: float) -> int:
    """Seconds since the epoch as stored milliseconds."""
    return round(moment * 1000)


class Recording:
    """Writes events as rows of one database, and caches the numbers of names."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._endpoints: dict[str, int] = dict(database.execute("SELECT id, key FROM endpoints"))
        self._locations: dict[tuple[str, str], int] = {
            (id, name): key for id, name, key in database.execute(_LOCATIONS)
        }
        """By the endpoint's id and the location's name: the key of its results."""
        self._texts: dict[str, tuple[int, int]] = {}
        """By text: its number, and its last recorded use."""
        self._failing: set[str] = set()
        """Endpoints whose last result was a failure; only the first failure is stored in full."""
        self._results: list[tuple[Any, ...]] = []

    def write(self, batch: Batch) -> None:
        """Write all rows of ``batch``."""
        for event in batch.events:
            self._event(event)
        self._write_results()
        for id, (since, edges) in batch.edges.items():
            key = self._key(id, since)
            self._run("DELETE FROM availability WHERE endpoint = ? AND at >= ?", key, milliseconds(since))
            rows = [(key, milliseconds(edge.at), edge.kind.value) for edge in edges]
            self._database.executemany("INSERT OR REPLACE INTO availability VALUES (?, ?, ?)", rows)
        saved = [(self._key(id, 0.0), data) for id, data in batch.saved.items()]
        self._database.executemany("INSERT OR REPLACE INTO saved VALUES (?, ?)", saved)
        lines = [
            (milliseconds(one.at), self._known(one.endpoint), one.level, one.text) for one in batch.lines
        ]
        self._database.executemany(
            "INSERT INTO events (at, endpoint, level, text) VALUES (?, ?, ?, ?)", lines
        )
        self._database.executemany("INSERT OR REPLACE INTO documents VALUES (?, ?)", batch.documents.items())
        for sql, parameters in batch.statements:
            self._database.execute(sql, parameters)

    def _run(self, sql: str, *parameters: object) -> None:
        self._database.execute(sql, parameters)

    def _event(self, event: DomainEvent) -> None:
        match event:
            case Checked():
                self._checked(event.endpoint, event.result)
            case LocationChecked(location=location, result=result):
                self._add_result(self._location_key(event.endpoint, location, result.checked_at), result)
            case StateChanged():
                self._state(event)
            case IncidentOpened() | IncidentUpdated() | IncidentClosed() | IncidentAnnotated():
                self._incident(event.incident)
            case CertificateChanged():
                key = self._key(event.endpoint, event.at)
                sql = "INSERT OR REPLACE INTO certificates VALUES (?, ?, ?)"
                self._run(sql, key, milliseconds(event.at), event.text)
            case PathTraced():
                self._path(event.endpoint, event.path)
            case SilenceStarted():
                self._silence(event.silence)
            case SilenceEnded():
                sql = "UPDATE silences SET ended = ?, ended_by = ? WHERE id = ?"
                self._run(sql, milliseconds(event.at), event.by, event.silence.id)
            case Acknowledged(endpoint=id, acknowledgement=given):
                self._mark(id, ACKNOWLEDGED, event.at, given)
            case SlowdownChanged(endpoint=id, after=slower):
                self._mark(id, SLOWER, event.at, slower)
            case EndpointAdded():
                self._described(event)
            case EndpointRemoved():
                self._removed(event)

    def _state(self, event: StateChanged) -> None:
        key, since = self._key(event.endpoint, event.at), milliseconds(event.at)
        reason = event.reason.value if event.reason else None
        sql = "INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?, ?)"
        self._run(sql, key, since, event.after.value, reason, event.message)

    def _silence(self, silence: Silence) -> None:
        sql = "INSERT OR REPLACE INTO silences VALUES (?, ?, NULL, NULL, ?)"
        self._run(sql, silence.id, milliseconds(silence.at), _encoded(silence))

    def _mark(self, id: str, kind: str, at: float, mark: object) -> None:
        row = self._key(id, at), kind, milliseconds(at), _encoded(mark) if mark else None
        self._run("INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?)", *row)

    # ── results ─────────────────────────────────────────────────────────────────────────────────

    def _checked(self, id: str, result: Result) -> None:
        key = self._key(id, result.checked_at)
        self._add_result(key, result)
        failed = result.status is Status.DOWN
        if failed and id not in self._failing:
            at = milliseconds(result.checked_at)
            self._run("INSERT OR REPLACE INTO failures VALUES (?, ?, ?)", key, at, _encoded(result))
        if result.status is not Status.INCONCLUSIVE:
            (self._failing.add if failed else self._failing.discard)(id)

    def _add_result(self, key: int, result: Result) -> None:
        at = milliseconds(result.checked_at)
        reason = None if result.reason is None else _REASON_PLACES[result.reason]
        latency = None if result.latency_ms is None else round(result.latency_ms * 100)
        message = self._text(result.message, at) if result.message else None
        phases = of_check(result.phases_ms) if result.phases_ms else None
        self._results.append((key, at, _STATUS_PLACES[result.status], reason, latency, message, phases))

    def _path(self, id: str, path: NetworkPath) -> None:
        """Add a path to the explanation of the present failure."""
        sql = "SELECT at, data FROM failures WHERE endpoint = ? ORDER BY at DESC LIMIT 1"
        row = self._database.execute(sql, (self._known(id),)).fetchone()
        if row is None or id not in self._failing:
            return
        failure = msgspec.msgpack.decode(row[1], type=Result)
        explained = replace(failure, explanation=replace(failure.explanation or Explanation(), path=path))
        sql = "UPDATE failures SET data = ? WHERE endpoint = ? AND at = ?"
        self._run(sql, _encoded(explained), self._known(id), row[0])

    def _write_results(self) -> None:
        rows, self._results = self._results, []
        self._database.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    # ── incidents ───────────────────────────────────────────────────────────────────────────────

    def _incident(self, incident: Incident) -> None:
        ended = None if incident.ended is None else milliseconds(incident.ended)
        row = (incident.id, self._key(incident.endpoint, incident.began), milliseconds(incident.began), ended)
        self._run("INSERT OR REPLACE INTO incidents VALUES (?, ?, ?, ?, ?)", *row, _encoded(incident))

    # ── names ───────────────────────────────────────────────────────────────────────────────────

    def _described(self, event: EndpointAdded) -> None:
        key = self._key(event.endpoint, event.at)
        self._run(
            "UPDATE endpoints SET name = ?, grp = ?, tags = ?, kind = ?, target = ?, interval = ?,"
            " timeout = ?, slo = ?, removed_at = NULL WHERE key = ?",
            event.name,
            event.group,
            json.dumps(event.tags, ensure_ascii=False),
            event.kind,
            event.target,
            event.interval,
            event.timeout,
            event.slo,
            key,
        )

    def _removed(self, event: EndpointRemoved) -> None:
        key = self._key(event.endpoint, event.at)
        self._run("UPDATE endpoints SET removed_at = ? WHERE key = ?", milliseconds(event.at), key)
        self._mark(event.endpoint, SLOWER, event.at, None)

    def _known(self, id: str | None) -> int | None:
        return None if id is None else self._endpoints.get(id)

    def _key(self, id: str, at: float) -> int:
        """The number of an endpoint; assigned on first use."""
        key = self._endpoints.get(id)
        if key is None:
            first = milliseconds(at)
            cursor = self._database.execute(
                "INSERT INTO endpoints (id, name, first_seen, rolled_until) VALUES (?, ?, ?, ?)",
                (id, id, first, first - first % HOUR),
            )
            key = self._endpoints[id] = int(cursor.lastrowid or 0)
        return key

    def _location_key(self, id: str, location: str, at: float) -> int:
        """The negative number of an endpoint's location; assigned on first use."""
        key = self._locations.get((id, location))
        if key is None:
            first = milliseconds(at)
            cursor = self._database.execute(
                "INSERT INTO locations (endpoint, name, rolled_until) VALUES (?, ?, ?)",
                (self._key(id, at), location, first - first % HOUR),
            )
            key = self._locations[id, location] = -int(cursor.lastrowid or 0)
        return key

    def _text(self, text: str, at: int) -> int:
        """The number of a text; assigned on first use."""
        known = self._texts.get(text)
        if known and at - known[1] < _USED_EVERY:
            return known[0]
        if len(self._texts) >= _MOST_TEXTS:
            self._texts.clear()
        sql = (
            "INSERT INTO texts (text, used) VALUES (?, ?)"
            " ON CONFLICT (text) DO UPDATE SET used = max(used, excluded.used)"
        )
        self._database.execute(sql, (text, at))
        (key,) = self._database.execute("SELECT key FROM texts WHERE text = ?", (text,)).fetchone()
        self._texts[text] = (key, at)
        return int(key)


_encoded: Callable[[object], bytes] = msgspec.msgpack.Encoder().encode
