"""An empty list as text: the reason and the keys that help. Pure."""

from __future__ import annotations

from rich.cells import cell_len

from monitor.tui.drawing.text_layout import Segments, TextLayout
from monitor.tui.lists.empty_states import EmptyState

_INDENT = 2
_ROOMY = 8
"""Height from which the first line stays blank."""


def empty_lines(state: EmptyState, width: int, height: int, layout: TextLayout) -> list[Segments]:
    """``state`` in lines of ``width`` cells; lines beyond ``height`` are left out."""
    style = layout.palette.good if state.good else layout.palette.text
    why = layout.wrapped(state.why, max(width - 2 * _INDENT, 1), style)
    lines = [_indented(row, layout) for row in why] + _hints(state, layout)
    return ([[], *lines] if height >= _ROOMY else lines)[:height]


def _hints(state: EmptyState, layout: TextLayout) -> list[Segments]:
    palette = layout.palette
    column = max((cell_len(key) for key, _ in state.keys), default=0)
    hints = [
        _indented(layout.line((key.ljust(column), palette.accent), ("  " + does, palette.dim)), layout)
        for key, does in state.keys
    ]
    return [[], *hints] if hints else []


def _indented(line: Segments, layout: TextLayout) -> Segments:
    return [layout.segment(" " * _INDENT), *line]
