"""The curve of a latency chart between its axes, with failed and degraded checks above. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby, pairwise

from rich.segment import Segment
from rich.style import Style

from monitor.model import State
from monitor.tui.data.window import Window, measured
from monitor.tui.drawing.axes import Axes
from monitor.tui.drawing.text_layout import Segments, TextLayout

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
