"""The table's columns: contents, widths, and their order of dropping on narrow screens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

from monitor.link.messages import EndpointStatus
from monitor.model import LocationResult, State
from monitor.syntax.duration import format_validity_briefly
from monitor.tui.data import uptimes
from monitor.tui.data.board import Entry
from monitor.tui.data.moments import clock
from monitor.tui.drawing import words
from monitor.tui.drawing.certificate import SOON_DAYS
from monitor.tui.drawing.sparkline import sparkline
from monitor.tui.terminal.symbols import Symbols
from monitor.tui.terminal.theme import Palette

Cell = tuple[Segment, ...]

_LOW_UPTIME = 9900
"""Hundredths of a per cent below which an uptime is marked."""
LOCATIONS = "locations"
"""The column that only a cluster has."""


@dataclass(frozen=True, slots=True)
class DrawContext:
    """The drawing context: symbols, styles, and the current time in seconds since the epoch."""

    symbols: Symbols
    palette: Palette
    now: float
    past: bool = False
    """Whether ``now`` is a past moment."""
    utc: bool = False
    """Whether times are in UTC."""
    read_only: bool = False
    """Whether commands are refused."""

    @property
    def look(self) -> object:
        """The operator's choices that change the whole screen."""
        return self.palette, self.utc


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``title`` may have a short form after a blank. The highest ``rank`` is dropped first."""

    name: str
    title: str
    narrow: int
    wide: int
    rank: int
    draw: Callable[[Entry, int, DrawContext], Cell]
    help: str
    sort_by: str | None = None
    right: bool = False


def cut(text: str, width: int, symbols: Symbols) -> str:
    """``text`` in exactly ``width`` cells, wide characters counted as two."""
    text = symbols.text(text)
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1) + symbols.ellipsis if width > 1 else set_cell_size(text, width)


def _cell(text: str, width: int, style: Style, context: DrawContext) -> Cell:
    return (Segment(cut(text, width, context.symbols), style),)


def _right(text: str, width: int, style: Style) -> Cell:
    return (Segment(text.rjust(width)[:width], style),)


def signs(row: EndpointStatus, symbols: Symbols) -> list[str]:
    """The marks beside a state: acknowledged, silenced, flapping."""
    marks = (
        (symbols.acknowledged, row.acknowledged),
        (symbols.silenced, row.silenced),
        (symbols.flapping, row.flapping),
    )
    return [sign for sign, on in marks if on]


def _state(entry: Entry, width: int, context: DrawContext) -> Cell:
    row, symbols = entry.status, context.symbols
    marks = "".join(f" {sign}" for sign in signs(row, symbols))
    room = max(width - len(marks) - 2, 1)
    word = words.state(row)
    if len(word) > room:
        word = words.state(row, brief=True)
    if len(word) > room:
        word = word.partition(" ")[0][:room]
    return _cell(
        f"{symbols.states[row.state]} {word}{marks}", width, context.palette.states[entry.severity], context
    )


def _latency(entry: Entry, width: int, context: DrawContext) -> Cell:
    limit, ms = entry.info.warn_latency_ms, entry.status.latency_ms
    slow = ms is not None and limit is not None and ms > limit
    return _right(words.latency(ms), width, context.palette.warn if slow else context.palette.text)


def _recent(entry: Entry, width: int, context: DrawContext) -> Cell:
    warn = entry.info.warn_latency_ms
    drawn = sparkline(
        entry.outcomes, entry.latencies, width, warn_ms=warn, symbols=context.symbols, palette=context.palette
    )
    return tuple(drawn)


def _uptime(entry: Entry, width: int, context: DrawContext, *, window: str) -> Cell:
    shown = uptimes.shown(entry, window)
    low = shown is not None and shown < _LOW_UPTIME
    return _right(words.per_cent(shown), width, context.palette.warn if low else context.palette.dim)


def _since(entry: Entry, width: int, context: DrawContext) -> Cell:
    return _right(words.age(context.now - entry.status.since), width, context.palette.dim)


def _name(entry: Entry, width: int, context: DrawContext) -> Cell:
    return _cell(entry.info.name, width, context.palette.strong, context)


def _detail(entry: Entry, width: int, context: DrawContext) -> Cell:
    row, palette = entry.status, context.palette
    marks = words.marks(row, context.now)
    if row.state not in (State.UP, State.PAUSED, State.PENDING):
        return _cell(_joined(words.cause(entry, width), *marks), width, palette.text, context)
    days = entry.cert_days(context.now)
    slower = words.slower(row.slower, context.now) if row.slower and row.state is State.UP else ""
    if days is None or days >= SOON_DAYS:
        style = palette.warn if slower else palette.dim
        return _cell(_joined(slower, row.message, *marks), width, style, context)
    text = _joined(f"cert {format_validity_briefly(days)}", slower, row.message, *marks)
    return _cell(text, width, _validity_style(days, palette), context)


def _validity_style(days: float, palette: Palette) -> Style:
    return palette.bad if days < 0 else palette.warn if days < SOON_DAYS else palette.dim


def outcome(one: LocationResult, entry: Entry, now: float) -> State:
    """The state that stands for a location's last result; an overdue one counts as inconclusive."""
    info = entry.info
    overdue = now - one.checked_at > 2 * info.interval + info.timeout
    return State.INCONCLUSIVE if overdue else State(one.status)


def _locations(entry: Entry, width: int, context: DrawContext) -> Cell:
    """``eu● us✖ ap●``: as many as there is room for, and the number of the others."""
    found = entry.status.locations
    cells: list[Segment] = []
    used = 0
    for at, one in enumerate(found):
        state = outcome(one, entry, context.now)
        text = f"{' ' if at else ''}{one.location}{context.symbols.states[state]}"
        more = f" +{len(found) - at}"
        last = at == len(found) - 1
        if used + len(text) + (0 if last else len(more)) > width:
            cells.append(Segment(more.strip() if not at else more, context.palette.dim))
            used += len(more.strip() if not at else more)
            break
        cells.append(Segment(text, context.palette.states[state]))
        used += len(text)
    return (*cells, Segment(" " * max(width - used, 0), context.palette.dim))


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _p95(entry: Entry, width: int, context: DrawContext) -> Cell:
    return _right(words.latency(entry.p95_ms()), width, context.palette.dim)


def _checked(entry: Entry, width: int, context: DrawContext) -> Cell:
    at = entry.status.checked_at
    text = "-" if at is None else clock(at)
    return _right(text, width, context.palette.dim)


def _streak(entry: Entry, width: int, context: DrawContext) -> Cell:
    row = entry.status
    return _right(f"{row.streak}/{row.needed}" if row.needed else "", width, context.palette.text)


def _dim(text: Callable[[Entry], str]) -> Callable[[Entry, int, DrawContext], Cell]:
    """Draws a value that rarely changes."""
    return lambda entry, width, context: _cell(text(entry), width, context.palette.dim, context)


def _cert(entry: Entry, width: int, context: DrawContext) -> Cell:
    days = entry.cert_days(context.now)
    if days is None:
        return _right("-", width, context.palette.dim)
    return _right(format_validity_briefly(days), width, _validity_style(days, context.palette))


def _uptime_column(window: str, period: str, rank: int) -> Column:
    name, draw = uptimes.NAMES[window], partial(_uptime, window=window)
    help = f"share of the {period} that it was not down"
    return Column(name, f"UP{window.upper()}", 6, 7, rank, draw, help, name, right=True)


_ALL = (
    Column("state", "STATE", 10, 13, 0, _state, "how it is, and how far that is confirmed", "severity"),
    Column("name", "NAME", 14, 24, 1, _name, "its name", "name"),
    Column("detail", "DETAIL", 12, 24, 2, _detail, "the last check's message"),
    Column("since", "SINCE AGE", 4, 5, 5, _since, "how long it has been in this state", "since", right=True),
    Column("recent", "RECENT", 10, 24, 6, _recent, "the last checks, failures marked"),
    Column("latency", "LATENCY LAT", 6, 8, 3, _latency, "of the last check", "latency", right=True),
    Column("p95", "P95", 6, 8, 8, _p95, "95 % of the last 120 checks were as fast", "p95", right=True),
    _uptime_column("1h", "last hour", 17),
    _uptime_column("24h", "last 24 hours", 7),
    _uptime_column("7d", "last 7 days", 18),
    _uptime_column("30d", "last 30 days", 19),
    Column("streak", "STREAK", 6, 6, 15, _streak, "how far a change of state is confirmed", right=True),
    Column("checked", "CHECKED", 8, 8, 16, _checked, "when it was last checked", "checked", right=True),
    Column(
        "reason",
        "REASON",
        12,
        18,
        14,
        _dim(lambda one: one.status.reason or ""),
        "why it is not up",
        "reason",
    ),
    Column("target", "TARGET", 16, 32, 12, _dim(lambda one: one.info.target), "its address", "target"),
    Column("group", "GROUP", 8, 16, 9, _dim(lambda one: one.info.group), "its group", "group"),
    Column("tags", "TAGS", 8, 16, 13, _dim(lambda one: " ".join(one.info.tags)), "its tags"),
    Column("kind", "TYPE", 5, 8, 11, _dim(lambda one: one.info.kind), "the kind of check", "kind"),
    Column(
        "cert",
        "CERT",
        4,
        5,
        10,
        _cert,
        "days until the first certificate of its chain ends",
        "cert",
        right=True,
    ),
    Column(
        LOCATIONS, "LOCATIONS WHERE", 9, 14, 4, _locations, "the last result of each location of a cluster"
    ),
)
COLUMNS: Mapping[str, Column] = {column.name: column for column in _ALL}
"""Columns by name, in the default order: state, name and cause, which operators read first, then figures.

Only ages below a minute change every second; if all did, that would be 14 kB/s all day.
"""
