"""The wall: its tiles, the counts and the time in large digits, and the endpoints in trouble. Pure.

A tile has any size::

    ● api-us   42ms     ✖ api-eu            ✖ api-eu
                        DOWN           2m   DOWN
                        connection refused  connection refused

                                            █ █ ▀▀█
                                            ▀▀█ █▀▀
                                              ▀ ▀▀▀ m

Below the tiles::

    ▀▀█     ▀▀█          ▀█  █ █ ▀█         ▀█  █ █  ▄  █▀█ ▀▀█
    █▀▀     ▀▀█           █  ▀▀█  █          █  ▀▀█  ▄  █ █ ▀▀█
    ▀▀▀     ▀▀▀          ▀▀▀   ▀ ▀▀▀        ▀▀▀   ▀     ▀▀▀ ▀▀▀
    ✖ DOWN  ▲ degraded   ● up               :22  data 0s old
     ✖ DOWN  api-eu connection refused 2m
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from monitor.model import State
from monitor.tui.data.board import Entry
from monitor.tui.data.moments import clock
from monitor.tui.drawing import words
from monitor.tui.drawing.columns import DrawContext, cut, signs
from monitor.tui.drawing.digits import LARGE_LINES, LINES, digits
from monitor.tui.drawing.text_layout import Segments, TextLayout, fit, flowed, width_of, wrap
from monitor.tui.lists.order import PROBLEMS, SEVERITY
from monitor.tui.terminal.symbols import WORDS

_STALE, _DEAD = 5.0, 30.0
"""Seconds from which the data's age is a warning, and an alarm."""
_FORMS = ((True, True), (False, True), (False, False))
"""The size of digits, and whether the states' words are below them."""

_MOST = 100
"""Limit of listed endpoints; the rest is a number."""
_MESSAGE = 60
"""Limit of an endpoint's message in cells."""

_Count = tuple[State, int]
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
        _flat_tile(entry, width - 2 * margin, context)
        if height == 1
        else _high_tile(entry, width - 2, height, context)
    )
    above = min((height - 2) // 4, height - len(lines))
    rows = [("", fill)] * above + [(text, fill + style) for text, style in lines]
    rows += [("", fill)] * (height - len(rows))
    return [[Segment(cut(" " * margin + text, width, context.symbols), style)] for text, style in rows]


_Row = tuple[str, Style]
_BOLD, _USUAL = Style(bold=True), Style.null()


def _flat_tile(entry: Entry, width: int, context: DrawContext) -> list[_Row]:
    answers = entry.status.state in _ANSWERING
    figure = _figure(entry, context)
    if not answers:
        state = words.state(entry.status, brief=True)
        figure = f"{state} {figure}" if width >= _ROOMY else state
    return [(_apart(_name(entry, context), figure, width, context), _BOLD)]


def _high_tile(entry: Entry, width: int, height: int, context: DrawContext) -> list[_Row]:
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


def counters(counts: Mapping[State, int], width: int, height: int, context: DrawContext) -> list[Segments]:
    """The present states, worst first, in the largest form that fits into ``height`` lines."""
    shown = [(state, counts[state]) for state in SEVERITY if counts.get(state)]
    fitting = (lines for lines in _forms(shown, context) if len(lines) <= height and _widest(lines) <= width)
    return next(fitting, [])


def _forms(shown: Sequence[_Count], context: DrawContext) -> Iterator[list[Segments]]:
    layout, signs = TextLayout(context.symbols, context.palette), context.symbols.states
    for large, labelled in _FORMS:
        labels = [f"{signs[state]} {WORDS[state]}" if labelled else signs[state] for state, _ in shown]
        yield _high(shown, labels, layout, large=large)
    yield _flat(shown, [f"{signs[state]} {count} {WORDS[state]}" for state, count in shown], layout)
    for kept in range(len(shown), -1, -1):
        yield _flat(shown, [f"{signs[state]}{count}" for state, count in shown[:kept]], layout)


def _high(
    shown: Sequence[_Count], labels: Sequence[str], layout: TextLayout, *, large: bool
) -> list[Segments]:
    lines: list[Segments] = [layout.line(" ") for _ in range((LARGE_LINES if large else LINES) + 1)]
    for (state, count), label in zip(shown, labels, strict=True):
        rows = [*digits(str(count), layout.symbols, large=large), label]
        across = max(map(len, rows)) + 2
        for line, row in zip(lines, rows, strict=True):
            line += layout.line((f" {row}".ljust(across), layout.palette.states[state]), " ")
    return lines


def _flat(shown: Sequence[_Count], texts: Sequence[str], layout: TextLayout) -> list[Segments]:
    parts = zip(shown, texts, strict=False)
    return [
        [
            segment
            for (state, _), text in parts
            for segment in layout.line(" ", (text, layout.palette.states[state]))
        ]
    ]


def _widest(lines: Sequence[Segments]) -> int:
    return max(map(width_of, lines))


def pulse(age: float | None, height: int, context: DrawContext) -> list[Segments]:
    """The time; its last line has the seconds and the data's age (None: no data yet).

    On a dead screen the seconds stop; with a dead engine the data's age grows. A past moment stands still
    too.
    """
    layout = TextLayout(context.symbols, context.palette)
    if height <= LINES:
        return [[layout.segment(f"{clock(context.now)} "), *_age(age, context, layout)]]
    large = height > LARGE_LINES
    hours = [
        [layout.segment(row)] for row in digits(clock(context.now, "%H:%M"), context.symbols, large=large)
    ]
    return [*hours, [layout.segment(clock(context.now, ":%S  ")), *_age(age, context, layout)]]


def _age(age: float | None, context: DrawContext, layout: TextLayout) -> Segments:
    palette = layout.palette
    if context.past:
        return layout.line(("the past", palette.warn))
    if age is None:
        return layout.line(("no data yet", palette.warn))
    style = palette.dim if age < _STALE else palette.warn if age < _DEAD else palette.states[State.DOWN]
    seconds = f"{int(max(age, 0))}s" if age < 100 else words.age(age)
    return layout.line((f"data {seconds} old", style))


def headlines(entries: Iterable[Entry], width: int, context: DrawContext) -> list[Segments]:
    """The ``entries`` in trouble, worst first, as many per line of at most ``width`` cells as fit.

    The wall shows one of the lines at a time.
    """
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
