"""One endpoint's tile on the wall, for any size. Pure.

::

    ● api-us   42ms     ✖ api-eu            ✖ api-eu
                        DOWN           2m   DOWN
                        connection refused  connection refused

                                            █ █ ▀▀█
                                            ▀▀█ █▀▀
                                              ▀ ▀▀▀ m
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from monitor.model import State
from monitor.tui.data.board import Entry
from monitor.tui.drawing import words
from monitor.tui.drawing.columns import DrawContext, cut, signs
from monitor.tui.drawing.digits import LINES, digits
from monitor.tui.drawing.text_layout import Segments, wrap
from monitor.tui.lists.order import PROBLEMS

_ANSWERING = (State.UP, State.DEGRADED)
"""States whose tile shows the latency; the others show their duration."""
_ROOMY = 24
"""Width in cells from which even a flat tile has a margin."""
_MOST_REASON = 3
"""Limit of a message in lines."""


def tile(entry: Entry, width: int, height: int, context: DrawContext) -> list[Segments]:
    """Exactly ``height`` lines of ``width`` cells, filled with the colour of the state."""
    fill = context.palette.tiles[entry.severity]
    margin = 1 if height > 1 or width >= _ROOMY else 0
    lines = (
        _flat(entry, width - 2 * margin, context) if height == 1 else _high(entry, width - 2, height, context)
    )
    above = min((height - 2) // 4, height - len(lines))
    rows = [("", fill)] * above + [(text, fill + style) for text, style in lines]
    rows += [("", fill)] * (height - len(rows))
    return [[Segment(cut(" " * margin + text, width, context.symbols), style)] for text, style in rows]


_Row = tuple[str, Style]
_BOLD, _USUAL = Style(bold=True), Style.null()


def _flat(entry: Entry, width: int, context: DrawContext) -> list[_Row]:
    answers = entry.status.state in _ANSWERING
    figure = _figure(entry, context)
    if not answers:
        state = words.state(entry.status, brief=True)
        figure = f"{state} {figure}" if width >= _ROOMY else state
    return [(_apart(_name(entry, context), figure, width, context), _BOLD)]


def _high(entry: Entry, width: int, height: int, context: DrawContext) -> list[_Row]:
    name = (_name(entry, context), _BOLD)
    room = height - 2 - LINES - 1
    most = _MOST_REASON if entry.status.state in PROBLEMS else min(room, 1)
    number = _number(entry, width, context) if room >= most >= 0 else []
    if not number:
        state = _apart(_state(entry, width - 6, context), _figure(entry, context), width, context)
        return [name, (state, _USUAL), *((row, _USUAL) for row in _rest(entry, width, height - 2, context))]
    rest = _rest(entry, width, most, context)
    rest += [""] * (most - len(rest))  # so that the figures of neighbouring tiles are aligned
    return [name, (_state(entry, width, context), _USUAL), *((row, _USUAL) for row in rest), *number]


def _name(entry: Entry, context: DrawContext) -> str:
    return f"{context.symbols.states[entry.status.state]} {context.symbols.text(entry.info.name)}"


def _state(entry: Entry, width: int, context: DrawContext) -> str:
    marks = signs(entry.status, context.symbols)
    full, brief = (" ".join((words.state(entry.status, brief=short), *marks)) for short in (False, True))
    return full if len(full) <= width else brief


def _figure(entry: Entry, context: DrawContext) -> str:
    row = entry.status
    return (
        words.rough_latency(row.latency_ms) if row.state in _ANSWERING else words.age(context.now - row.since)
    )


def _apart(left: str, right: str, width: int, context: DrawContext) -> str:
    """``left`` truncated, and ``right`` at the right edge."""
    return cut(left, width - len(right) - 1, context.symbols) + f" {right}"


def _rest(entry: Entry, width: int, height: int, context: DrawContext) -> list[str]:
    """The further text: the message of a problem, or the group of a healthy endpoint."""
    row = entry.status
    if row.state not in PROBLEMS:
        return [context.symbols.text(entry.info.group)][: height if entry.info.group else 0]
    rows = wrap(context.symbols.text(words.cause(entry)), width)
    most = min(height, _MOST_REASON)
    return rows if len(rows) <= most else [*rows[: most - 1], " ".join(rows[most - 1 :])][:most]


def _number(entry: Entry, width: int, context: DrawContext) -> list[_Row]:
    """The figure in large digits below a blank line; empty if it is too wide, or missing."""
    figure = _figure(entry, context)
    number = figure.rstrip("smhdw")
    if not any(map(str.isdigit, number)):
        return []
    lines = digits(number, context.symbols)
    lines[-1] += f" {figure.removeprefix(number)}"
    return [("", _USUAL), *((line, _BOLD) for line in lines)] if cell_len(lines[-1]) <= width else []
