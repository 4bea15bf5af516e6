"""Assertions: one line of ``expect`` or ``warn`` each. Pure.

Each is a frozen value that judges one observation; ``expectations`` makes them from TOML. A fact
that the observation lacks never meets an expectation: the actual value is then ``nothing``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from monitor.judge.matcher import MISSING, Matcher
from monitor.model import Failed, Reason
from monitor.syntax.duration import format_duration, format_ms, format_validity
from monitor.text import decode, plain

if TYPE_CHECKING:
    from monitor.model import Assertion, Observation

KEPT_LIMIT = 1000
"""Characters kept of an actual value; secrets are masked before it is cut for display."""
DAY = 86400.0
_MOST_DIGITS = 1000
"""Limit of digits of an integer; a longer one is read as a float, and so as infinite."""


@dataclass(frozen=True)
class MaxLatency:
    """The check took at most this long."""

    ms: float

    def judge(self, observation: Observation, severity: str) -> Failed | None:
        actual = observation.latency_ms
        if actual is not None and actual <= self.ms:
            return None
        text = "nothing" if actual is None else format_ms(actual)
        return Failed(
            check="latency",
            severity=severity,
            expected=_allowed(self.ms),
            actual=text,
            reason=Reason.LATENCY_EXCEEDED,
        )


def _allowed(ms: float) -> str:
    if ms < 1000:
        return f"{ms:g} ms"
    return f"{ms / 1000:g} s" if ms < 60_000 else format_duration(ms / 1000)


def latency_limit(assertions: Iterable[Assertion]) -> float | None:
    """Milliseconds that ``latency`` allows; None without such an assertion."""
    return next((one.ms for one in assertions if isinstance(one, MaxLatency)), None)


@dataclass(frozen=True)
class MinValidity:
    """The certificate chain stays valid for at least this many days.

    With ``required``, an observation without a certificate fails.
    """

    days: float
    required: bool = True

    def judge(self, observation: Observation, severity: str) -> Failed | None:
        certificate = observation.certificate
        left = None if certificate is None else certificate.days_left(observation.started)
        if (not self.required) if left is None else left >= self.days:
            return None
        return Failed(
            check="certificate",
            severity=severity,
            expected=_days(self.days),
            actual="no certificate" if left is None else format_validity(left),
            reason=Reason.CERTIFICATE_EXPIRING,
        )


def inherited(assertion: Assertion) -> Assertion:
    """``assertion`` as a default for many endpoints: those without a certificate need none."""
    return replace(assertion, required=False) if isinstance(assertion, MinValidity) else assertion


def about_certificate(assertion: Assertion) -> bool:
    return isinstance(assertion, MinValidity)


def _days(days: float) -> str:
    if days < 1:
        return format_duration(days * DAY)
    return "1 day" if days == 1 else f"{days:g} days"


def about(check: str, assertions: Iterable[Assertion]) -> list[Match]:
    """Those of ``assertions`` that ask about the fact called ``check``."""
    return [one for one in assertions if isinstance(one, Match) and one.check == check]


def hold(asked: Iterable[Match], facts: Mapping[str, Any]) -> bool:
    """Whether ``facts`` satisfy everything that is ``asked``."""
    return all(one.matcher.complaint(one.read(facts)) is None for one in asked)


def fact(name: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda facts: facts.get(name, MISSING)


def body_text(facts: Mapping[str, Any]) -> Any:
    body = facts.get("body")
    return MISSING if body is None else decode(body, facts.get("charset"))


def _document(facts: Mapping[str, Any]) -> Any:
    body = facts.get("body")
    return _NOT_JSON if body is None else _parsed(body, facts.get("charset"))


_NOT_JSON, _TOO_DEEP = object(), object()


def _without_document(facts: Mapping[str, Any]) -> str:
    if "body" not in facts:
        return "nothing"
    return "a body that was cut at max_body" if facts.get("cut") else "not JSON"


@lru_cache(maxsize=1)  # several paths ask about the same body in a row
def _parsed(body: bytes, charset: str | None) -> Any:
    """The document, read as UTF-8 (RFC 8259, 8.1), or else in the encoding that the body declares."""
    try:
        for text in (body, decode(body, charset)):
            with suppress(json.JSONDecodeError, UnicodeDecodeError):
                return _loaded(text)
    except RecursionError:
        return _TOO_DEEP
    return _NOT_JSON


def _loaded(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except ValueError:  # a whole number with more digits than Python converts
        return json.loads(text, parse_int=_whole)


def _whole(digits: str) -> float:
    return int(digits) if len(digits) < _MOST_DIGITS else float(digits)


@dataclass(frozen=True)
class Match:
    """A matcher holds for one fact of the observation."""

    check: str
    reason: Reason
    matcher: Matcher
    read: Callable[[Mapping[str, Any]], Any] = field(compare=False, repr=False)

    def judge(self, observation: Observation, severity: str) -> Failed | None:
        actual = self.read(observation.facts)
        complaint = self.matcher.complaint(actual)
        if complaint is None:
            return None
        return Failed(
            check=self.check,
            severity=severity,
            expected=str(self.matcher),
            actual=complaint,
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
    find: Callable[[Any], list[Any] | None] = field(compare=False, repr=False)
    """The values that the path selects; None if the document is nested too deeply."""

    def judge(self, observation: Observation, severity: str) -> Failed | None:
        document = _document(observation.facts)
        if document is _NOT_JSON:
            return self._failed(severity, _without_document(observation.facts))
        found = None if document is _TOO_DEEP else self.find(document)
        if found is None:
            return self._failed(severity, "JSON that is nested too deeply")
        complaints = map(self.matcher.complaint, found or [MISSING])
        first = next((complaint for complaint in complaints if complaint is not None), None)
        return None if first is None else self._failed(severity, first)

    def _failed(self, severity: str, actual: str) -> Failed:
        return Failed(
            check=f"json {plain(self.path)}",
            severity=severity,
            expected=str(self.matcher),
            actual=actual,
            reason=Reason.JSON_MISMATCH,
        )


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
