"""Matchers: a literal, or a table of operators that must all hold. Pure.

========================  =================================================================
``eq`` ``ne``             equality; a number also equals text that spells it (headers are text)
``lt le gt ge``           numbers, and text that spells one
``contains``              a part of a text, an element of a list, a key of a table
``matches``               a regular expression found anywhere in the text
``in``                    equal to one of a list
``exists``                whether there is a value at all
========================  =================================================================

``not_contains`` and ``not_matches`` are the opposites. Where there is no value (:data:`MISSING`),
only ``exists = false``, ``ne``, ``not_contains`` and ``not_matches`` hold. Truth values and
numbers are never equal to each other.
"""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from monitor.errors import FieldError
from monitor.redact import Secretive, shown
from monitor.text import plain

SEARCH_LIMIT = 1 << 20
"""Limit of characters that a regular expression searches."""
SEARCH_SECONDS = 0.1
"""Timeout of a search in seconds: checks of other endpoints are waiting."""


class _Missing:
    """There is no value."""

    def __repr__(self) -> str:
        return "nothing"


MISSING: Final = _Missing()

Test = Callable[[Any], bool]


@dataclass(frozen=True)
class Operation:
    """One operator with its operand. Compared as written, so that 1 and true differ."""

    name: str
    written: str = field(repr=False)
    shown: str
    test: Test = field(compare=False, repr=False)

    def __str__(self) -> str:
        return f"{_SIGNS.get(self.name, self.name)} {self.shown}".lstrip()


@dataclass(frozen=True)
class Matcher:
    """A condition on a value; ``str`` of it describes the condition to people."""

    operations: tuple[Operation, ...]

    def holds(self, actual: Any) -> bool:
        """Whether ``actual`` (or :data:`MISSING`) satisfies every operator."""
        return self.complaint(actual) is None

    def complaint(self, actual: Any) -> str | None:
        """A description of ``actual`` if it fails an operator; None if it satisfies all of them."""
        try:
            holds = all(operation.test(actual) for operation in self.operations)
        except TimeoutError:
            return f"a search that takes longer than {SEARCH_SECONDS:g} s"
        if holds:
            return None
        text = describe(actual)
        return text if text.strip() != str(self) else _apart(actual, text)

    def __str__(self) -> str:
        return " and ".join(map(str, self.operations))


def _apart(actual: Any, text: str) -> str:
    """An invisible difference between ``actual`` and the expected value: blanks, line breaks, the type."""
    return describe(json.dumps(actual)) if isinstance(actual, str) else f"{text}, which is no text"


def compile_matcher(key: str, value: Any) -> Matcher:
    """The matcher for ``value`` of the TOML key ``key``; FieldError if it is no matcher."""
    if not isinstance(value, Mapping):
        return Matcher((_compile(key, "eq", value),))
    if not value:
        raise FieldError(key, f"is empty; give it at least one of {_NAMES}")
    return Matcher(_operations(key, value))


def _operations(key: str, table: Mapping[str, Any]) -> tuple[Operation, ...]:
    """The operations of a matcher's table; one FieldError holds all that is wrong."""
    made, errors = [], []
    for name, operand in table.items():
        try:
            made.append(_compile(f"{key}.{name}", name, operand))
        except FieldError as error:
            errors.append(error)
    if errors:
        raise FieldError(errors[0].key, errors[0].text, errors[1:])
    return tuple(made)


def _compile(key: str, name: str, operand: Any) -> Operation:
    maker = _MAKERS.get(name)
    if maker is None:
        raise FieldError(key, _unknown(name))
    return Operation(name, _written(key, operand), _shown(name, operand), maker(key, operand))


def _unknown(name: str) -> str:
    near = get_close_matches(name, _MAKERS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"use one of {_NAMES}"
    return f"there is no operator {name!r}; {hint}"


def _written(key: str, operand: Any) -> str:
    try:
        return json.dumps(operand, sort_keys=True)
    except TypeError:
        raise FieldError(key, "cannot be a date or time; write it in quotes") from None


def _shown(name: str, operand: Any) -> str:
    if name == "exists":
        return "a value" if operand else "no value"
    if isinstance(operand, str):
        return plain(shown(operand) if name == "eq" and operand else repr(operand))
    return plain(as_written(operand))


def as_written(value: Any) -> str:
    """A TOML value for people, its secrets masked."""
    return json.dumps(_masked(value), ensure_ascii=False, sort_keys=True, default=str)


def _masked(value: Any) -> Any:
    """``value`` with the secrets in all of its texts masked."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, Mapping):
        return {name: _masked(item) for name, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value


# ── comparing values ────────────────────────────────────────────────────────────────────────────


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: Any) -> float | None:
    """``value`` as a number, if it is one or is text that spells one."""
    if _is_number(value):
        return value  # type: ignore[no-any-return]
    if not isinstance(value, str) or len(value) > 400 or "_" in value:  # 1_000 is a number in Python only
        return None
    for kind in (int, float):  # as an integer where it is one: a float has 53 bits
        try:
            return kind(value)
        except ValueError:
            continue
    return None


def equal(actual: Any, operand: Any) -> bool:
    """Equality by the rules of matchers, also in lists and tables."""
    if _is_number(operand):
        return bool(_number(actual) == operand)
    if isinstance(operand, list):
        return isinstance(actual, list) and len(actual) == len(operand) and all(map(equal, actual, operand))
    if isinstance(operand, Mapping):
        return _equal_tables(actual, operand)
    return isinstance(actual, bool) is isinstance(operand, bool) and bool(actual == operand)


def _equal_tables(actual: Any, operand: Mapping[str, Any]) -> bool:
    return (
        isinstance(actual, Mapping)
        and actual.keys() == operand.keys()
        and all(equal(actual[name], operand[name]) for name in operand)
    )


def as_text(value: Any) -> str | None:
    """A scalar as the text it has on the wire; None for lists, tables, null and nothing."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, bool | int | float) else None


def describe(value: Any, limit: int = 1000) -> str:
    """A value for people, on one line: ``starting``, ``42``, ``["a", "b"]``, ``nothing``."""
    if value is MISSING:
        return "nothing"
    if isinstance(value, str):
        return plain(value, limit) if value else "''"
    try:
        return plain(json.dumps(value, ensure_ascii=False), limit)
    except RecursionError:  # a server may nest as deeply as it likes
        return "a deeply nested value"


# ── operators ───────────────────────────────────────────────────────────────────────────────────


def _eq(_key: str, operand: Any) -> Test:
    return lambda actual: equal(actual, operand)


def _compare(compare: Callable[[float, float], bool]) -> Callable[[str, Any], Test]:
    def make(key: str, operand: Any) -> Test:
        number = _number(operand) if isinstance(operand, Secretive) or _is_number(operand) else None
        if number is None or math.isnan(number):
            raise FieldError(key, f"compares with a number, not with {as_written(operand)}")

        def test(actual: Any) -> bool:
            found = _number(actual)
            return found is not None and compare(found, number)

        return test

    return make


def _contains(key: str, operand: Any) -> Test:
    text = as_text(operand)
    if text is None:
        raise FieldError(key, f"looks for a text or a number, not for {as_written(operand)}")

    def test(actual: Any) -> bool:
        if isinstance(actual, str):
            return text in actual
        if isinstance(actual, Mapping):
            return text in actual
        return isinstance(actual, list) and any(equal(item, operand) for item in actual)

    return test


def _matches(key: str, operand: Any) -> Test:
    # Not `re`: that one cannot be interrupted, and one careless pattern would stop every check.
    import regex

    if not isinstance(operand, str):
        raise FieldError(key, f"is a regular expression in quotes, not {as_written(operand)}")
    try:
        pattern = regex.compile(operand)
    except regex.error as error:
        why = "" if isinstance(operand, Secretive) else f": {error}"
        raise FieldError(key, f"is not a regular expression{why}") from None

    def test(actual: Any) -> bool:
        text = as_text(actual)
        return text is not None and bool(pattern.search(text[:SEARCH_LIMIT], timeout=SEARCH_SECONDS))

    return test


def _in(key: str, operand: Any) -> Test:
    if not isinstance(operand, list) or not operand:
        raise FieldError(key, "is a list of the values allowed, as in [1, 2, 3]")
    return lambda actual: any(equal(actual, item) for item in operand)


def _exists(key: str, operand: Any) -> Test:
    if not isinstance(operand, bool):
        raise FieldError(key, "is true or false")
    return lambda actual: (actual is not MISSING) is operand


def _not(maker: Callable[[str, Any], Test]) -> Callable[[str, Any], Test]:
    def make(key: str, operand: Any) -> Test:
        test = maker(key, operand)
        return lambda actual: not test(actual)

    return make


_MAKERS: Mapping[str, Callable[[str, Any], Test]] = {
    "eq": _eq,
    "ne": _not(_eq),
    "lt": _compare(operator.lt),
    "le": _compare(operator.le),
    "gt": _compare(operator.gt),
    "ge": _compare(operator.ge),
    "contains": _contains,
    "not_contains": _not(_contains),
    "matches": _matches,
    "not_matches": _not(_matches),
    "in": _in,
    "exists": _exists,
}
_NAMES = ", ".join(_MAKERS)
_SIGNS: Mapping[str, str] = {
    "eq": "",
    "ne": "not",
    "lt": "<",
    "le": "≤",
    "gt": ">",
    "ge": "≥",
    "not_contains": "does not contain",
    "not_matches": "does not match",
    "in": "one of",
    "exists": "",
}

_NUMBER: Mapping[str, Any] = {"type": "number"}
_TEXT: Mapping[str, Any] = {"type": "string"}
_SCALAR: Mapping[str, Any] = {"type": ["string", "number", "boolean"]}
MATCHER_SCHEMA: Mapping[str, Any] = {
    "anyOf": [
        {"type": ["string", "number", "boolean", "array"]},
        {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "properties": {
                "eq": {},
                "ne": {},
                **dict.fromkeys(("lt", "le", "gt", "ge"), _NUMBER),
                **dict.fromkeys(("contains", "not_contains"), _SCALAR),
                **dict.fromkeys(("matches", "not_matches"), _TEXT),
                "in": {"type": "array", "minItems": 1},
                "exists": {"type": "boolean"},
            },
        },
    ]
}
"""JSON Schema of a matcher."""
