"""What is wrong, as many endpoints to a line as fit; the wall shows the lines one after another. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from monitor.tui.data.board import Entry
from monitor.tui.drawing import words
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.drawing.text_layout import Pen, Segments, fit, flowed
from monitor.tui.lists.order import PROBLEMS

_MOST = 100
"""Endpoints that are told of; of more, the number."""
_MESSAGE = 60
"""Cells of an endpoint's message."""


def headlines(entries: Iterable[Entry], width: int, context: DrawContext) -> list[Segments]:
    """Lines of at most ``width`` cells about those of ``entries``, worst first, that are in trouble."""
    pen = Pen(context.symbols, context.palette)
    wrong = [entry for entry in entries if entry.row.state in PROBLEMS]
    chunks = [_headline(entry, width, pen, context.now) for entry in islice(wrong, _MOST)]
    if len(wrong) > _MOST:
        chunks.append(pen.line((f"and {len(wrong) - _MOST} more", pen.palette.strong)))
    return flowed(chunks, width, pen.segment("   "))


def _headline(entry: Entry, width: int, pen: Pen, now: float) -> Segments:
    row, palette = entry.row, pen.palette
    sign = f" {pen.symbols.states[row.state]} {words.state(row)} "
    age = f" {words.age(now - row.since)}"
    name = pen.symbols.text(fit(f" {entry.card.name}", max(width - len(sign) - len(age), 1)))
    room = width - len(sign) - len(age) - pen.segment(name).cell_length
    message = fit(pen.symbols.text(f" {row.message or (row.reason or '')}"), min(room, _MESSAGE))
    return pen.line((sign, palette.states[row.state]), (name, palette.strong), message, (age, palette.dim))
