"""The table's columns: what each shows, how wide it is, and which go first when there is no room.

What changes with every check stands on the left, because a terminal is sent a line from its left
edge to the end of the change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

from monitor.model import State
from monitor.tui import words
from monitor.tui.board import Entry
from monitor.tui.symbols import Symbols
from monitor.tui.theme import Palette
from monitor.tui.widgets.sparkline import sparkline

Cell = tuple[Segment, ...]

ROOMY = 110
"""Cells of width from which columns have their full width."""
CERT_SOON = 30
"""Days left below which a certificate is told of beside an endpoint that is up."""


@dataclass(frozen=True, slots=True)
class Look:
    """How things are drawn: signs, styles, and the present time, seconds since the epoch."""

    symbols: Symbols
    palette: Palette
    now: float


@dataclass(frozen=True, slots=True)
class Column:
    """``title`` may have a short form after a blank. The highest ``rank`` goes first on a narrow screen."""

    name: str
    title: str
    narrow: int
    wide: int
    rank: int
    draw: Callable[[Entry, int, Look], Cell]
    sort_by: str | None = None
    right: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A column that found its place: cells from the table's left edge, and its width."""

    column: Column
    x: int
    width: int


def cut(text: str, width: int, symbols: Symbols) -> str:
    """``text`` in exactly ``width`` cells, wide characters counted as two."""
    text = symbols.text(text)
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1) + symbols.ellipsis if width > 1 else set_cell_size(text, width)


def _cell(text: str, width: int, style: Style, look: Look) -> Cell:
    return (Segment(cut(text, width, look.symbols), style),)


def _right(text: str, width: int, style: Style) -> Cell:
    return (Segment(text.rjust(width)[:width], style),)


def _state(entry: Entry, width: int, look: Look) -> Cell:
    row, symbols = entry.row, look.symbols
    signs = (symbols.acknowledged, row.acknowledged), (symbols.flapping, row.flapping)
    marks = "".join(f" {sign}" for sign, on in signs if on)
    room = max(width - len(marks) - 2, 1)
    word = words.state(row)
    if len(word) > room:
        word = words.state(row, brief=True)[:room]
    return _cell(f"{symbols.states[row.state]} {word}{marks}", width, look.palette.states[row.state], look)


def _latency(entry: Entry, width: int, look: Look) -> Cell:
    limit, ms = entry.card.warn_latency_ms, entry.row.latency_ms
    slow = ms is not None and limit is not None and ms > limit
    return _right(words.latency(ms), width, look.palette.warn if slow else look.palette.text)


def _recent(entry: Entry, width: int, look: Look) -> Cell:
    warn = entry.card.warn_latency_ms
    drawn = sparkline(
        entry.outcomes, entry.latencies, width, warn_ms=warn, symbols=look.symbols, palette=look.palette
    )
    return tuple(drawn)


def _uptime(entry: Entry, width: int, look: Look) -> Cell:
    share = entry.row.uptime
    style = look.palette.warn if share is not None and share < 0.99 else look.palette.dim
    return _right(words.uptime(share), width, style)


def _since(entry: Entry, width: int, look: Look) -> Cell:
    return _right(words.age(look.now - entry.row.since), width, look.palette.dim)


def _name(entry: Entry, width: int, look: Look) -> Cell:
    return _cell(entry.card.name, width, look.palette.strong, look)


def _detail(entry: Entry, width: int, look: Look) -> Cell:
    row, palette = entry.row, look.palette
    if row.state not in (State.UP, State.PAUSED, State.PENDING):
        return _cell(row.message or (row.reason or ""), width, palette.text, look)
    days = entry.cert_days(look.now)
    if days is None or days >= CERT_SOON:
        return _cell(row.message, width, palette.dim, look)
    return _cell(
        " · ".join(filter(None, (f"cert {words.days(days)}", row.message))), width, palette.warn, look
    )


def _group(entry: Entry, width: int, look: Look) -> Cell:
    return _cell(entry.card.group, width, look.palette.dim, look)


def _kind(entry: Entry, width: int, look: Look) -> Cell:
    return _cell(entry.card.kind, width, look.palette.dim, look)


def _cert(entry: Entry, width: int, look: Look) -> Cell:
    days = entry.cert_days(look.now)
    style = look.palette.warn if days is not None and days < CERT_SOON else look.palette.dim
    return _right(words.days(days), width, style)


COLUMNS: tuple[Column, ...] = (
    Column("state", "STATE", 10, 13, 0, _state, "severity"),
    Column("latency", "LATENCY LAT", 6, 8, 3, _latency, "latency", right=True),
    Column("recent", "RECENT", 10, 24, 5, _recent),
    Column("uptime", "UPTIME", 6, 7, 6, _uptime, "uptime", right=True),
    Column("since", "SINCE AGE", 4, 5, 4, _since, "since", right=True),
    Column("name", "NAME", 14, 24, 1, _name, "name"),
    Column("detail", "DETAIL", 12, 24, 2, _detail),
    Column("group", "GROUP", 0, 12, 7, _group, "group"),
    Column("kind", "TYPE", 0, 8, 9, _kind, "kind"),
    Column("cert", "CERT", 0, 5, 8, _cert, "cert", right=True),
)
GUTTER = 2
"""Cells before the first column, for the cursor and the mark."""


def fit(width: int, longest_name: int) -> list[Placed]:
    """Which columns a table of ``width`` cells has, and where; state and name stay to the last."""
    roomy = width >= ROOMY
    most = {"name": max(longest_name, 8)}
    wanted = [(column, column.wide if roomy else column.narrow) for column in COLUMNS]
    chosen = [(column, min(size, most.get(column.name, size))) for column, size in wanted if size]
    while len(chosen) > 2 and _needed(chosen) > width:
        chosen.remove(max(chosen, key=lambda pair: pair[0].rank))
    return _placed(_spread(chosen, width - _needed(chosen), longest_name))


def _needed(columns: Sequence[tuple[Column, int]]) -> int:
    return GUTTER + sum(size for _, size in columns) + len(columns) - 1


def _spread(columns: Iterable[tuple[Column, int]], spare: int, longest_name: int) -> list[tuple[Column, int]]:
    """Give the room left to a short detail, the name, as far as names are long, and then to all of it."""
    sizes = {column.name: size for column, size in columns}
    last = "detail" if "detail" in sizes else "name"
    wishes = ("detail", 20), ("name", max(longest_name, 8)), ("detail", 40), ("recent", 40), (last, 1000)
    for name, most in wishes:
        if name in sizes:
            extra = min(max(most - sizes[name], 0), spare) if spare > 0 else 0
            sizes[name] += extra
            spare -= extra
    if spare < 0:
        sizes["name"] = max(sizes["name"] + spare, 1)
    return [(column, sizes[column.name]) for column in COLUMNS if column.name in sizes]


def _placed(columns: Iterable[tuple[Column, int]]) -> list[Placed]:
    placed, x = [], GUTTER
    for column, width in columns:
        placed.append(Placed(column, x, width))
        x += width + 1
    return placed
