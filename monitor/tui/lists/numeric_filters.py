"""Comparisons of numbers in the filter: ``latency>200``, ``latency > 1s``, ``uptime<99``. Pure."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor.syntax.duration import parse_duration
from monitor.syntax.selection import slip
from monitor.tui.data.board import Entry
from monitor.tui.data.uptimes import NAMES, shown

Comparison = Callable[[Entry, float], bool]


class NumericFilterError(ValueError):
    """An invalid comparison; the text says why."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A numeric property of an endpoint; None where it is unknown."""

    value: Callable[[Entry, float], float | None]
    unit: float | None
    """The default unit in seconds; None for per cent."""

    def read(self, digits: str) -> float:
        """Parse a number in the property's unit. Raises ValueError."""
        if self.unit is None:
            return float(digits.removesuffix("%"))
        try:
            return float(digits)
        except ValueError:
            return parse_duration(digits) / self.unit


def _uptime(window: str) -> Figure:
    def value(entry: Entry, _: float) -> float | None:
        known = shown(entry, window)
        return None if known is None else known / 100

    return Figure(value, None)


FIGURES: Mapping[str, Figure] = {
    "latency": Figure(lambda entry, _: entry.status.latency_ms, 0.001),
    "p95": Figure(lambda entry, _: entry.p95_ms(), 0.001),
    **{name: _uptime(window) for window, name in NAMES.items()},
    "cert": Figure(lambda entry, now: entry.cert_days(now), 86400.0),
    "since": Figure(lambda entry, now: now - entry.status.since, 1.0),
}
_SHORT = {
    "lat": "latency",
    "certificate": "cert",
    "up": "uptime",
    "age": "since",
    "uptime24h": "uptime",
    **{f"up{window}": name for window, name in NAMES.items()},
}
KNOWN = (*FIGURES, *_SHORT)
"""Every name that can be compared."""
_USUAL = [name for name in FIGURES if name == "uptime" or name not in NAMES.values()]
"""Those that fit into a message; the uptimes of other windows are in the manual."""
_SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_COMPARISON = re.compile(r"([a-z][a-z0-9]*)(>=|<=|>|<|=)(.*)")
_NAMED = re.compile(r"([a-z][a-z0-9]*)\s*[<>=]")
_SPACED = re.compile(r"\s*(>=|<=|[<>])\s*")


def joined(text: str) -> str:
    """Join every comparison in ``text`` to one word: ``lat > 5`` is ``lat>5``."""
    return _SPACED.sub(r"\1", text)


def figures(text: str) -> set[str]:
    """The names of the figures that a filter compares."""
    return {_SHORT.get(name, name) for name in _NAMED.findall(text.casefold())}


def comparison(word: str) -> Comparison | None:
    """Parse a comparison from the lower-case ``word``; None if it is none.

    Raises NumericFilterError if the comparison is invalid.
    """
    found = _COMPARISON.fullmatch(word)
    if not found:
        return None
    name, sign, digits = found.groups()
    figure = FIGURES.get(_SHORT.get(name, name))
    if figure is not None:
        return _compare(figure.value, _SIGNS[sign], _number(figure, digits, word))
    near = slip(name, FIGURES)
    if sign == "=" and not near:
        return None  # it may be part of an address
    hint = f"did you mean {near}?" if near else f"there are {', '.join(_USUAL)}"
    raise NumericFilterError(f"there is no {name} to compare; {hint}")


def _number(figure: Figure, digits: str, word: str) -> float:
    if not digits:
        raise NumericFilterError(f"{word} … what?")
    try:
        return figure.read(digits)
    except ValueError:
        example = "99.9" if figure.unit is None else "250ms, 1s, 10m or 14d"
        raise NumericFilterError(f"{digits!r} is not a number such as {example}") from None


def _compare(
    value: Callable[[Entry, float], float | None], holds: Callable[[float, float], bool], limit: float
) -> Comparison:
    def test(entry: Entry, now: float) -> bool:
        actual = value(entry, now)
        return actual is not None and holds(actual, limit)

    return test
