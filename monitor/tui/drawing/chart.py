"""Latency over time, in braille dots, blocks or ASCII. Pure.

::

    p50 41.2 ms · p95 88.0 ms · p99 120 ms · failed 2 of 120 · max 310 ms     legend, or the cursor's sample
            ✖   ✖  ▲                                                           failed, degraded, unknown
    400 ms ┤        ⡇
    200 ms ┤┄┄┄┄┄┄┄┄⡇┄┄┄┄┄┄┄┄┄┄┄┄┄┄                                            what `warn` allows
      0 ms ┤⣀⣀⡠⠤⠔⠒⠒⠁ ⠒⠤⣀                                                       least to greatest per column
            14:00      14:05      14:10

Over days and longer, the curve is the band from the 50th to the 95th percentile, from the history.

Each column spans the lowest and the highest latency of its time, so that a spike stays visible however many
samples share a column. The curve breaks where a check failed, was inconclusive, or is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise

from rich.segment import Segment
from rich.style import Style

from monitor.model import State
from monitor.syntax.duration import format_ms
from monitor.tui.data.moments import clock
from monitor.tui.data.window import PASSED, Window, measured
from monitor.tui.drawing.axes import Axes
from monitor.tui.drawing.text_layout import Segments, TextLayout, flowed, padded

_WORDS = {"u": "up", "g": "degraded", "d": "down", "i": "inconclusive"}
Sign = tuple[str, Style]
"""The contents of a cell."""


def outcome_style(outcome: str, layout: TextLayout) -> Style:
    """The style of one check's outcome, by its letter."""
    palette = layout.palette
    styles = {"u": palette.good, "g": palette.states[State.DEGRADED], "d": palette.bad}
    return styles.get(outcome, palette.dim)


def merged(cells: Iterable[Sign]) -> Segments:
    """A line of cells; neighbours of the same style are one segment."""
    runs = groupby(cells, key=lambda cell: cell[1])
    return [Segment("".join(sign for sign, _ in run), style) for style, run in runs]


class Plot:
    """One drawing: the axes, the curve, and the failures above."""

    def __init__(
        self,
        window: Window,
        width: int,
        height: int,
        layout: TextLayout,
        warn_ms: float | None,
        cursor: int | None,
    ) -> None:
        self.window, self.layout = window, layout
        most = max((point.latency_ms for point in window.points if measured(point)), default=0.0)
        self.warn_ms = warn_ms if warn_ms and (not most or warn_ms <= most * 4) else None
        self.axes = Axes(window.start, window.end, max(most, self.warn_ms or 0.0), width, height - 1, layout)
        self.remarkable = self._worst_outcomes()
        self.degraded = self._degraded_columns()
        self.cursor = self.axes.column(window.points[cursor].at) if cursor is not None else None

    def lines(self) -> list[Segments]:
        masks = self.axes.masks(self.window.points)
        warn_row = None if self.warn_ms is None else self.axes.row(self.warn_ms)
        body = [
            self.axes.beside(row) + self._plot_row(masks[row], row == warn_row)
            for row in reversed(range(self.axes.rows))
        ]
        return [self._marks(), *body, self.axes.clock()]

    def _worst_outcomes(self) -> dict[int, str]:
        """The outcome letter of the worst check, for each column with a check that did not pass."""
        points = sorted(self.window.points, key=lambda point: "imgd".find(point.outcome))
        return {self.axes.column(point.at): point.outcome for point in points if point.outcome in "imgd"}

    def _degraded_columns(self) -> set[int]:
        """The columns of degraded checks, and those between two of them."""
        found = {column for column, outcome in self.remarkable.items() if outcome == "g"}
        for earlier, later in pairwise(self.window.points):
            if earlier.outcome == later.outcome == "g":
                found.update(range(self.axes.column(earlier.at), self.axes.column(later.at)))
        return found

    def _plot_row(self, masks: list[int], warns: bool) -> Segments:
        return merged(self._cell(column, mask, warns) for column, mask in enumerate(masks))

    def _cell(self, column: int, mask: int, warns: bool) -> Sign:
        palette, cells = self.layout.palette, self.axes.cells
        under = column == self.cursor
        if mask:
            style = palette.states[State.DEGRADED] if column in self.degraded else palette.good
            return cells.sign(mask), style + palette.cursor if under else style
        if under:
            return "│" if cells.unicode else ":", palette.strong
        return (("┄" if cells.unicode else "-"), palette.warn) if warns else (" ", palette.text)

    def _marks(self) -> Segments:
        """The line above the curve: symbols of checks that did not pass."""
        cells = [self._mark(column) for column in range(self.axes.columns)]
        if self.cursor is not None:
            sign = cells[self.cursor][0]
            arrow = self.layout.symbols.descending if sign == " " else sign
            cells[self.cursor] = arrow, self.layout.palette.strong
        return self.axes.above() + merged(cells)

    def _mark(self, column: int) -> Sign:
        outcome, symbols = self.remarkable.get(column, ""), self.layout.symbols
        signs = {
            "d": symbols.failure,
            "m": symbols.silenced,
            "g": symbols.states[State.DEGRADED],
            "i": symbols.gap,
        }
        if outcome not in signs:
            return " ", self.layout.palette.text
        return signs[outcome], outcome_style(outcome, self.layout)


def chart(
    window: Window,
    width: int,
    height: int,
    *,
    layout: TextLayout,
    warn_ms: float | None = None,
    cursor: int | None = None,
    note: str = "",
) -> list[Segments]:
    """``height`` lines of at most ``width`` cells, with a ``note`` at the right end of the first.

    ``cursor`` is an index into ``window.points``.
    """
    if width < 1 or height < 1:
        return []
    room = width - len(note) - 2 if note else width
    heading = _clipped(_heading(window, max(room, 1), layout, warn_ms, cursor), max(room, 1))
    top = [_noted(heading, note, width, layout)]
    if height < 4 or not any(map(measured, window.points)):
        return (top + _empty(window, width, height - 1, layout))[:height]
    return top + Plot(window, width, height - 2, layout, warn_ms, cursor).lines()


def _noted(line: Segments, note: str, width: int, layout: TextLayout) -> Segments:
    if not note or width < len(note):
        return line
    return [
        *padded(line, width - len(note), layout.palette.text),
        layout.segment(note, layout.palette.accent),
    ]


def _clipped(line: Segments, width: int) -> Segments:
    return next(iter(Segment.split_and_crop_lines(line, width, pad=False, include_new_lines=False)), [])


def _why_empty(window: Window) -> str:
    if not window.points:
        return "no checks in this time"
    passed = any(point.outcome in PASSED for point in window.points)
    return "no latency is known in this time" if passed else "no check passed in this time"


def _empty(window: Window, width: int, height: int, layout: TextLayout) -> list[Segments]:
    text = _why_empty(window)
    blank: list[Segments] = [[] for _ in range(max(height, 0))]
    if blank:
        blank[height // 2] = [layout.segment(text.center(width)[:width], layout.palette.dim)]
    return blank


# ── the legend ──────────────────────────────────────────────────────────────────────────────────


def _heading(
    window: Window, width: int, layout: TextLayout, warn_ms: float | None, cursor: int | None
) -> Segments:
    if cursor is not None and cursor < len(window.points):
        return _sample(window, cursor, layout)
    chunks = [
        layout.line((name + " ", layout.palette.dim), value) for name, value in _summary(window, warn_ms)
    ]
    return next(iter(flowed(chunks, width, layout.segment(" · ", layout.palette.dim))), [])


def _summary(window: Window, warn_ms: float | None) -> Iterator[tuple[str, str]]:
    figures = window.figures()
    for name in ("p50", "p95", "p99"):
        value = getattr(figures, name)
        if value is not None:
            yield name, format_ms(value)
    yield "failed", f"{figures.failed} of {figures.checks}"
    if figures.maximum is not None:
        yield "max", format_ms(figures.maximum)
    if warn_ms is not None:
        yield "warn above", format_ms(warn_ms)


def _sample(window: Window, cursor: int, layout: TextLayout) -> Segments:
    point = window.points[cursor]
    value = format_ms(point.latency_ms) if point.latency_ms >= 0 else "no latency"
    return layout.line(
        (clock(point.at), layout.palette.strong),
        "  ",
        (_WORDS.get(point.outcome, point.outcome), outcome_style(point.outcome, layout)),
        "  ",
        (value, layout.palette.strong),
        (f"  check {cursor + 1} of {len(window.points)}", layout.palette.dim),
    )
