"""The size and place of the wall's tiles, and the number of pages. Pure.

::

    ┌──────┐┌──────┐┌──────┐┌──────┐    The wall is a grid of equal units. The first ones of all
    │ DOWN ││ DOWN ││ fail │├──────┤    tiles may be tall: two units each, where that costs no
    │      ││      │├──────┤├──────┤    page. As few pages as the least tile allows are made, and
    └──────┘└──────┘└──────┘└──────┘    then the tiles as large as so many pages let them be.
    ┌──────┐┌──────┐
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import ceil

LEAST_WIDTH = 19
"""Minimum width of a tile in cells; a narrower wall has one column."""
_BEST_SHAPE = 6
"""Useful width in cells for each line of a tile's height."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile's place, in cells and lines from the upper left corner."""

    x: int
    y: int
    width: int
    height: int


Page = tuple[Tile, ...]


def pages(count: int, tall: int, width: int, height: int) -> list[Page]:
    """The places of ``count`` tiles, page by page; the first ``tall`` of them are tall if there is room."""
    if min(count, width, height) < 1:
        return []
    most = _most_columns(width) * height
    needed = ceil(count / most)
    tall = tall if ceil((count + tall) / most) == needed else 0
    grid = _grid(ceil((count + tall) / needed), width, height)
    return list(_filled(grid, count, tall))


def _most_columns(width: int) -> int:
    return max((width + 1) // (LEAST_WIDTH + 1), 1)


@dataclass(frozen=True, slots=True)
class _Grid:
    """``pitch`` is the number of lines from one unit to the next; of two, one stays blank."""

    width: int
    columns: int
    rows: int
    pitch: int

    @property
    def gap(self) -> int:
        return 1 if self.pitch > 1 else 0

    @property
    def legibility(self) -> tuple[float, int]:
        """Score of a grid: the size of the text, then the width."""
        across = self.width // self.columns
        return min(across / _BEST_SHAPE, self.pitch), across

    def tile(self, column: int, row: int, units: int) -> Tile:
        """The columns share the whole width: some are a cell wider than others."""
        left, right = (at * (self.width + 1) // self.columns for at in (column, column + 1))
        return Tile(left, row * self.pitch, right - left - 1, units * self.pitch - self.gap)


def _grid(units: int, width: int, height: int) -> _Grid:
    """The most legible grid for so many units."""
    fitting = (_widest(units, columns, width, height) for columns in range(1, _most_columns(width) + 1))
    return max((grid for grid in fitting if grid.pitch), key=lambda grid: grid.legibility)


def _widest(units: int, columns: int, width: int, height: int) -> _Grid:
    rows = ceil(units / columns)
    gapped = (height + 1) // rows
    return _Grid(width, columns, rows, gapped if gapped > 1 else height // rows)


def _filled(grid: _Grid, count: int, tall: int) -> Iterator[Page]:
    while count:
        page = tuple(grid.tile(*unit) for unit in _units(grid, tall))[:count]
        yield page
        count -= len(page)
        tall = max(tall - len(page), 0)


def _units(grid: _Grid, tall: int) -> Iterator[tuple[int, int, int]]:
    """Column, row and height of each place: the tall ones, the gaps beside them, and the rest."""
    columns, rows = grid.columns, grid.rows
    bands = min(ceil(tall / columns), rows // 2)
    tall = min(tall, bands * columns)
    for place in range(tall):
        yield place % columns, place // columns * 2, 2
    beside = product(range(2 * bands - 2, 2 * bands), range(tall - (bands - 1) * columns, columns))
    below = product(range(2 * bands, rows), range(columns))
    for row, column in [*(beside if bands else ()), *below]:
        yield column, row, 1
