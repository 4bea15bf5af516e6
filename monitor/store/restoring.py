"""Reads everything that an engine needs to go on after a restart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from monitor.engine.incidents import KEPT
from monitor.engine.saved import EndpointState, LastCheck, TrackerState
from monitor.judge.availability import Availability, Edge
from monitor.model import Incident
from monitor.store.packing import Row
from monitor.store.reader import KINDS, Reader, StoredEndpoint, StoredResult, decoded, stored_result
from monitor.store.recording import milliseconds

# A cross join, so that SQLite looks up the rows of each endpoint, and does not read through all of them.
NEWEST_RESULTS = """
SELECT id, at, status, reason, latency, message, coalesce(text, '')
FROM endpoints CROSS JOIN results
  ON endpoint = endpoints.key AND at = (SELECT max(at) FROM results WHERE endpoint = endpoints.key)
LEFT JOIN texts ON texts.key = message
"""
NEWEST_EDGES = """
SELECT endpoint, at, edges.kind
FROM endpoints CROSS JOIN availability AS edges
  ON endpoint = endpoints.key
  AND at >= coalesce((
    SELECT max(at) FROM availability WHERE endpoint = endpoints.key AND at <= :since
  ), :since)
ORDER BY endpoints.key, at
"""

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Past:
    """The state of an earlier engine, as the history has it stored."""

    tracker: TrackerState
    availabilities: Mapping[str, Availability]
    """By endpoint id."""
    documents: Mapping[str, bytes]
    """By name."""
    waiting: list[bytes]
    """The encoded messages that are not sent yet, oldest first."""


def read_past(path: Path, since: float) -> Past:
    """The past, with the availabilities from ``since`` on. Raises as :class:`Reader`."""
    with _Restorer(path) as reader, reader.at_once():
        newest = reader.newest_results()
        states = readable(reader.saved().values(), EndpointState)
        return Past(
            tracker=TrackerState(
                endpoints=tuple(_current(state, newest.get(state.id)) for state in states),
                silences=tuple(reader.silences()),
                incidents=tuple(reader.newest_incidents(KEPT)),
            ),
            availabilities=dict(_availabilities(reader, newest, since)),
            documents=dict(reader.documents()),
            waiting=reader.waiting_messages(),
        )


def _current(state: EndpointState, newest: StoredResult | None) -> EndpointState:
    """``state`` with its newest result, which may be newer than the saved state."""
    last = state.last
    if newest is None or (last and milliseconds(newest.checked_at) <= milliseconds(last.at)):
        return state
    check = LastCheck(
        at=newest.checked_at,
        status=newest.status,
        reason=newest.reason,
        message=newest.message,
        latency_ms=newest.latency_ms,
        certificate=last.certificate if last else None,
        heartbeat=last.heartbeat if last else None,
    )
    return replace(state, last=check)


def _availabilities(
    reader: _Restorer, newest: Mapping[str, StoredResult], since: float
) -> Iterator[tuple[str, Availability]]:
    for endpoint, edges in reader.all_availability(since):
        last = newest.get(endpoint.id)
        checked = last.checked_at if last else reader.last_check(endpoint)
        yield endpoint.id, Availability(edges, checked, 2 * endpoint.interval + endpoint.timeout)


def readable(values: Iterable[bytes], type: type[_T]) -> list[_T]:
    """The values that can be decoded; those that an older version wrote differently are left out."""
    found = []
    for data in values:
        with suppress(msgspec.MsgspecError):
            found.append(msgspec.msgpack.decode(data, type=type))
    return found


class _Restorer(Reader):
    """Reads the tables of all endpoints at once."""

    def saved(self) -> Mapping[str, bytes]:
        """The encoded state of each endpoint, by id."""
        return dict(
            self._database.execute(
                "SELECT id, data FROM saved JOIN endpoints ON endpoints.key = saved.endpoint"
            )
        )

    def newest_results(self) -> dict[str, StoredResult]:
        """The newest result of each endpoint that has one which is not packed yet, by id."""
        rows = self._database.execute(NEWEST_RESULTS)
        return {id: stored_result(Row._make(row), text) for id, *row, text in rows}

    def all_availability(self, since: float) -> Iterator[tuple[StoredEndpoint, list[Edge]]]:
        """Every endpoint's edges from ``since`` on, and the last one before."""
        edges: dict[int, list[Edge]] = {}
        for key, at, kind in self._database.execute(NEWEST_EDGES, {"since": milliseconds(since)}):
            edges.setdefault(key, []).append(Edge(at / 1000, KINDS[kind]))
        for endpoint in self.endpoints():
            yield endpoint, edges.get(endpoint.key, [])

    def newest_incidents(self, ended: int) -> list[Incident]:
        """All open incidents, and the newest ``ended`` closed ones."""
        rows = self._database.execute(
            "SELECT data FROM incidents WHERE ended IS NULL OR id IN"
            " (SELECT id FROM incidents WHERE ended IS NOT NULL ORDER BY ended DESC LIMIT ?)"
            " ORDER BY began, id",
            (ended,),
        )
        return decoded(rows, Incident)

    def documents(self) -> Iterator[tuple[str, bytes]]:
        """The stored documents, by name."""
        yield from self._database.execute("SELECT name, data FROM documents")

    def waiting_messages(self) -> list[bytes]:
        """The encoded messages that are not sent yet, oldest first."""
        rows = self._database.execute("SELECT data FROM outbox WHERE state = 'waiting' ORDER BY at, id")
        return [data for (data,) in rows]
