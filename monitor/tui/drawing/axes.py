"""The axes of a latency chart, and the dots of a curve between them, in braille, blocks or ASCII. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low

from rich.segment import Segment

from monitor.link.messages import Point
from monitor.tui.data.moments import clock, zoned
from monitor.tui.data.window import measured
from monitor.tui.drawing.text_layout import Segments, TextLayout
from monitor.tui.terminal.symbols import Symbols

_TIME_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_BRAILLE_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""The dots of the left and the right column of a braille cell, bottom up."""
_BLOCK_BITS = ((1, 2), (4, 8))
_BLOCK_SIGNS = " ▖▘▌▗▄▚▙▝▞▀▛▐▟▜█"
_ASCII_BITS = ((1, 2, 4),)
_ASCII_SIGNS = " .-|'|||"


@dataclass(frozen=True, slots=True)
class _Cells:
    """The dots of a cell; ``bits`` has each dot's bit, by column and height."""

    bits: tuple[tuple[int, ...], ...]
    signs: str
    """The characters by mask."""
    unicode: bool

    @property
    def across(self) -> int:
        return len(self.bits)

    @property
    def up(self) -> int:
        return len(self.bits[0])

    def sign(self, mask: int) -> str:
        return self.signs[mask]

    def mask(self, column: int, low: int, high: int) -> int:
        """The dots from ``low`` to ``high`` of one cell, both included."""
        return sum(self.bits[column][max(low, 0) : high + 1])


_BRAILLE = _Cells(_BRAILLE_BITS, "".join(chr(0x2800 + mask) for mask in range(256)), unicode=True)
_BLOCK = _Cells(_BLOCK_BITS, _BLOCK_SIGNS, unicode=True)
_ASCII = _Cells(_ASCII_BITS, _ASCII_SIGNS, unicode=False)


def _cells_of(symbols: Symbols) -> _Cells:
    if symbols.braille:
        return _BRAILLE
    return _BLOCK if symbols.unicode else _ASCII


@dataclass(frozen=True, slots=True)
class Scale:
    """A y axis from 0 to ``top`` milliseconds with a tick at each multiple of ``step``."""

    top: float
    step: float

    @classmethod
    def of(cls, most: float, rows: int) -> Scale:
        """The lowest scale that includes ``most`` and has round ticks at equal distances."""
        intervals = max(rows - 1, 1)
        distances = range(min(2, intervals), min(6, intervals) + 1)
        return min((cls._of(most, intervals / distance) for distance in distances), key=lambda one: one.top)

    @classmethod
    def _of(cls, most: float, steps: float) -> Scale:
        """A scale of ``steps`` steps of 1, 2 or 5 times a power of ten."""
        least = max(most, 1e-3) / steps
        power = 10.0 ** math.floor(math.log10(least))
        step = next(power * digit for digit in (1, 2, 5, 10, 20) if power * digit >= least * (1 - 1e-9))
        return cls(step * steps, step)

    def ticks(self) -> list[float]:
        return [self.step * count for count in range(math.floor(self.top / self.step + 1e-9) + 1)]

    def label(self, ms: float) -> str:
        """A tick's value, in the unit of all ticks."""
        return f"{ms / 1000:.4g} s" if self.top >= 2000 else f"{ms:.4g} ms"


class Axes:
    """Times from ``start`` to ``end`` and latencies up to ``most`` in ``rows`` lines of ``width`` cells."""

    def __init__(
        self, start: float, end: float, most: float, width: int, rows: int, layout: TextLayout
    ) -> None:
        self.start, self.end, self.layout = start, end, layout
        self.cells = _cells_of(layout.symbols)
        self.rows = max(rows, 1)
        self.scale = Scale.of(most or 1.0, self.rows)
        labels = max(len(self.scale.label(tick)) for tick in self.scale.ticks())
        self.margin = labels + 1 if width >= labels + 12 else 0
        self.columns = max(width - self.margin, 1)
        self._labels = self._placed_labels()

    @property
    def span(self) -> float:
        return max(self.end - self.start, 1e-9)

    def column(self, at: float) -> int:
        """The cell of a time."""
        return self._dot_column(at) // self.cells.across

    def row(self, ms: float) -> int:
        """The line of a latency, from the lowest."""
        return self._dot_height(ms) // self.cells.up

    def _dot_column(self, at: float) -> int:
        dots = self.columns * self.cells.across
        return min(max(int((at - self.start) / self.span * dots), 0), dots - 1)

    def _dot_height(self, ms: float) -> int:
        return round(min(ms / self.scale.top, 1.0) * (self.rows * self.cells.up - 1))

    def masks(self, points: Sequence[Point]) -> list[list[int]]:
        """The dots of a curve in each cell, by row from the lowest and column."""
        masks = [[0] * self.columns for _ in range(self.rows)]
        up, across = self.cells.up, self.cells.across
        for dot, (low, high) in self._envelope(points).items():
            column, side = divmod(dot, across)
            for row in range(low // up, high // up + 1):
                masks[row][column] |= self.cells.mask(side, low - row * up, high - row * up)
        return masks

    def _envelope(self, points: Sequence[Point]) -> dict[int, tuple[int, int]]:
        """The lowest and highest dot of each dot column that has one."""
        spans: dict[int, tuple[int, int]] = {}
        for run in _runs(points):
            last: tuple[int, int] | None = None
            for point in run:
                here = self._dot_column(point.at), self._dot_height(point.latency_ms)
                for dot, low, high in _joined(last or here, here):
                    known = spans.get(dot)
                    spans[dot] = (low, high) if known is None else (min(low, known[0]), max(high, known[1]))
                last = here
        return spans

    def _placed_labels(self) -> dict[int, str]:
        labels: dict[int, str] = {}
        for tick in self.scale.ticks():
            labels.setdefault(self.row(tick), self.scale.label(tick))
        return labels

    def beside(self, row: int) -> Segments:
        """The part left of a line: the axis, and a tick's value."""
        if not self.margin:
            return []
        label = self._labels.get(row, "")
        tick = ("┤" if label else "│") if self.cells.unicode else ("+" if label else "|")
        return [Segment(label.rjust(self.margin - 1) + tick, self.layout.palette.dim)]

    def above(self) -> Segments:
        """The blank part left of a line above the axis."""
        return [Segment(" " * self.margin, self.layout.palette.text)] if self.margin else []

    def clock(self) -> Segments:
        """The time axis: round times, as many as fit."""
        row = [" "] * self.columns
        form, step = _time_step(self.span, self.columns)
        for at in _round_times(self.start, self.end, step):
            text = clock(at, form)
            column = int((at - self.start) / self.span * self.columns)
            if column + len(text) <= self.columns:
                row[column : column + len(text)] = text
        return [Segment(" " * self.margin + "".join(row), self.layout.palette.dim)]


def _runs(points: Sequence[Point]) -> Iterator[list[Point]]:
    """The runs of points that a line joins."""
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
    """The dots between two samples: the lowest and highest dot of each dot column."""
    (x0, y0), (x1, y1) = one, other
    if x0 == x1:
        yield x0, min(y0, y1), max(y0, y1)
        return
    before = y0
    for x in range(x0, x1 + 1):
        y = round(y0 + (y1 - y0) * (x - x0) / (x1 - x0))
        # A steep step is drawn half in its first column, half in its second.
        yield x, min(before + (y > before) - (y < before), y), max(before + (y > before) - (y < before), y)
        before = y


def _time_step(span: float, columns: int) -> tuple[str, int]:
    for step in _TIME_STEPS:
        form = "%H:%M:%S" if step < 60 else "%H:%M" if step < 86400 else "%d %b"
        if columns * step / span >= (11 if step < 60 else 9):
            return form, step
    return "%d %b", 86400 * max(math.ceil(span / 86400 * 9 / columns), 1)


def _round_times(start: float, end: float, step: int) -> Iterator[float]:
    offset = zoned(start).utcoffset()
    shift = offset.total_seconds() if offset else 0.0
    at = math.ceil((start + shift) / step) * step - shift
    while at <= end:
        yield at
        at += step
