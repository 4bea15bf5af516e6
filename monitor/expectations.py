"""What ``expect`` and ``warn`` may ask about: one :class:`Expectation` per TOML key.

A probe class lists those that its kind can answer. An expectation turns the TOML value into
assertions once, when the config is read; an assertion judges one observation. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from monitor.duration import format_duration, format_ms, parse_duration
from monitor.errors import FieldError
from monitor.matcher import MATCHER_SCHEMA, MISSING, Matcher, compile_matcher, describe
from monitor.model import Failed, Reason
from monitor.text import decode, plain

if TYPE_CHECKING:
    from monitor.model import Assertion, Observation

SHOWN_LIMIT = 100
"""Characters of an actual value that a failed assertion shows."""
DAY = 86400.0


@dataclass(frozen=True)
class Expectation:
    """One key of ``expect``. ``compile(key, value)`` raises FieldError; ``schema`` is JSON Schema."""

    help: str
    compile: Callable[[str, Any], tuple[Assertion, ...]]
    schema: Mapping[str, Any]


# ── latency and certificate: every kind's ───────────────────────────────────────────────────────


@dataclass(frozen=True)
class MaxLatency:
    """The check took at most this long."""

    ms: float

    def judge(self, observation: Observation, severity: str) -> Failed | None:
        actual = observation.latency_ms
        if actual is not None and actual <= self.ms:
            return None
        told = "nothing" if actual is None else format_ms(actual)
        return Failed(
            check="latency",
            severity=severity,
            expected=format_duration(self.ms / 1000),
            actual=told,
            reason=Reason.LATENCY_EXCEEDED,
        )


@dataclass(frozen=True)
class MinValidity:
    """The certificate chain stays valid for at least this many days."""

    days: float

    def judge(self, observation: Observation, severity: str) -> Failed | None:
        certificate = observation.certificate
        left = None if certificate is None else certificate.days_left(observation.started)
        if left is not None and left >= self.days:
            return None
        return Failed(
            check="certificate",
            severity=severity,
            expected=f"valid for {_days(self.days)}",
            actual="no certificate" if left is None else _validity(left),
            reason=Reason.CERTIFICATE_EXPIRING,
        )


def _days(days: float) -> str:
    return f"{days:g} days" if days >= 1 else format_duration(days * DAY)


def _validity(left: float) -> str:
    return f"valid for {left:.1f} days" if left >= 0 else f"expired {-left:.1f} days ago"


def _duration(key: str, value: Any) -> float:
    try:
        seconds = parse_duration(value)
    except ValueError as error:
        raise FieldError(key, str(error)) from None
    if seconds <= 0:
        raise FieldError(key, "has to be more than nothing")
    return seconds


def _latency(key: str, value: Any) -> tuple[Assertion, ...]:
    return (MaxLatency(_duration(key, value) * 1000),)


def _certificate(key: str, value: Any) -> tuple[Assertion, ...]:
    return (MinValidity(_duration(key, value) / DAY),)


# ── matchers on what the probe found ────────────────────────────────────────────────────────────


def _fact(name: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda facts: facts.get(name, MISSING)


def _body_text(facts: Mapping[str, Any]) -> Any:
    body = facts.get("body")
    return MISSING if body is None else decode(body, facts.get("charset"))


def _document(facts: Mapping[str, Any]) -> Any:
    body = facts.get("body")
    return _NOT_JSON if body is None else _parsed(body)


_NOT_JSON = object()
_newest: tuple[bytes, Any] = (b"", _NOT_JSON)


def _parsed(body: bytes) -> Any:
    """``body`` as JSON. The newest is kept: several paths ask about the same body in a row."""
    global _newest
    if _newest[0] is not body:
        try:
            _newest = (body, json.loads(body))
        except (ValueError, RecursionError):
            _newest = (body, _NOT_JSON)
    return _newest[1]


@dataclass(frozen=True)
class Match:
    """A matcher holds for one fact of the observation."""

    check: str
    reason: Reason
    matcher: Matcher
    read: Callable[[Mapping[str, Any]], Any] = field(compare=False, repr=False)

    def judge(self, observation: Observation, severity: str) -> Failed | None:
        actual = self.read(observation.facts)
        if self.matcher.holds(actual):
            return None
        return Failed(
            check=self.check,
            severity=severity,
            expected=str(self.matcher),
            actual=plain(describe(actual), SHOWN_LIMIT),
            reason=self.reason,
        )


@dataclass(frozen=True)
class JsonPath:
    """A matcher holds for everything that an RFC 9535 path selects in the body.

    Everything, so that one healthy replica does not hide a sick one; where any will do, the path
    itself can say so: ``$[?@.ok == true]`` with ``exists = true``. A path that selects nothing is
    a missing value.
    """

    path: str
    matcher: Matcher
    find: Callable[[Any], list[Any]] = field(compare=False, repr=False)

    def judge(self, observation: Observation, severity: str) -> Failed | None:
        document = _document(observation.facts)
        if document is _NOT_JSON:
            return self._failed(severity, "not JSON" if "body" in observation.facts else "nothing")
        for actual in self._selected(document):
            if not self.matcher.holds(actual):
                return self._failed(severity, describe(actual))
        return None

    def _selected(self, document: Any) -> list[Any]:
        return self.find(document) or [MISSING]

    def _failed(self, severity: str, actual: str) -> Failed:
        return Failed(
            check=f"json {plain(self.path)}",
            severity=severity,
            expected=str(self.matcher),
            actual=plain(actual, SHOWN_LIMIT),
            reason=Reason.JSON_MISMATCH,
        )


def _match(check: str, reason: Reason, read: Callable[[Mapping[str, Any]], Any]) -> Any:
    def compile(key: str, value: Any) -> tuple[Assertion, ...]:
        return (Match(check, reason, compile_matcher(key, value), read),)

    return compile


def _table(key: str, value: Any, example: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not value:
        raise FieldError(key, f"is a table, as in {{ {example} }}")
    return value


def _headers(key: str, value: Any) -> tuple[Assertion, ...]:
    table = _table(key, value, 'content-type = "text/html"')
    return tuple(_header(f"{key}.{name}", name.lower(), wanted) for name, wanted in table.items())


def _header(key: str, name: str, wanted: Any) -> Assertion:
    def read(facts: Mapping[str, Any]) -> Any:
        return facts.get("headers", {}).get(name, MISSING)

    return Match(f"header {plain(name)}", Reason.HEADER_MISMATCH, compile_matcher(key, wanted), read)


def _json(key: str, value: Any) -> tuple[Assertion, ...]:
    table = _table(key, value, '"$.status" = "ok"')
    return tuple(_json_path(f"{key}.{path}", path, wanted) for path, wanted in table.items())


def _json_path(key: str, path: str, wanted: Any) -> Assertion:
    import jsonpath_rfc9535

    try:
        query = jsonpath_rfc9535.compile(path)
    except jsonpath_rfc9535.JSONPathError as error:
        raise FieldError(key, f"is not an RFC 9535 path: {error}") from None
    return JsonPath(path, compile_matcher(key, wanted), lambda document: query.find(document).values())


# ── HTTP: status and version ────────────────────────────────────────────────────────────────────

_CLASS = re.compile(r"[1-5]xx", re.IGNORECASE)
_STATUS_HELP = 'is a code such as 200, a class such as "2xx", or a list of those'


@dataclass(frozen=True)
class StatusIn:
    """The HTTP status is one of these codes."""

    allowed: frozenset[int]
    shown: str

    def judge(self, observation: Observation, severity: str) -> Failed | None:
        status = observation.facts.get("status")
        if status in self.allowed:
            return None
        return Failed(
            check="status",
            severity=severity,
            expected=self.shown,
            actual="nothing" if status is None else str(status),
            reason=Reason.STATUS_MISMATCH,
        )


def _status(key: str, value: Any) -> tuple[Assertion, ...]:
    wanted = value if isinstance(value, list) else [value]
    if not wanted:
        raise FieldError(key, _STATUS_HELP)
    codes = frozenset().union(*(_codes(key, item) for item in wanted))
    return (StatusIn(codes, " or ".join(str(item).lower() for item in wanted)),)


def _codes(key: str, item: Any) -> range:
    if isinstance(item, int) and not isinstance(item, bool) and 100 <= item <= 599:
        return range(item, item + 1)
    if isinstance(item, str) and _CLASS.fullmatch(item):
        return range(int(item[0]) * 100, int(item[0]) * 100 + 100)
    raise FieldError(key, _STATUS_HELP)


_HTTP_VERSIONS = ("1.0", "1.1", "2")


def _http_version(key: str, value: Any) -> tuple[Assertion, ...]:
    if value not in _HTTP_VERSIONS:
        raise FieldError(key, 'is one of "1.0", "1.1" and "2"')
    # The fact is text, and a text literal is compared as text: "1.1" is not 1.10.
    return _match("http version", Reason.VERSION_MISMATCH, _fact("http_version"))(key, value)  # type: ignore[no-any-return]


# ── DNS ─────────────────────────────────────────────────────────────────────────────────────────

_RCODES = (
    "NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP REFUSED YXDOMAIN YXRRSET NXRRSET NOTAUTH NOTZONE BADVERS"
).split()


def _normal(record: str) -> str:
    return record.rstrip(".").casefold()


@dataclass(frozen=True)
class HasRecords:
    """All of these are among the records; case and trailing dots do not matter."""

    records: tuple[str, ...]

    def judge(self, observation: Observation, severity: str) -> Failed | None:
        found = observation.facts.get("records", ())
        if {*map(_normal, self.records)} <= {*map(_normal, found)}:
            return None
        return Failed(
            check="records",
            severity=severity,
            expected=plain(", ".join(self.records), SHOWN_LIMIT),
            actual=plain(", ".join(found), SHOWN_LIMIT) or "nothing",
            reason=Reason.RECORD_MISMATCH,
        )


@dataclass(frozen=True)
class HasRcode:
    """The response code is this one; NOERROR also needs an answer."""

    rcode: str

    def judge(self, observation: Observation, severity: str) -> Failed | None:
        rcode = observation.facts.get("rcode")
        if rcode != self.rcode:
            wrong = Reason.RECORD_MISMATCH if rcode == "NOERROR" else Reason.DNS_ERROR
            return self._failed(severity, "nothing" if rcode is None else plain(rcode), wrong)
        if rcode == "NOERROR" and not observation.facts.get("records"):
            return self._failed(severity, "NOERROR without a record", Reason.DNS_ERROR)
        return None

    def _failed(self, severity: str, actual: str, reason: Reason) -> Failed:
        return Failed(check="rcode", severity=severity, expected=self.rcode, actual=actual, reason=reason)


def _records(key: str, value: Any) -> tuple[Assertion, ...]:
    wanted = [value] if isinstance(value, str) else value
    if not isinstance(wanted, list) or not wanted or not all(isinstance(item, str) for item in wanted):
        raise FieldError(key, 'is a list of records that must all be there, as in ["192.0.2.1"]')
    return (HasRecords(tuple(wanted)),)


def _rcode(key: str, value: Any) -> tuple[Assertion, ...]:
    name = value.upper() if isinstance(value, str) else ""
    if name not in _RCODES:
        near = get_close_matches(name, _RCODES, n=1) or ["NOERROR", "NXDOMAIN"]
        raise FieldError(key, f"is a DNS response code such as {' or '.join(map(repr, near))}")
    return (HasRcode(name),)


# ── the keys ────────────────────────────────────────────────────────────────────────────────────

_DURATION_SCHEMA = {"type": ["string", "number"]}
_MATCHER_TABLE = {"type": "object", "minProperties": 1, "additionalProperties": MATCHER_SCHEMA}
_STATUS_SCHEMA = {
    "anyOf": [
        {"type": "integer", "minimum": 100, "maximum": 599},
        {"type": "string", "pattern": "^[1-5][xX][xX]$"},
    ]
}

LATENCY = Expectation("The check takes at most this long.", _latency, _DURATION_SCHEMA)
CERTIFICATE = Expectation(
    "The certificate chain stays valid for at least this long.", _certificate, _DURATION_SCHEMA
)
STATUS = Expectation(
    'A status code, a class such as "3xx", or a list of those.',
    _status,
    {"anyOf": [_STATUS_SCHEMA, {"type": "array", "minItems": 1, "items": _STATUS_SCHEMA}]},
)
BODY = Expectation(
    "What the body is like: a matcher on its text.",
    _match("body", Reason.BODY_MISMATCH, _body_text),
    MATCHER_SCHEMA,
)
HEADERS = Expectation("What response headers are like: a matcher for each name.", _headers, _MATCHER_TABLE)
JSON = Expectation(
    "What the body's JSON holds: a matcher for each RFC 9535 path; where a path selects several "
    "values, it has to hold for every one.",
    _json,
    _MATCHER_TABLE,
)
HTTP_VERSION = Expectation(
    'The HTTP version answered with: "1.0", "1.1" or "2".', _http_version, {"enum": list(_HTTP_VERSIONS)}
)
REPLY = Expectation(
    "What the reply is like: a matcher.",
    _match("reply", Reason.REPLY_MISMATCH, _fact("reply")),
    MATCHER_SCHEMA,
)
RECORDS = Expectation(
    "Records that must all be in the answer; case and trailing dots do not matter.",
    _records,
    {"anyOf": [{"type": "string"}, {"type": "array", "minItems": 1, "items": {"type": "string"}}]},
)
RCODE = Expectation("The DNS response code; NOERROR also needs an answer.", _rcode, {"enum": _RCODES})
LOSS = Expectation(
    "Packets lost, per cent: a matcher.", _match("loss", Reason.VALUE_MISMATCH, _fact("loss")), MATCHER_SCHEMA
)
ROWS = Expectation(
    "How many rows the query returns: a matcher.",
    _match("rows", Reason.VALUE_MISMATCH, _fact("rows")),
    MATCHER_SCHEMA,
)
VALUE = Expectation(
    "The first cell of the result: a matcher.",
    _match("value", Reason.VALUE_MISMATCH, _fact("value")),
    MATCHER_SCHEMA,
)
