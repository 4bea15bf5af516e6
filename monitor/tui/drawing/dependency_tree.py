"""The lines of the tree of dependencies. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from monitor.tui.drawing import words
from monitor.tui.drawing.columns import cut
from monitor.tui.drawing.text_layout import Segments, TextLayout, fit
from monitor.tui.lists.dependency_tree import TreeRow
from monitor.tui.lists.order import PROBLEMS
from monitor.tui.terminal.symbols import Symbols

_SINCE = 5
_LEAST_NAME, _LEAST_CAUSE = 16, 12
_NARROW = 60
"""Below this width in cells, ages are left out and states are brief."""


def name_width(rows: Sequence[TreeRow], width: int, symbols: Symbols) -> int:
    """The width of the names with their branches, in a list of ``width`` cells."""
    longest = max((cell_len(_name(row, symbols)) for row in rows), default=0)
    return max(min(longest, width - sum(_figures(width)) - _LEAST_CAUSE - 3), min(longest, _LEAST_NAME), 8)


def _figures(width: int) -> tuple[int, int]:
    """The widths of the state and of its age, 0 if there is no room for that."""
    return (10, 0) if width < _NARROW else (13, _SINCE)


def titles(names: int, width: int, layout: TextLayout) -> Segments:
    """The line above the list of ``width`` cells; ``names`` is the width of the names."""
    states, ages = _figures(width)
    text = (
        f"{'ENDPOINT'.ljust(names)} {'STATE'.ljust(states)} {'SINCE'.rjust(ages) + ' ' if ages else ''}CAUSE"
    )
    return [layout.segment(fit(text, width), layout.palette.title)]


def line(row: TreeRow, names: int, width: int, now: float, layout: TextLayout) -> Segments:
    """One line of at most ``width`` cells."""
    entry, palette, symbols = row.entry, layout.palette, layout.symbols
    status, (states, ages) = entry.status, _figures(width)
    state = f"{symbols.states[status.state]} {words.state(status, brief=width < _NARROW)}"
    since = f"{words.age(now - status.since).rjust(ages)} " if ages else ""
    wrong = status.state in PROBLEMS
    room = max(width - names - states - len(since) - 2, 0)
    return [
        layout.segment(cut(_name(row, symbols), names, symbols) + " ", palette.strong),
        layout.segment(cut(state, states, symbols), palette.states[entry.severity]),
        layout.segment(f" {since}", palette.dim),
        layout.segment(
            cut(words.cause(entry) if wrong else status.message, room, symbols),
            palette.text if wrong else palette.dim,
        ),
    ]


def _name(row: TreeRow, symbols: Symbols) -> str:
    """The name behind the branches of the tree: ``│  └─ Orders API``."""
    trunk, gap, fork, end = ("│  ", "   ", "├─ ", "└─ ") if symbols.unicode else ("|  ", "   ", "|- ", "`- ")
    above = "".join(gap if last else trunk for last in row.last[:-1])
    branch = (end if row.last[-1] else fork) if row.last else ""
    more = f" {symbols.ellipsis}" if row.repeated else ""
    return f"{above}{branch}{symbols.text(row.entry.info.name)}{more}"
