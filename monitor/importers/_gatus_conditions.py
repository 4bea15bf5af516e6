"""Convert Gatus's conditions, such as ``[BODY].user.name == pat(jo*)``, to expectations."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, NamedTuple

from monitor.importers._draft import Block
from monitor.importers._fields import go_seconds
from monitor.importers._matchers import add, compact_codes, glob_pattern, json_path, literal
from monitor.importers._secrets import Secrets
from monitor.syntax.duration import format_duration

_OPERATORS = (" == ", " != ", " <= ", " >= ", " > ", " < ")
"""Operators in the order in which Gatus searches for them."""
_NAMES = {"==": "eq", "!=": "ne", "<=": "le", ">=": "ge", ">": "gt", "<": "lt"}
_FLIPPED = {"==": "==", "!=": "!=", "<=": ">=", ">=": "<=", ">": "<", "<": ">"}
_PLACEHOLDER = re.compile(r"^(?:(len|has)\()?\[([A-Z_]+)\](.*?)(\))?$", re.IGNORECASE | re.DOTALL)
_ANY = re.compile(r"any\((.*)\)", re.DOTALL)
_PAT = re.compile(r"pat\((.*)\)", re.DOTALL)
_SECRET = ("password", "secret", "token")
"""Endings of names whose values are removed from expectations."""
_EVERY_CODE = frozenset(range(100, 600))
_PLAIN_TEXT = {"tcp": "reply", "udp": "reply", "websocket": "reply"}


class Condition(NamedTuple):
    """A condition taken apart: ``len([BODY].items) > 3``."""

    function: str
    """``len``, ``has`` or empty."""
    subject: str
    """``BODY``, ``STATUS`` …"""
    path: str
    """The path below the body."""
    operator: str
    value: str


def parse(text: str) -> Condition | None:
    """Parse ``text``; None if it is no condition, or has no known placeholder."""
    sign = next((sign for sign in _OPERATORS if sign in text), None)
    if sign is None:
        return None
    left, _, right = (part.strip() for part in text.partition(sign))
    operator = sign.strip()
    if _subject(left) is None and _subject(right) is not None:
        left, right, operator = right, left, _FLIPPED[operator]
    found = _subject(left)
    return None if found is None else Condition(*found, operator, right)


def _subject(text: str) -> tuple[str, str, str] | None:
    found = _PLACEHOLDER.match(text)
    if found is None or bool(found[1]) is not bool(found[4]):
        return None
    return (found[1] or "").lower(), found[2].upper(), found[3]


class Conditions:
    """Converts the conditions of one endpoint, one after the other."""

    def __init__(self, block: Block, kind: str, secrets: Secrets) -> None:
        self._block, self._kind, self._secrets = block, kind, secrets
        self._codes: frozenset[int] | None = None
        self._latency: list[float] = []

    def take(self, text: str) -> None:
        """Convert ``text``, or note why it cannot be converted."""
        condition = parse(text)
        lost = self._lost(condition) if condition else "compares nothing that is known here"
        if lost:
            self._block.note(text, lost)

    def finish(self) -> None:
        """Make Gatus's default explicit: it accepts every status if no condition tests the status."""
        if self._latency:
            self._block.expect("latency", format_duration(min(self._latency)))
        if self._kind != "http":
            return
        codes = _EVERY_CODE if self._codes is None else self._codes
        found = compact_codes(codes)
        if found != ["2xx"]:
            first = found[0] if len(found) == 1 else found
            self._block.keys["expect"] = {"status": first, **self._block.keys.get("expect", {})}

    def _lost(self, condition: Condition) -> str:
        """Why ``condition`` is not converted; empty if it is."""
        handler: Callable[[Condition], str] | None = getattr(self, f"_{condition.subject.lower()}", None)
        if handler is None:
            return _HOPELESS.get(condition.subject, "is about something that is not known here")
        if condition.subject != "BODY" and (condition.function or condition.path):
            return "asks for the length or a part of something that has none"
        return handler(condition)

    # ── one method a placeholder ────────────────────────────────────────────────────────────────

    def _status(self, condition: Condition) -> str:
        if self._kind == "ssh":
            return "" if (condition.operator, condition.value) == ("==", "0") else "no command is run here"
        if self._kind != "http":
            return f"a {self._kind} check has no status"
        both = _fitting(condition.operator, condition.value) & (
            _EVERY_CODE if self._codes is None else self._codes
        )
        if not both:
            return "no status fits"
        self._codes = both
        return ""

    def _connected(self, condition: Condition) -> str:
        """Accept a condition on the connection: every check requires one."""
        if (condition.operator, condition.value) in (("==", "true"), ("!=", "false")):
            return ""
        self._block.keys["enabled"] = False
        return "a check that passes while there is no connection does not exist here; it is not enabled"

    def _response_time(self, condition: Condition) -> str:
        milliseconds = _milliseconds(condition.value)
        if condition.operator not in ("<", "<=") or not milliseconds or milliseconds <= 0:
            return "only an upper limit can be carried over"
        self._latency.append(milliseconds / 1000)
        return ""

    def _certificate_expiration(self, condition: Condition) -> str:
        milliseconds = _milliseconds(condition.value)
        if condition.operator not in (">", ">=") or not milliseconds or milliseconds <= 0:
            return "only a lower limit can be carried over"
        if self._kind not in ("http", "tls"):
            return f"a {self._kind} check sees no certificate"
        self._block.expect("certificate", _days(milliseconds / 1000))
        return ""

    def _dns_rcode(self, condition: Condition) -> str:
        if condition.operator != "==" or not condition.value.isalpha():
            return "only one code can be expected"
        if condition.value != "NOERROR":
            self._block.expect("rcode", condition.value)
        return ""

    def _body(self, condition: Condition) -> str:
        if self._kind == "dns":
            return self._records(condition)
        if self._kind == "grpc":
            served = (condition.path, condition.operator, condition.value) == (".status", "==", "SERVING")
            return "" if served else "a grpc check passes when the service is SERVING"
        if self._kind in _PLAIN_TEXT:
            return self._text(condition, _PLAIN_TEXT[self._kind])
        if self._kind != "http":
            return f"a {self._kind} check reads nothing"
        if condition.path or condition.function == "len":
            return self._json(condition)
        return self._text(condition, "body")

    def _records(self, condition: Condition) -> str:
        if condition.operator != "==" or condition.function or condition.path or "(" in condition.value:
            return "only records that are written out can be expected"
        records = self._block.keys.setdefault("expect", {}).setdefault("records", [])
        records.append(condition.value)
        return ""

    def _text(self, condition: Condition, key: str) -> str:
        """A condition on a whole body; Gatus strips blanks around it."""
        if condition.path or condition.function == "len":
            return f"a {self._kind} check takes no JSON apart"
        operator, pattern = condition.operator, _whole(condition.value)
        if condition.function == "has":
            operator, pattern = ("==" if _wanted(condition) else "!="), r"\S"
        if operator not in ("==", "!="):
            return "a body is a text, not a number"
        if operator == "==" and condition.function == "" and (part := _part(condition.value)):
            return "" if add(self._block, key, None, "contains", part) else _CONTRADICTS
        name = "matches" if operator == "==" else "not_matches"
        return "" if add(self._block, key, None, name, pattern) else _CONTRADICTS

    def _json(self, condition: Condition) -> str:
        path = json_path(condition.path)
        if path is None:
            return "has a path that RFC 9535 cannot express"
        other = parse(f"{condition.value} == x")
        if other is not None and other.subject == "BODY":
            return self._two_paths(condition, path, other)
        if condition.function == "has":
            return self._has(path, _wanted(condition))
        if condition.function == "len":
            return self._length(condition, path)
        if condition.value == "null":
            return "TOML has no null"
        operator, value = _matcher(condition)
        name = condition.path.rpartition(".")[2]
        if isinstance(value, str) and name.lower().endswith(_SECRET):
            where = f'what [BODY]{condition.path} of "{self._block.title}" has to be'
            value = self._secrets.hide(value, where, self._block.title, name)
        return self._added(path, operator, value)

    def _two_paths(self, condition: Condition, path: str, other: Condition) -> str:
        second = json_path(other.path)
        if second is None or condition.function or other.function:
            return "compares the lengths of two values"
        return self._added(f"$[?{path} {condition.operator} {second}]", "exists", True)

    def _length(self, condition: Condition, path: str) -> str:
        if not condition.value.isdecimal():
            return "a length is a number"
        operator, limit = condition.operator, int(condition.value)
        if path != "$":
            return self._added(f"$[?length({path}) {operator} {limit}]", "exists", True)
        if (operator, limit) in _FILLED:
            return "" if add(self._block, "body", None, "matches", _FILLED_BODY) else _CONTRADICTS
        if (operator, limit) in _EMPTY:
            return "" if add(self._block, "body", None, "matches", _EMPTY_BODY) else _CONTRADICTS
        self._block.note(f"len([BODY]) {operator} {limit}", "counts the items of a list, and no characters")
        if operator in ("<", "<="):  # an empty list has nothing that the filter could find
            return self._added(f"$[?length($) {_OPPOSITES[operator]} {limit}]", "exists", False)
        return self._added(f"$[?length($) {operator} {limit}]", "exists", True)

    def _has(self, path: str, wanted: bool) -> str:
        """Gatus treats null as a missing value."""
        if wanted or "?" in path:
            return self._added(path, "exists", wanted)
        return self._added(f"$[?{path} && {path} != null]", "exists", False)

    def _added(self, path: str, operator: str, value: Any) -> str:
        return "" if add(self._block, "json", path, operator, value) else _CONTRADICTS


_FILLED = {(">", 0), (">=", 1), ("!=", 0)}
_EMPTY = {("==", 0), ("<", 1), ("<=", 0)}
_FILLED_BODY, _EMPTY_BODY = r"^(?!\s*\[\s*\]\s*$)[\s\S]*\S", r"^\s*(?:\[\s*\])?\s*$"
"""Whether there is a body, and more than an empty list."""
_OPPOSITES = {"<": ">=", "<=": ">"}
_CONTRADICTS = "a second condition of that kind on the same value"
_HOPELESS = {
    "DOMAIN_EXPIRATION": "the registration of a domain is not checked here",
    "IP": "which address answers is not checked here; a dns:// endpoint expects records",
    "CONTEXT": "an endpoint knows nothing of what others answered",
}


def _wanted(condition: Condition) -> bool:
    return (condition.value == "true") is (condition.operator == "==")


def _matcher(condition: Condition) -> tuple[str, Any]:
    """Operator and operand of a matcher for a value in JSON."""
    value, name = condition.value, _NAMES[condition.operator]
    if condition.operator not in ("==", "!="):
        return name, _number(value)
    if found := _PAT.fullmatch(value):
        return ("matches" if name == "eq" else "not_matches"), glob_pattern(found[1])
    if found := _ANY.fullmatch(value):
        options = [option.strip() for option in found[1].split(",")]
        if name == "eq":
            return "in", [literal(option) for option in options]
        return "not_matches", f"^(?:{'|'.join(map(re.escape, options))})$"
    return name, literal(value)


def _number(value: str) -> int | float:
    """A number as Gatus compares it: durations in milliseconds, 0 for anything that is no number."""
    number = literal(value)
    if isinstance(number, int | float) and not isinstance(number, bool):
        return number
    return round(_milliseconds(value) or 0)


def _milliseconds(value: str) -> float | None:
    if value.replace(".", "", 1).isdecimal():
        return float(value) if len(value) < 15 else None
    seconds = go_seconds(value)
    return None if seconds is None else seconds * 1000


def _days(seconds: float) -> str:
    return f"{int(seconds // 86400)}d" if seconds % 86400 == 0 else format_duration(seconds)


def _part(value: str) -> str:
    """The text that ``pat(*text*)`` looks for; empty for other patterns."""
    found = _PAT.fullmatch(value)
    glob = found[1] if found else ""
    inner = glob[1:-1]
    return inner if len(glob) > 2 and glob[0] == glob[-1] == "*" and not set(inner) & set("*?") else ""


def _whole(value: str) -> str:
    if found := _PAT.fullmatch(value):
        return glob_pattern(found[1])
    if found := _ANY.fullmatch(value):
        return rf"^\s*(?:{'|'.join(re.escape(option.strip()) for option in found[1].split(','))})\s*$"
    return rf"^\s*{re.escape(value)}\s*$"


@lru_cache(maxsize=256)  # thousands of endpoints have the same few conditions
def _fitting(operator: str, value: str) -> frozenset[int]:
    """The status codes for which a condition holds."""
    return frozenset(code for code in _EVERY_CODE if _holds(str(code), operator, value))


def _holds(actual: str, operator: str, value: str) -> bool:
    """Whether a condition holds for a number, as Gatus judges it."""
    if operator in ("==", "!="):
        return _equal(actual, value) is (operator == "==")
    wanted, number = _number(value), int(actual)
    return {
        "<": number < wanted,
        "<=": number <= wanted,
        ">": number > wanted,
        ">=": number >= wanted,
    }[operator]


def _equal(actual: str, value: str) -> bool:
    if found := _PAT.fullmatch(value):
        return fnmatchcase(actual, found[1].replace("[", "[[]"))
    if found := _ANY.fullmatch(value):
        return actual in [option.strip() for option in found[1].split(",")]
    return actual == value
