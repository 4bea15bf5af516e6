"""The lines of the tree of dependencies. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from monitor.tui.drawing import words
from monitor.tui.drawing.columns import cut
from monitor.tui.drawing.text_layout import Segments, TextLayout
from monitor.tui.lists.dependency_tree import TreeRow
from monitor.tui.lists.order import PROBLEMS
from monitor.tui.terminal.symbols import Symbols

_STATE, _SINCE = 13, 5
_LEAST_NAME, _LEAST_CAUSE = 16, 12


def name_width(rows: Sequence[TreeRow], width: int, symbols: Symbols) -> int:
    """The width of the names with their branches, in a list of ``width`` cells."""
    longest = max((cell_len(_name(row, symbols)) for row in rows), default=0)
    room = width - _STATE - _SINCE - _LEAST_CAUSE - 3
    return max(min(longest, room), _LEAST_NAME)


def titles(names: int, layout: TextLayout) -> Segments:
    """The line above the list; ``names`` is the width of the names."""
    text = f"{'ENDPOINT'.ljust(names)} {'STATE'.ljust(_STATE)} {'SINCE'.rjust(_SINCE)} CAUSE"
    return [layout.segment(text, layout.palette.title)]


def line(row: TreeRow, names: int, width: int, now: float, layout: TextLayout) -> Segments:
    """One line of at most ``width`` cells."""
    entry, palette, symbols = row.entry, layout.palette, layout.symbols
    status = entry.status
    state = f"{symbols.states[status.state]} {words.state(status)}"
    since = words.age(now - status.since).rjust(_SINCE)
    cause = words.cause(entry) if status.state in PROBLEMS else status.message
    room = max(width - names - _STATE - _SINCE - 3, 0)
    return [
        layout.segment(cut(_name(row, symbols), names, symbols) + " ", palette.strong),
        layout.segment(cut(state, _STATE, symbols), palette.states[entry.severity]),
        layout.segment(f" {since} ", palette.dim),
        layout.segment(cut(cause, room, symbols), palette.text if status.state in PROBLEMS else palette.dim),
    ]


def _name(row: TreeRow, symbols: Symbols) -> str:
    """The name behind the branches of the tree: ``│  └─ Orders API``."""
    trunk, gap, fork, end = ("│  ", "   ", "├─ ", "└─ ") if symbols.braille else ("|  ", "   ", "|- ", "`- ")
    above = "".join(gap if last else trunk for last in row.last[:-1])
    branch = (end if row.last[-1] else fork) if row.last else ""
    more = f" {symbols.ellipsis}" if row.repeated else ""
    return f"{above}{branch}{symbols.text(row.entry.info.name)}{more}"
