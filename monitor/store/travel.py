"""Questions of a dashboard that goes back in time, answered from the history.

The messages name endpoints by id: handles are those of one run of the engine. Each answer is a page of
bounded size.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nlargest
from math import isfinite
from typing import NamedTuple

import msgspec

from monitor.judge.availability import Kind
from monitor.model import LETTERS, NO_LATENCY, Incident, Reason, Result, State, Status
from monitor.store.packing import Row
from monitor.store.reader import KINDS, Reader, StoredEndpoint, StoredLine, decoded, stored_result
from monitor.store.recording import milliseconds
from monitor.store.summaries import STATUSES

PAGE = 250
"""Limit of endpoints or incidents in one answer."""
MOST_OPEN = 1000
"""Limit of open incidents beside a page of incidents."""
LOG_LINES = 200
"""Limit of the log's lines in one answer."""
MOST_SAMPLES = 120
POINTS = 240
"""Limit of checks in one endpoint's detail: a few kB."""
NOT_CHECKED = "no checks ran at that time"
_LATEST = 253402300799.0
"""Seconds since the epoch at the end of the year 9999: later ones are no moments."""
_PASSED = frozenset({Status.UP, Status.DEGRADED})
_CHECKED = frozenset({State.UP, State.DEGRADED, State.FAILING, State.DOWN})
"""States that last only as long as checks confirm them."""


class GetPastStates(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The states of endpoints at a moment. Answer: :class:`PastStates`."""

    moment: float
    """Seconds since the epoch."""
    samples: int = MOST_SAMPLES
    """Limit of samples per endpoint, the newest before that moment."""
    after: int = 0
    """``PastStates.after`` of the page before."""
    endpoints: tuple[str, ...] = ()
    """Only these, by id, at most :data:`PAGE`; empty: all, page by page."""


class GetPastDetail(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """One endpoint's checks until a moment. Answer: :class:`PastDetail`."""

    endpoint: str
    """The endpoint's id."""
    moment: float


class GetPastIncidents(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The incidents that began until a moment, newest first. Answer: :class:`PastIncidents`."""

    moment: float
    older_than: str = ""
    """Only incidents that began before this one, by its id; with the same start, those with a smaller id."""


class GetPastLog(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The log until a moment. Answer: :class:`PastLog`."""

    moment: float


class GetStateChange(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The nearest change of any endpoint's state before or after a moment. Answer: :class:`StateChange`."""

    moment: float
    later: bool


class PastState(msgspec.Struct, frozen=True, array_like=True):
    """An endpoint's state at a moment; samples as in :class:`~monitor.link.messages.EndpointStatus`."""

    endpoint: str
    """The endpoint's id."""
    state: State
    since: float
    reason: Reason | None = None
    message: str = ""
    maintenance: bool = False
    checked_at: float | None = None
    outcomes: str = ""
    latencies_ms: tuple[float, ...] = ()


class PastStates(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """One page of states at a moment. An endpoint without a known state is pending."""

    began: float | None
    """The oldest moment with a known state, on the first page of all; None if the history is empty."""
    states: tuple[PastState, ...]
    after: int | None = None
    """The next page begins after this number; None on the last page."""


class Sample(NamedTuple):
    """One check, as in :class:`~monitor.link.messages.Point`."""

    at: float
    outcome: str
    latency_ms: float


class PastDetail(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """One endpoint's checks; only the first failure of an outage has its explanation."""

    samples: tuple[Sample, ...] = ()
    last: Result | None = None
    last_failure: Result | None = None
    last_good: Result | None = None


class PastIncidents(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """One page of incidents, newest first."""

    incidents: tuple[Incident, ...]
    oldest: str
    """The next page begins before this incident."""
    more: bool


class PastLog(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The newest lines of the log, oldest first."""

    lines: tuple[StoredLine, ...]


class StateChange(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A change's time; None if there is none."""

    at: float | None


Question = GetPastStates | GetPastDetail | GetPastIncidents | GetPastLog | GetStateChange
Answer = PastStates | PastDetail | PastIncidents | PastLog | StateChange


class TravelReader(Reader):
    """Reads the tables of all endpoints by time."""

    def began(self) -> float | None:
        """The oldest moment with a known state."""
        sql = "SELECT min((SELECT min(since) FROM states WHERE endpoint = key)) FROM endpoints"
        (found,) = self._database.execute(sql).fetchone()
        return None if found is None else found / 1000

    def kind_at(self, endpoint: StoredEndpoint, moment: float) -> Kind:
        """Whether the endpoint was up, down, in maintenance or not checked."""
        sql = "SELECT kind FROM availability WHERE endpoint = ? AND at <= ? ORDER BY at DESC LIMIT 1"
        row = self._database.execute(sql, (endpoint.key, milliseconds(moment))).fetchone()
        return KINDS[row[0]] if row else Kind.UNKNOWN

    def newest_rows(self, endpoint: StoredEndpoint, moment: float, count: int) -> list[Row]:
        """At most ``count`` results until a moment, oldest first, from a time in which as many are usual."""
        length = milliseconds((count + 1) * (endpoint.interval + endpoint.timeout))
        until = milliseconds(moment) + 1
        return nlargest(count, self._rows(endpoint.key, until - length, until), key=_at)[::-1]

    def text(self, row: Row) -> str:
        """A result's message."""
        return "" if row.message is None else self._text(row.message)

    def last_failure(self, endpoint: StoredEndpoint, moment: float) -> Result | None:
        """The newest explained failure until a moment."""
        rows = self._database.execute(
            "SELECT data FROM failures WHERE endpoint = ? AND at <= ? ORDER BY at DESC LIMIT 1",
            (endpoint.key, milliseconds(moment)),
        )
        return next(iter(decoded(rows, Result)), None)

    def newest_incidents(self, moment: float, older_than: str, count: int) -> list[Incident]:
        """Incidents that began until ``moment``, and before another one, newest first."""
        rows = self._database.execute(
            "SELECT data FROM incidents WHERE began <= :moment AND (:before = '' OR (began, id) <"
            " (SELECT began, id FROM incidents WHERE id = :before))"
            " ORDER BY began DESC, id DESC LIMIT :count",
            {"moment": milliseconds(moment), "before": older_than, "count": count},
        )
        return decoded(rows, Incident)

    def open_incidents(self, moment: float) -> list[Incident]:
        """Incidents that were open at a moment, newest first; at most :data:`MOST_OPEN`."""
        rows = self._database.execute(
            "SELECT data FROM incidents WHERE began <= :moment AND (ended IS NULL OR ended > :moment)"
            " ORDER BY began DESC, id DESC LIMIT :count",
            {"moment": milliseconds(moment), "count": MOST_OPEN},
        )
        return decoded(rows, Incident)

    def newest_lines(self, moment: float, count: int) -> list[StoredLine]:
        """The last lines of the log until a moment, oldest first."""
        rows = self._database.execute(
            "SELECT events.at, endpoints.id, level, text FROM events LEFT JOIN endpoints"
            " ON endpoints.key = events.endpoint WHERE events.at <= ?"
            " ORDER BY events.at DESC, events.key DESC LIMIT ?",
            (milliseconds(moment), count),
        )
        return [StoredLine(at / 1000, id, level, text) for at, id, level, text in rows][::-1]

    def state_change(self, moment: float, *, later: bool) -> float | None:
        """The nearest change of any state before or after a moment."""
        # One look-up in the primary key for each endpoint, instead of reading every state.
        if later:
            sql = "min((SELECT min(since) FROM states WHERE endpoint = key AND since > ?))"
        else:
            sql = "max((SELECT max(since) FROM states WHERE endpoint = key AND since < ?))"
        (found,) = self._database.execute(
            f"SELECT {sql} FROM endpoints",  # noqa: S608 -- ours
            (milliseconds(moment),),
        ).fetchone()
        return None if found is None else found / 1000


def answered(reader: TravelReader, question: Question) -> Answer:
    """The answer to a question, whose moment is bounded to one that exists."""
    moment = _bounded(question.moment)
    match question:
        case GetPastStates():
            return _states(reader, moment, question)
        case GetPastDetail():
            endpoint = reader.endpoint(question.endpoint)
            return _detail(reader, endpoint, moment) if endpoint else PastDetail()
        case GetPastIncidents():
            return _incidents(reader, moment, question.older_than)
        case GetPastLog():
            return PastLog(lines=tuple(reader.newest_lines(moment, LOG_LINES)))
        case GetStateChange():
            return StateChange(at=reader.state_change(moment, later=question.later))


def _bounded(moment: float) -> float:
    return max(0.0, min(moment, _LATEST)) if isfinite(moment) else 0.0


def _states(reader: TravelReader, moment: float, question: GetPastStates) -> PastStates:
    samples = max(0, min(question.samples, MOST_SAMPLES))
    if question.endpoints:
        chosen = filter(None, map(reader.endpoint, question.endpoints[:PAGE]))
        return PastStates(began=None, states=tuple(_state(reader, one, moment, samples) for one in chosen))
    endpoints = reader.endpoints(question.after, PAGE)
    return PastStates(
        began=None if question.after else reader.began(),
        states=tuple(_state(reader, one, moment, samples) for one in endpoints),
        after=endpoints[-1].key if len(endpoints) == PAGE else None,
    )


def _state(reader: TravelReader, endpoint: StoredEndpoint, moment: float, samples: int) -> PastState:
    known = reader.states(endpoint, moment, moment + 0.001)
    kind, rows = reader.kind_at(endpoint, moment), reader.newest_rows(endpoint, moment, samples)
    if not known or (known[0].state in _CHECKED and kind is Kind.UNKNOWN):
        return PastState(endpoint.id, State.PENDING, moment, message=NOT_CHECKED)
    then = known[0]
    return PastState(
        endpoint.id,
        then.state,
        then.since,
        then.reason,
        then.message,
        kind is Kind.MAINTENANCE,
        rows[-1].at / 1000 if rows else None,
        "".join(_letters(rows)),
        tuple(map(_latency, rows)),
    )


def _detail(reader: TravelReader, endpoint: StoredEndpoint, moment: float) -> PastDetail:
    rows = reader.newest_rows(endpoint, moment, POINTS)
    good = next((row for row in reversed(rows) if STATUSES[row.status] in _PASSED), None)
    return PastDetail(
        samples=tuple(map(_sample, rows, _letters(rows))),
        last=_result(reader, endpoint, rows[-1]) if rows else None,
        last_failure=reader.last_failure(endpoint, moment),
        last_good=_result(reader, endpoint, good) if good else None,
    )


def _sample(row: Row, letter: str) -> Sample:
    return Sample(row.at / 1000, letter, _latency(row))


def _latency(row: Row) -> float:
    return NO_LATENCY if row.latency is None else row.latency / 100


def _result(reader: TravelReader, endpoint: StoredEndpoint, row: Row) -> Result:
    known = stored_result(row, reader.text(row))
    return Result(
        endpoint=endpoint.id,
        status=known.status,
        reason=known.reason,
        message=known.message,
        checked_at=known.checked_at,
        latency_ms=known.latency_ms,
    )


def _letters(rows: list[Row]) -> Iterator[str]:
    return (LETTERS[STATUSES[row.status]] for row in rows)


def _at(row: Row) -> int:
    return row.at


def _incidents(reader: TravelReader, moment: float, older_than: str) -> PastIncidents:
    """A page; the first one also has every incident that was open, however old it is."""
    found = reader.newest_incidents(moment, older_than, PAGE)
    listed = {one.id for one in found}
    still = [] if older_than else [one for one in reader.open_incidents(moment) if one.id not in listed]
    oldest = found[-1].id if found else older_than
    return PastIncidents(incidents=(*found, *still), oldest=oldest, more=len(found) == PAGE)
