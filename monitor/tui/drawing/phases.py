"""The phases of a check as stacked bars, with the medians below. Pure.

::

    last    ▒▓▓▓▓▓▓██████████████████░░░░░░░░░░░░░░▚  41.7 ms
    median  ▒▓▓▓▓▓███████████████░░░░░░░░░░░░▚        38.0 ms
    ▒ dns 1.20 ms (1.10 ms) · ▓ connect 8.00 ms (7.90 ms) · █ tls …

All bars have the same scale. Every phase has its own fill, so that colour is not needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style

from monitor.link.messages import CheckProgress
from monitor.model import Result, State
from monitor.syntax.duration import format_ms
from monitor.text import plain
from monitor.tui.drawing.text_layout import Segments, TextLayout, flowed

_ORDER = ("dns", "connect", "tls", "wait", "transfer")
"""The common phases in their order; others follow."""
_REST = "rest"
"""Time outside of all phases."""
_FILLS = dict(zip((*_ORDER, _REST), "▒▓█░▚ ", strict=True))
_ASCII_FILLS = dict(zip((*_ORDER, _REST), "=+#.% ", strict=True))
_OTHER_FILL = {True: "▞", False: "o"}
_LABEL = 8
_VALUE = 10


def phases(
    measured: Measured, medians_ms: Mapping[str, float], width: int, *, layout: TextLayout
) -> list[Segments]:
    """The bars and their legend in lines of ``width`` cells; ``medians_ms`` may be empty."""
    now = measured.parts
    usual = {_named(name): ms for name, ms in medians_ms.items()}
    if not now and not usual:
        return [layout.line(("no phases measured yet", layout.palette.dim))]
    longest = max(sum(now.values()), sum(usual.values()))
    names = _in_order({**now, **usual})
    bars = [
        _bar(label, parts, longest, names, width, layout)
        for label, parts in ((measured.label, now), ("median", usual))
        if parts
    ]
    return bars + _legend(names, now, usual, width, layout)


class Measured(NamedTuple):
    """One check's time by phases; ``latency_ms`` may exceed their sum."""

    label: str
    phases_ms: Mapping[str, float]
    latency_ms: float | None

    @property
    def parts(self) -> dict[str, float]:
        """The phases, and the rest of the latency as one more."""
        named = {_named(name): ms for name, ms in self.phases_ms.items()}
        whole = self.latency_ms or 0.0
        rest = whole - sum(named.values())
        return {**named, _REST: rest} if named and rest > 0.05 * whole else named


def of_last(last: Result | None) -> Measured:
    """The time of a finished check."""
    return Measured("last", last.phases_ms, last.latency_ms) if last else Measured("last", {}, None)


def of_present(check: CheckProgress) -> Measured:
    """The time of a check in progress, until now."""
    return Measured("now", check.phases_ms, check.elapsed_ms)


def _named(name: str) -> str:
    return plain(name, 16)


def _in_order(names: Iterable[str]) -> list[str]:
    ranks = {name: rank for rank, name in enumerate(_ORDER)} | {_REST: 100}
    return sorted(names, key=lambda name: ranks.get(name, len(_ORDER)))


def _bar(
    label: str, parts: Mapping[str, float], longest: float, names: list[str], width: int, layout: TextLayout
) -> Segments:
    total = sum(parts.values())
    room = max(width - _LABEL - _VALUE - 1, 1)
    cells = shares([parts.get(name, 0.0) for name in names], round(room * total / longest) if longest else 0)
    bar = [
        Segment(_fill(name, layout) * count, _style(name, layout))
        for name, count in zip(names, cells, strict=True)
    ]
    blank = layout.segment(" " * (room - sum(cells)))
    value = layout.segment(format_ms(total).rjust(_VALUE))
    return [layout.segment(label.ljust(_LABEL), layout.palette.dim), *bar, blank, value]


def shares(values: list[float], cells: int) -> list[int]:
    """Distribute ``cells`` in proportion to ``values``; each positive value gets one while they last."""
    total = sum(values)
    dealt = [min(1, cells) if value > 0 else 0 for value in values]
    while sum(dealt) < cells and total > 0:
        owed = [value / total * cells - count for value, count in zip(values, dealt, strict=True)]
        dealt[owed.index(max(owed))] += 1
    while sum(dealt) > cells:
        dealt[max(index for index, count in enumerate(dealt) if count)] -= 1
    return dealt


def _legend(
    names: list[str], now: Mapping[str, float], usual: Mapping[str, float], width: int, layout: TextLayout
) -> list[Segments]:
    chunks = [_entry(name, now.get(name), usual.get(name), layout) for name in names]
    return flowed(chunks, width, layout.segment("  "))


def _entry(name: str, now: float | None, usual: float | None, layout: TextLayout) -> Segments:
    sign = layout.symbols.ellipsis if name == _REST else _fill(name, layout)
    value = format_ms(now) if now is not None else "-"
    median = f" ({format_ms(usual)})" if usual is not None else ""
    return [
        Segment(sign, _style(name, layout)),
        layout.segment(f" {name} "),
        layout.segment(value, layout.palette.strong),
        layout.segment(median, layout.palette.dim),
    ]


def _fill(name: str, layout: TextLayout) -> str:
    unicode = layout.symbols.unicode
    return (_FILLS if unicode else _ASCII_FILLS).get(name, _OTHER_FILL[unicode])


def _style(name: str, layout: TextLayout) -> Style:
    palette = layout.palette
    styles = {
        "dns": palette.states[State.UNREACHABLE],
        "connect": palette.accent,
        "tls": palette.good,
        "wait": palette.text,
    }
    return styles.get(name, palette.dim)
