"""A dashboard's questions about an endpoint's past, answered from the history.

The questions and answers are messages, because a dashboard may ask over ssh. They are answered by a process
of the dashboard's side, or by the relay on the other machine, and never by the engine.
"""

from __future__ import annotations

from itertools import pairwise
from math import isfinite
from pathlib import Path

import msgspec

from monitor.model import Incident, Reason
from monitor.store import travel
from monitor.store.phase_reader import PhaseReader
from monitor.store.reader import Reader, StoredEndpoint
from monitor.store.schema import UNREADABLE
from monitor.store.summaries import Summary, merged
from monitor.store.travel import TravelReader

MOST_PARTS = 1000
"""Limit of parts in one answer."""
_PERCENTILES = (0.5, 0.95, 0.99)


class GetPast(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """An endpoint's results in equal parts of a window. Answer: :class:`Past`."""

    endpoint: str
    """The endpoint's id."""
    since: float
    until: float
    parts: int


class GetLastTime(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The endpoint's last ended incident with the same reason that began before a moment.

    Answer: :class:`LastTime`.
    """

    endpoint: str
    reason: Reason
    before: float


class Part(msgspec.Struct, frozen=True, array_like=True):
    """The results in one part of a window."""

    checks: int = 0
    failed: int = 0
    p50: float | None = None
    """Latencies of passed checks in milliseconds; None without any."""
    p95: float | None = None
    maximum: float | None = None
    down_s: float = 0.0
    maintenance_s: float = 0.0


class Past(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A window of an endpoint's past."""

    since: float
    until: float
    parts: tuple[Part, ...] = ()
    """Empty if the history does not know the endpoint."""
    percentiles: tuple[float | None, ...] = ()
    """50th, 95th and 99th percentile of the whole window."""
    phases_ms: dict[str, float] = {}
    """Median of each phase over the whole window."""


class LastTime(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The last incident with the same reason, if there is one."""

    incident: Incident | None = None


class Unanswered(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The reason why the history could not be read."""

    text: str


Question = GetPast | GetLastTime | travel.Question
Answer = Past | LastTime | travel.Answer | Unanswered

encode = msgspec.msgpack.Encoder().encode
decode_question = msgspec.msgpack.Decoder(Question).decode
decode_answer = msgspec.msgpack.Decoder(Answer).decode


class _PastReader(TravelReader, PhaseReader):
    """Answers a dashboard's questions."""


def answer(path: Path, question: Question) -> Answer:
    """Read the history in ``path``. Never raises for a history that is missing or unreadable."""
    try:
        with _PastReader(path) as reader, reader.at_once():
            if isinstance(question, travel.Question):
                return travel.answered(reader, question)
            return _answered(reader, question)
    except FileNotFoundError:
        return Unanswered(text="there is no history")
    except (OSError, *UNREADABLE) as error:
        return Unanswered(text=f"the history cannot be read: {error}")


def _answered(reader: PhaseReader, question: GetPast | GetLastTime) -> Answer:
    endpoint = reader.endpoint(question.endpoint)
    if isinstance(question, GetLastTime):
        return LastTime(incident=_last_time(reader, endpoint, question) if endpoint else None)
    count = max(1, min(question.parts, MOST_PARTS))
    empty = Past(since=question.since, until=question.until)
    if endpoint is None or not (isfinite(question.since) and question.since < question.until):
        return empty
    return _past(reader, endpoint, question, count)


def _past(reader: PhaseReader, endpoint: StoredEndpoint, question: GetPast, count: int) -> Past:
    since, until = question.since, question.until
    series = reader.series(endpoint, since, until, count)
    width = (until - since) / count
    edges = pairwise(since + width * number for number in range(count + 1))
    availability = reader.availability(endpoint)
    parts = (
        _part(summary, *availability.seconds(*edge)[1:3]) for summary, edge in zip(series, edges, strict=True)
    )
    whole = merged(series).latencies
    return Past(
        since=since,
        until=until,
        parts=tuple(parts),
        percentiles=tuple(whole.percentiles(_PERCENTILES)) if whole else (),
        phases_ms=reader.phases(endpoint, since, until).medians(),
    )


def _part(summary: Summary, down_s: float, maintenance_s: float) -> Part:
    latencies = summary.latencies
    p50, p95 = latencies.percentiles((0.5, 0.95)) if latencies else (None, None)
    maximum = latencies.maximum if latencies else None
    return Part(summary.checks, summary.failed, p50, p95, maximum, round(down_s, 3), round(maintenance_s, 3))


def _last_time(reader: Reader, endpoint: StoredEndpoint, question: GetLastTime) -> Incident | None:
    earlier = reader.incidents_of(endpoint, question.before)
    return next((one for one in earlier if one.ended is not None and one.reason is question.reason), None)
