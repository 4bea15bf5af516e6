"""The endpoints in trouble, as many per line as fit; the wall shows one line at a time. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from rich.cells import cell_len

from monitor.tui.data.board import Entry
from monitor.tui.drawing import words
from monitor.tui.drawing.columns import DrawContext, cut
from monitor.tui.drawing.text_layout import Segments, TextLayout, fit, flowed
from monitor.tui.lists.order import PROBLEMS

_MOST = 100
"""Limit of listed endpoints; the rest is a number."""
_MESSAGE = 60
"""Limit of an endpoint's message in cells."""


def headlines(entries: Iterable[Entry], width: int, context: DrawContext) -> list[Segments]:
    """Lines of at most ``width`` cells about the ``entries`` in trouble, worst first."""
    layout = TextLayout(context.symbols, context.palette)
    wrong = [entry for entry in entries if entry.status.state in PROBLEMS]
    chunks = [_headline(entry, width, layout, context.now) for entry in islice(wrong, _MOST)]
    if len(wrong) > _MOST:
        chunks.append(layout.line((f"and {len(wrong) - _MOST} more", layout.palette.strong)))
    return flowed(chunks, width, layout.segment("   "))


def _headline(entry: Entry, width: int, layout: TextLayout, now: float) -> Segments:
    row, palette = entry.status, layout.palette
    sign = f" {layout.symbols.states[row.state]} {words.state(row)} "
    age = f" {words.age(now - row.since)}"
    name = layout.symbols.text(fit(f" {entry.info.name}", max(width - len(sign) - len(age), 1)))
    room = width - len(sign) - len(age) - layout.segment(name).cell_length
    message = _fitted(layout.symbols.text(f" {words.cause(entry, _MESSAGE)}"), min(room, _MESSAGE), layout)
    return layout.line(
        (sign, palette.states[entry.severity]), (name, palette.strong), message, (age, palette.dim)
    )


def _fitted(text: str, room: int, layout: TextLayout) -> str:
    return text if cell_len(text) <= room else cut(text, max(room, 0), layout.symbols)
