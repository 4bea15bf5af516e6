"""Several endpoints' latencies on one chart. Pure.

::

               B            A                      who failed, ✖ for several at once
    400 ms ┤        B
    200 ms ┤ ⣀⣀⡠B⠤⠔⠒⠒⠁ ⠒⠤⣀  ⡠⠤B⠤⠤⠤⠤B                each curve has a colour, and its letter here and there
      0 ms ┤⠤⠤⠤⠤⠤A⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤A⠤⠤⠤⠤A
            14:00      14:05      14:10

In ASCII the curves are drawn with their letters alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.style import Style

from monitor.tui.data.window import Window, measured
from monitor.tui.drawing.axes import Axes
from monitor.tui.drawing.plot import Sign, merged
from monitor.tui.drawing.text_layout import Segments, TextLayout

_BETWEEN = 16
"""Distance in cells between a curve's letters; larger with many curves."""


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


_BOLD = Style(bold=True)
