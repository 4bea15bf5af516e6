"""The keys of ``expect`` and ``warn``: one :class:`Expectation` per TOML key.

A probe class lists those that its kind can answer. An expectation turns the TOML value into
assertions once, when the config is read; an assertion judges one observation. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from monitor.errors import FieldError
from monitor.judge.assertions import (
    DAY,
    JsonPath,
    Match,
    MaxLatency,
    MinValidity,
    StatusIn,
    body_text,
    fact,
)
from monitor.judge.matcher import MATCHER_SCHEMA, MISSING, as_written, compile_matcher
from monitor.model import Reason
from monitor.syntax.duration import parse_duration
from monitor.text import plain

if TYPE_CHECKING:
    from jsonpath_rfc9535 import JSONPathQuery

    from monitor.model import Assertion

Compile = Callable[[str, Any], "tuple[Assertion, ...]"]


@dataclass(frozen=True)
class Expectation:
    """One key of ``expect``. ``compile(key, value)`` raises FieldError; ``schema`` is JSON Schema."""

    help: str
    compile: Compile
    schema: Mapping[str, Any]


# ── latency and certificate: every kind's ───────────────────────────────────────────────────────


def _duration(key: str, value: Any) -> float:
    try:
        seconds = parse_duration(value)
    except ValueError as error:
        raise FieldError(key, str(error)) from None
    if seconds <= 0:
        raise FieldError(key, "must be more than 0")
    return seconds


def _latency(key: str, value: Any) -> tuple[Assertion, ...]:
    return (MaxLatency(_duration(key, value) * 1000),)


def _certificate(key: str, value: Any) -> tuple[Assertion, ...]:
    return (MinValidity(_duration(key, value) / DAY),)


# ── matchers on the probe's facts ───────────────────────────────────────────────────────────────


def matching(check: str, reason: Reason, read: Callable[[Mapping[str, Any]], Any]) -> Compile:
    """Compiles a matcher on the fact that ``read`` returns."""

    def compile(key: str, value: Any) -> tuple[Assertion, ...]:
        return (Match(check, reason, compile_matcher(key, value), read),)

    return compile


def _table(key: str, value: Any, example: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not value:
        raise FieldError(key, f"is a table, as in {{ {example} }}")
    return value


def _each(
    key: str, table: Mapping[str, Any], make: Callable[[str, str, Any], Assertion]
) -> tuple[Assertion, ...]:
    """``make(key, name, wanted)`` of every item; one FieldError holds all that is wrong."""
    made, errors = [], []
    for name, wanted in table.items():
        try:
            made.append(make(f"{key}.{name}", name, wanted))
        except FieldError as error:
            errors += [error, *error.also]
    if errors:
        raise FieldError(errors[0].key, errors[0].text, errors[1:])
    return tuple(made)


def _headers(key: str, value: Any) -> tuple[Assertion, ...]:
    table = _table(key, value, 'content-type = "text/html"')
    return _each(key, table, lambda at, name, wanted: _header(at, name.lower(), wanted))


def _header(key: str, name: str, wanted: Any) -> Assertion:
    def read(facts: Mapping[str, Any]) -> Any:
        return facts.get("headers", {}).get(name, MISSING)

    return Match(f"header {plain(name)}", Reason.HEADER_MISMATCH, compile_matcher(key, wanted), read)


def _json(key: str, value: Any) -> tuple[Assertion, ...]:
    table = _table(key, value, '"$.status" = "ok"')
    return _each(key, table, _json_path)


def _json_path(key: str, path: str, wanted: Any) -> Assertion:
    query = _query(path)
    if query is None:
        right = _suggested(path)
        hint = f"did you mean {right}?" if right else "write one such as $.queue.depth or $['a name'].b"
        raise FieldError(key, f"is not an RFC 9535 path; {hint}")
    return JsonPath(path, compile_matcher(key, wanted), partial(_select, query))


def _query(path: str) -> JSONPathQuery | None:
    import jsonpath_rfc9535

    try:
        return jsonpath_rfc9535.compile(path)
    except jsonpath_rfc9535.JSONPathError:
        return None


_STEP = re.compile(r"\.([^.\[\]'\"()*?@\s][^.\[\]'\"()*?]*)")
_SHORTHAND = re.compile(r"[^\W\d]\w*")


def _suggested(path: str) -> str | None:
    """The path that was probably meant: from the root, with brackets around names that need them."""
    rooted = path if path.startswith("$") else f"${path if path[:1] in ('.', '[') else f'.{path}'}"
    right = _STEP.sub(lambda step: step[0] if _SHORTHAND.fullmatch(step[1]) else f"['{step[1]}']", rooted)
    return right if right != path and _query(right) is not None else None


def _select(query: JSONPathQuery, document: Any) -> list[Any] | None:
    """The values that the query selects; None if the document is nested too deeply."""
    from jsonpath_rfc9535 import JSONPathRecursionError

    try:
        return query.find(document).values()
    except JSONPathRecursionError:
        return None


# ── HTTP: status and version ────────────────────────────────────────────────────────────────────

_CLASS = re.compile(r"[1-9]xx", re.IGNORECASE)
_LOWEST, _HIGHEST = 100, 999
"""Limits of status codes; servers use more than the standard's five classes."""
_STATUS_HELP = 'write a code such as 200, a class such as "2xx", or a list of those'


def _status(key: str, value: Any) -> tuple[Assertion, ...]:
    wanted = value if isinstance(value, list) else [value]
    if not wanted:
        raise FieldError(key, f"is empty; {_STATUS_HELP}")
    codes = frozenset().union(*(_codes(key, item) for item in wanted))
    return (StatusIn(codes, " or ".join(str(item).lower() for item in wanted)),)


def _codes(key: str, item: Any) -> range:
    if isinstance(item, int) and not isinstance(item, bool) and _LOWEST <= item <= _HIGHEST:
        return range(item, item + 1)
    if isinstance(item, str) and _CLASS.fullmatch(item):
        return range(int(item[0]) * 100, int(item[0]) * 100 + 100)
    raise FieldError(key, f"{plain(as_written(item))} is no HTTP status; {_STATUS_HELP}")


_HTTP_VERSIONS = ("1.0", "1.1", "2", "3")


def _http_version(key: str, value: Any) -> tuple[Assertion, ...]:
    if value not in _HTTP_VERSIONS:
        raise FieldError(key, 'is one of "1.0", "1.1", "2" and "3"')
    # The fact is text, and a text literal is compared as text: "1.1" is not 1.10.
    return matching("http_version", Reason.VERSION_MISMATCH, fact("http_version"))(key, value)


# ── the keys ────────────────────────────────────────────────────────────────────────────────────

_DURATION_SCHEMA = {"type": ["string", "number"]}
_MATCHER_TABLE = {"type": "object", "minProperties": 1, "additionalProperties": MATCHER_SCHEMA}
_STATUS_SCHEMA = {
    "anyOf": [
        {"type": "integer", "minimum": _LOWEST, "maximum": _HIGHEST},
        {"type": "string", "pattern": "^[1-9][xX][xX]$"},
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
    "A matcher on the body's text.",
    matching("body", Reason.BODY_MISMATCH, body_text),
    MATCHER_SCHEMA,
)
HEADERS = Expectation("Matchers on response headers, by name.", _headers, _MATCHER_TABLE)
JSON = Expectation(
    "What the body's JSON holds: a matcher for each RFC 9535 path; where a path selects several "
    "values, it has to hold for every one.",
    _json,
    _MATCHER_TABLE,
)
HTTP_VERSION = Expectation(
    'The HTTP version answered with: "1.0", "1.1", "2" or "3".', _http_version, {"enum": list(_HTTP_VERSIONS)}
)
REPLY = Expectation(
    "A matcher on the reply.",
    matching("reply", Reason.REPLY_MISMATCH, fact("reply")),
    MATCHER_SCHEMA,
)


def value_of(name: str, help: str) -> Expectation:
    """An expectation on the fact ``name``: a matcher, whose violation is a ``value_mismatch``."""
    return Expectation(help, matching(name, Reason.VALUE_MISMATCH, fact(name)), MATCHER_SCHEMA)
