"""The curve of a latency chart with its axes, in braille dots or ASCII. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, pairwise
from statistics import median_low

from rich.segment import Segment
from rich.style import Style

from monitor.link.messages import Point
from monitor.model import State
from monitor.tui.widgets.pen import Line, Pen, clock
from monitor.tui.widgets.window import Window, measured

_TIME_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_BRAILLE_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""Of the left and the right column of a braille cell, from the lowest dot up."""
_ASCII_BITS = ((1, 2, 4),)
_ASCII_SIGNS = {1: ".", 2: "-", 4: "'"}


@dataclass(frozen=True, slots=True)
class _Cells:
    """How a cell is divided into dots; ``bits`` has the bit of each dot, by column and height."""

    bits: tuple[tuple[int, ...], ...]
    braille: bool

    @property
    def across(self) -> int:
        return len(self.bits)

    @property
    def up(self) -> int:
        return len(self.bits[0])

    def sign(self, mask: int) -> str:
        return chr(0x2800 + mask) if self.braille else _ASCII_SIGNS.get(mask, "|")

    def mask(self, column: int, low: int, high: int) -> int:
        """The dots from ``low`` to ``high`` of one cell, both included."""
        return sum(self.bits[column][max(low, 0) : high + 1])


_BRAILLE = _Cells(_BRAILLE_BITS, braille=True)
_ASCII = _Cells(_ASCII_BITS, braille=False)


@dataclass(frozen=True, slots=True)
class Scale:
    """A y axis from 0 to ``top`` milliseconds with a tick at each multiple of ``step``."""

    top: float
    step: float

    @classmethod
    def of(cls, most: float, rows: int) -> Scale:
        """The lowest one that holds ``most`` and has its round ticks equally many of ``rows`` apart."""
        intervals = max(rows - 1, 1)
        distances = range(min(2, intervals), min(6, intervals) + 1)
        return min((cls._of(most, intervals / distance) for distance in distances), key=lambda one: one.top)

    @classmethod
    def _of(cls, most: float, steps: float) -> Scale:
        """With ``steps`` steps of 1, 2 or 5 times a power of ten."""
        least = max(most, 1e-3) / steps
        power = 10.0 ** math.floor(math.log10(least))
        step = next(power * digit for digit in (1, 2, 5, 10, 20) if power * digit >= least * (1 - 1e-9))
        return cls(step * steps, step)

    def ticks(self) -> list[float]:
        return [self.step * count for count in range(math.floor(self.top / self.step + 1e-9) + 1)]

    def label(self, ms: float) -> str:
        """A tick's value; all of them in the same unit."""
        return f"{ms / 1000:.4g} s" if self.top >= 2000 else f"{ms:.4g} ms"


def outcome_style(outcome: str, pen: Pen) -> Style:
    """The style of one check's outcome, by its letter."""
    palette = pen.palette
    styles = {"u": palette.good, "g": palette.states[State.DEGRADED], "d": palette.bad}
    return styles.get(outcome, palette.dim)


class Plot:
    """One drawing: the axes, the curve, and above it what failed."""

    def __init__(
        self, window: Window, width: int, height: int, pen: Pen, warn_ms: float | None, cursor: int | None
    ) -> None:
        self.window, self.pen = window, pen
        self.cells = _BRAILLE if pen.symbols.braille else _ASCII
        self.rows = max(height - 1, 1)
        most = max((point.latency_ms for point in window.points if measured(point)), default=0.0)
        self.warn_ms = warn_ms if warn_ms and (not most or warn_ms <= most * 4) else None
        self.scale = Scale.of(max(most, self.warn_ms or 0.0) or 1.0, self.rows)
        labels = max(len(self.scale.label(tick)) for tick in self.scale.ticks())
        self.margin = labels + 1 if width >= labels + 12 else 0
        self.columns = max(width - self.margin, 1)
        self.remarkable = self._worst_outcomes()
        self.degraded = self._degraded_columns()
        self.cursor = self.column(window.points[cursor]) if cursor is not None else None

    def lines(self) -> list[Line]:
        masks = self._masks()
        labels = self._labels()
        warn_row = None if self.warn_ms is None else self._row(self.warn_ms)
        body = [
            self._axis(labels.get(row, "")) + self._plot_row(masks[row], row == warn_row)
            for row in reversed(range(self.rows))
        ]
        return [self._marks(), *body, self._clock()]

    def _worst_outcomes(self) -> dict[int, str]:
        """The letter of the worst check in each column that has one which did not simply pass."""
        points = sorted(self.window.points, key=lambda point: "igd".find(point.outcome))
        return {self.column(point): point.outcome for point in points if point.outcome in "igd"}

    def _degraded_columns(self) -> set[int]:
        """The columns of degraded checks, and those between two of them."""
        found = {column for column, outcome in self.remarkable.items() if outcome == "g"}
        for earlier, later in pairwise(self.window.points):
            if earlier.outcome == later.outcome == "g":
                found.update(range(self.column(earlier), self.column(later)))
        return found

    def column(self, point: Point) -> int:
        """The cell in which a point is drawn."""
        return self._dot_column(point.at) // self.cells.across

    def _dot_column(self, at: float) -> int:
        span = max(self.window.end - self.window.start, 1e-9)
        dots = self.columns * self.cells.across
        return min(max(int((at - self.window.start) / span * dots), 0), dots - 1)

    def _dot_height(self, ms: float) -> int:
        return round(min(ms / self.scale.top, 1.0) * (self.rows * self.cells.up - 1))

    def _row(self, ms: float) -> int:
        return self._dot_height(ms) // self.cells.up

    def _masks(self) -> list[list[int]]:
        """The dots of each cell, by row from the lowest and column."""
        masks = [[0] * self.columns for _ in range(self.rows)]
        up, across = self.cells.up, self.cells.across
        for dot, (low, high) in self._envelope().items():
            column, side = divmod(dot, across)
            for row in range(low // up, high // up + 1):
                masks[row][column] |= self.cells.mask(side, low - row * up, high - row * up)
        return masks

    def _envelope(self) -> dict[int, tuple[int, int]]:
        """The least and greatest dot of each dot column that has one."""
        spans: dict[int, tuple[int, int]] = {}
        for run in _runs(self.window.points):
            last: tuple[int, int] | None = None
            for point in run:
                here = self._dot_column(point.at), self._dot_height(point.latency_ms)
                for dot, low, high in _joined(last or here, here):
                    known = spans.get(dot)
                    spans[dot] = (low, high) if known is None else (min(low, known[0]), max(high, known[1]))
                last = here
        return spans

    def _labels(self) -> dict[int, str]:
        labels: dict[int, str] = {}
        for tick in self.scale.ticks():
            labels.setdefault(self._row(tick), self.scale.label(tick))
        return labels

    def _axis(self, label: str) -> Line:
        if not self.margin:
            return []
        tick = ("┤" if label else "│") if self.cells.braille else ("+" if label else "|")
        return [Segment(label.rjust(self.margin - 1) + tick, self.pen.palette.dim)]

    def _plot_row(self, masks: list[int], warns: bool) -> Line:
        drawn = [self._cell(column, mask, warns) for column, mask in enumerate(masks)]
        return _merged(drawn)

    def _cell(self, column: int, mask: int, warns: bool) -> tuple[str, Style]:
        palette, braille = self.pen.palette, self.cells.braille
        under = column == self.cursor
        if mask:
            style = palette.states[State.DEGRADED] if column in self.degraded else palette.good
            return self.cells.sign(mask), style + palette.cursor if under else style
        if under:
            return "│" if braille else ":", palette.strong
        return (("┄" if braille else "-"), palette.warn) if warns else (" ", palette.text)

    def _marks(self) -> Line:
        """The line above the curve: what did not simply pass, each with a sign of its own."""
        cells = [self._mark(column) for column in range(self.columns)]
        if self.cursor is not None:
            sign = cells[self.cursor][0]
            arrow = self.pen.symbols.descending if sign == " " else sign
            cells[self.cursor] = arrow, self.pen.palette.strong
        margin = [Segment(" " * self.margin, self.pen.palette.text)] if self.margin else []
        return [*margin, *_merged(cells)]

    def _mark(self, column: int) -> tuple[str, Style]:
        outcome, symbols = self.remarkable.get(column, ""), self.pen.symbols
        signs = {"d": symbols.failure, "g": symbols.states[State.DEGRADED], "i": symbols.gap}
        if outcome not in signs:
            return " ", self.pen.palette.text
        return signs[outcome], outcome_style(outcome, self.pen)

    def _clock(self) -> Line:
        """The time axis: round times, as many as fit."""
        row = [" "] * self.columns
        span = max(self.window.end - self.window.start, 1e-9)
        form, step = _time_step(span, self.columns)
        for at in _round_times(self.window.start, self.window.end, step):
            text = clock(at, form)
            column = int((at - self.window.start) / span * self.columns)
            if column + len(text) <= self.columns:
                row[column : column + len(text)] = text
        return [Segment(" " * self.margin + "".join(row), self.pen.palette.dim)]


def _merged(cells: list[tuple[str, Style]]) -> Line:
    runs = groupby(cells, key=lambda cell: cell[1])
    return [Segment("".join(sign for sign, _ in run), style) for style, run in runs]


def _runs(points: Sequence[Point]) -> Iterator[list[Point]]:
    """The stretches of points that are joined by a line."""
    steps = [later.at - earlier.at for earlier, later in pairwise(points)]
    longest = 3.5 * median_low(steps) if steps else 0.0
    run: list[Point] = []
    for point in points:
        if run and (not measured(point) or point.at - run[-1].at > longest):
            yield run
            run = []
        if measured(point):
            run.append(point)
    if run:
        yield run


def _joined(one: tuple[int, int], other: tuple[int, int]) -> Iterator[tuple[int, int, int]]:
    """The dots between two samples: each dot column with its least and greatest dot."""
    (x0, y0), (x1, y1) = one, other
    if x0 == x1:
        yield x0, min(y0, y1), max(y0, y1)
        return
    before = y0
    for x in range(x0, x1 + 1):
        y = round(y0 + (y1 - y0) * (x - x0) / (x1 - x0))
        # A steep step is drawn half in the column it leaves, half in the one it reaches.
        yield x, min(before + (y > before) - (y < before), y), max(before + (y > before) - (y < before), y)
        before = y


def _time_step(span: float, columns: int) -> tuple[str, int]:
    for step in _TIME_STEPS:
        form = "%H:%M:%S" if step < 60 else "%H:%M" if step < 86400 else "%d %b"
        if columns * step / span >= (11 if step < 60 else 9):
            return form, step
    return "%d %b", 86400 * max(math.ceil(span / 86400 * 9 / columns), 1)


def _round_times(start: float, end: float, step: int) -> Iterator[float]:
    offset = datetime.fromtimestamp(start, UTC).astimezone().utcoffset()
    shift = offset.total_seconds() if offset else 0.0
    at = math.ceil((start + shift) / step) * step - shift
    while at <= end:
        yield at
        at += step
