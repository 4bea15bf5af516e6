"""Several endpoints' latencies on one chart, and the legend below it. Pure.

::

               B            A                      who failed, ✖ for several at once
    400 ms ┤        B
    200 ms ┤ ⣀⣀⡠B⠤⠔⠒⠒⠁ ⠒⠤⣀  ⡠⠤B⠤⠤⠤⠤B                each curve has a colour, and its letter here and there
      0 ms ┤⠤⠤⠤⠤⠤A⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤A⠤⠤⠤⠤A
            14:00      14:05      14:10

In ASCII the curves are drawn with their letters alone. The legend has figures::

       ENDPOINT            LATEST      P50      P95       MAX  FAILED
    ▌A ✖ api-eu                 -  40.1 ms  88.0 ms    310 ms  14 of 120
     B ● api-us           41.7 ms  40.0 ms  61.0 ms   88.0 ms  0 of 120
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style

from monitor.link.messages import Point
from monitor.syntax.duration import format_ms
from monitor.tui.data.board import Entry
from monitor.tui.data.moments import clock
from monitor.tui.data.window import Window, measured
from monitor.tui.drawing.axes import Axes
from monitor.tui.drawing.chart import Sign, merged
from monitor.tui.drawing.columns import cut
from monitor.tui.drawing.text_layout import Segments, TextLayout, padded

_BETWEEN = 16
"""Distance in cells between a curve's letters; larger with many curves."""
_BOLD = Style(bold=True)
_FIGURE = 9
"""Cells of a column of latencies in the legend."""
_FAILED = 12
_NAME = 12
"""Minimum width of a name in cells; columns are dropped to keep it."""
_RANK = ("FAILED", "P95", "P50", "MAX")
"""The legend's columns; the first ones stay longest."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One endpoint's curve; all windows of a chart have the same start and end."""

    letter: str
    style: Style
    window: Window


class Overlay:
    """One drawing. If curves share a cell, the first of ``curves`` is in front."""

    def __init__(
        self,
        curves: Sequence[Curve],
        width: int,
        height: int,
        layout: TextLayout,
        cursor_at: float | None = None,
    ) -> None:
        self.curves, self.layout = curves, layout
        whole = curves[0].window
        points = (point for curve in curves for point in curve.window.points if measured(point))
        most = max((point.latency_ms for point in points), default=0.0)
        self.axes = Axes(whole.start, whole.end, most, width, height - 2, layout)
        self.cursor = None if cursor_at is None else self.axes.column(cursor_at)
        self._masks = [self.axes.masks(curve.window.points) for curve in curves]
        self._letters = self._placed_letters()

    def lines(self) -> list[Segments]:
        """All lines: failures, curves, time axis."""
        rows = reversed(range(self.axes.rows))
        body = [self.axes.beside(row) + merged(self._row(row)) for row in rows]
        return [self.axes.above() + merged(self._failures()), *body, self.axes.clock()]

    def _row(self, row: int) -> Iterator[Sign]:
        return (self._cell(row, column) for column in range(self.axes.columns))

    def _cell(self, row: int, column: int) -> Sign:
        palette, cells = self.layout.palette, self.axes.cells
        letter = self._letters.get((row, column))
        here = [place for place, masks in enumerate(self._masks) if masks[row][column]]
        front = letter if letter is not None else here[0] if here else None
        if front is None:
            if column == self.cursor:
                return ("│" if cells.unicode else ":"), palette.strong
            return " ", palette.text
        curve, style = self.curves[front], self.curves[front].style
        if column == self.cursor:
            style += palette.cursor
        if letter is not None or not cells.unicode:
            return curve.letter, style + _BOLD
        mask = 0
        for place in here:
            mask |= self._masks[place][row][column]
        return cells.sign(mask), style

    def _placed_letters(self) -> dict[tuple[int, int], int]:
        """The cells of the curves' letters, at intervals and without overlaps."""
        taken: dict[tuple[int, int], int] = {}
        step = max(_BETWEEN, 3 * len(self.curves))
        for place, masks in enumerate(self._masks):
            first = (place * step // len(self.curves) + self.axes.columns - 1) % step
            for column in range(first, self.axes.columns, step):
                rows = [row for row in range(self.axes.rows) if masks[row][column]]
                free = [row for row in rows if (row, column) not in taken]
                if free:
                    taken[free[-1], column] = place
        return taken

    def _failures(self) -> Iterator[Sign]:
        """The line of failures."""
        palette, symbols = self.layout.palette, self.layout.symbols
        failed: dict[int, set[str]] = {}
        for curve in self.curves:
            for point in curve.window.points:
                if point.outcome == "d":
                    failed.setdefault(self.axes.column(point.at), set()).add(curve.letter)
        for column in range(self.axes.columns):
            letters = failed.get(column, set())
            if letters:
                yield (next(iter(letters)) if len(letters) == 1 else symbols.failure), palette.bad
            elif column == self.cursor:
                yield symbols.descending, palette.strong
            else:
                yield " ", palette.text


@dataclass(frozen=True, slots=True)
class LegendRow:
    """One endpoint in the legend; ``sample`` is the one at the cursor or the newest, None without one."""

    entry: Entry
    curve: Curve
    sample: Point | None
    wrong: str = ""
    """Why the engine returned no details."""


def legend(
    rows: Sequence[LegendRow], selected: int, at: float | None, width: int, layout: TextLayout
) -> list[Segments]:
    """A line of titles, and one per row; ``at`` is the cursor's time, None for the newest samples."""
    latest = "LATEST" if at is None else clock(at)
    columns = _fitting(width)
    room = max(width - 5 - _FIGURE - 1 - sum(_width(column) + 1 for column in columns), 1)
    room = min(room, max([_NAME, *(cell_len(_name(row)) for row in rows)]))
    titles = "".join(f" {column:>{_width(column)}}" for column in columns)
    head = "     " + cut("ENDPOINT", room, layout.symbols) + f" {latest:>{_FIGURE}}{titles}"
    drawn = [_row(row, place == selected, columns, room, layout) for place, row in enumerate(rows)]
    return [
        padded(line, width, layout.palette.text)
        for line in [layout.line((head, layout.palette.title)), *drawn]
    ]


def _fitting(width: int) -> list[str]:
    shown = list(_RANK)
    while shown and 5 + _NAME + _FIGURE + 1 + sum(_width(column) + 1 for column in shown) > width:
        shown.pop()
    return [column for column in ("P50", "P95", "MAX", "FAILED") if column in shown]


def _width(column: str) -> int:
    return _FAILED if column == "FAILED" else _FIGURE


def _row(row: LegendRow, here: bool, columns: Sequence[str], room: int, layout: TextLayout) -> Segments:
    palette, symbols, state = layout.palette, layout.symbols, row.entry.status.state
    figures = _figures(row.curve.window)
    cells = "".join(f" {figures[column]:>{_width(column)}}" for column in columns)
    return layout.line(
        (symbols.cursor if here else " ", palette.accent),
        (f"{row.curve.letter} ", row.curve.style),
        (symbols.states[state], palette.states[state]),
        (f" {cut(_name(row), room, symbols)}", palette.strong if here else palette.text),
        (f" {_latest(row.sample):>{_FIGURE}}", palette.bad if _failed(row.sample) else palette.text),
        (cells, palette.text),
    )


def _name(row: LegendRow) -> str:
    return f"{row.entry.info.name} ({row.wrong})" if row.wrong else row.entry.info.name


def _failed(sample: Point | None) -> bool:
    return sample is not None and sample.outcome == "d"


def _latest(sample: Point | None) -> str:
    if sample is None:
        return "-"
    if not measured(sample):
        return "failed" if _failed(sample) else "unknown"
    return format_ms(sample.latency_ms)


def _figures(window: Window) -> dict[str, str]:
    figures = window.figures()
    latencies = {"P50": figures.p50, "P95": figures.p95, "MAX": figures.maximum}
    shown = {title: "-" if ms is None else format_ms(ms) for title, ms in latencies.items()}
    return shown | {"FAILED": f"{figures.failed} of {figures.checks}"}
