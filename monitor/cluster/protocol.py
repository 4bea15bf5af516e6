"""The messages of a cluster and their subjects; what arrives is bounded, valid and fit to be shown. Pure.

The subjects carry the location, so that the accounts of NATS decide who may speak for it::

    monitor.at.LOCATION.ENDPOINT.INTERVAL   a schedule: repeats, after so many milliseconds, …
    monitor.due.LOCATION.ENDPOINT           … this: check it now (Due)
    monitor.result.LOCATION.ENDPOINT        a check's result (Report)
    monitor.beat.LOCATION.AGENT             an agent is alive (Beat)
"""

from __future__ import annotations

import re
from hashlib import blake2b
from math import isfinite
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from monitor.config.cluster import is_location
from monitor.errors import MonitorError
from monitor.judge.redaction import redacted
from monitor.model import Result
from monitor.text import plain, plain_lines

LARGEST = 256 * 1024
"""Bytes of a message; longer ones are refused unread."""
CLOCKS_APART = 900.0
"""Seconds that the clock of an agent may differ from that of the NATS server."""
_READABLE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SIMPLE = re.compile(rb"[ -\[\]-~]*(?:\\[n\"][ -\[\]-~]*)*")
"""Printable ASCII, line breaks and quotes: JSON in which no string needs to be cleaned."""

_Message = TypeVar("_Message", bound=msgspec.Struct)


class InvalidMessageError(MonitorError):
    """A message that no agent or daemon of ours would send."""


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A request to check an endpoint. The agent knows its config from a file; none of it comes over NATS."""

    endpoint: str
    """The endpoint's id."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A check's result, redacted."""

    agent: str
    result: Result


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's sign of life, or its farewell."""

    agent: str
    online: bool = True
    """Whether its canaries answer."""
    leaving: bool = False
    version: str = ""


def token(id: str) -> str:
    """An endpoint's id as a part of a subject; the digest of an id with other characters."""
    if _READABLE.fullmatch(id):
        return id
    return f"={blake2b(id.encode(), digest_size=12).hexdigest()}"


def schedule_subject(location: str, endpoint: str, interval: float) -> str:
    """The subject of a schedule. It has the interval, which shows whether the stored schedule fits."""
    return f"monitor.at.{location}.{token(endpoint)}.{round(interval * 1000)}"


def due_subject(location: str, endpoint: str) -> str:
    return f"monitor.due.{location}.{token(endpoint)}"


def result_subject(location: str, endpoint: str) -> str:
    return f"monitor.result.{location}.{token(endpoint)}"


def beat_subject(location: str, agent: str) -> str:
    return f"monitor.beat.{location}.{agent}"


def location_of(subject: str) -> str:
    """The location that a subject names. Raises InvalidMessageError."""
    named = subject.split(".", 3)[2]
    if not is_location(named):
        raise InvalidMessageError("a subject without the name of a location")
    return named


def encode(message: msgspec.Struct) -> bytes:
    """A message as JSON, which holds no NaN, and which `nats` shows as it is."""
    return msgspec.json.encode(message)


def decode(data: bytes, type: type[_Message]) -> _Message:
    """A message that arrived; every text in it is plain. Raises InvalidMessageError."""
    if len(data) > LARGEST:
        raise InvalidMessageError(f"a message of {len(data)} bytes; {LARGEST} are allowed")
    try:
        if _SIMPLE.fullmatch(data):
            return msgspec.json.decode(data, type=type)
        return msgspec.convert(_cleaned(msgspec.json.decode(data)), type)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise InvalidMessageError(plain(f"not a valid {type.__name__}: {error}")) from None


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return plain_lines(value)
    if isinstance(value, dict):
        return {plain(key): _cleaned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    return value


def received(data: bytes, at: float) -> Report:
    """A report that the server stored at ``at``. Raises InvalidMessageError."""
    report = decode(data, Report)
    result = report.result
    if abs(result.checked_at - at) > CLOCKS_APART:
        raise InvalidMessageError(
            f"a result {result.checked_at - at:+.0f}s from the clock of the NATS server"
        )
    if any("\n" in name for name in result.phases_ms):
        raise InvalidMessageError("a phase with a line break in its name")
    durations = (*result.phases_ms.values(), result.delayed_ms, result.latency_ms or 0.0)
    if not all(isfinite(one) and one >= 0 for one in durations):
        raise InvalidMessageError("a result with a negative duration")
    return Report(agent=plain(report.agent), result=replace(redacted(result, str), heartbeat=None))
