"""The table's columns, their order and their places. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from monitor.tui.drawing.columns import COLUMNS, LOCATIONS, Column

GUTTER = 2
"""Width in cells of the cursor and the mark, before the first column."""
ROOMY = 110
"""Table width in cells from which columns have their full width."""
FIXED = frozenset({"state", "name"})
"""Columns that cannot be hidden."""


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """The operator's choice of columns."""

    order: tuple[str, ...] = tuple(COLUMNS)
    """Every column's name, hidden ones as well, from left to right."""
    hidden: frozenset[str] = frozenset({"streak", "checked", "reason", "target", "tags"})
    where_roomy: frozenset[str] = frozenset({"p95", "group", "kind", "cert"})
    """Columns that a narrow table omits, even if they would just fit."""

    def completed(self) -> ColumnLayout:
        """The same choice for the existing columns; unknown ones are hidden, at the end."""
        lacking = tuple(name for name in COLUMNS if name not in self.order)
        optional = frozenset(COLUMNS) - FIXED
        return ColumnLayout(
            self.order + lacking, optional & self.hidden.union(lacking), optional & self.where_roomy
        )

    def show(self, name: str) -> ColumnLayout:
        """Show a column wherever it fits."""
        return replace(self, hidden=self.hidden - {name}, where_roomy=self.where_roomy - {name})

    def hide(self, name: str) -> ColumnLayout:
        """Hide a column, unless it is one of the :data:`FIXED`."""
        return self if name in FIXED else replace(self, hidden=self.hidden | {name})

    def move(self, name: str, step: int) -> ColumnLayout:
        """Swap a column with its neighbour: -1 to the left, 1 to the right."""
        order, at = list(self.order), self.order.index(name)
        to = max(0, min(at + step, len(order) - 1))
        order[at], order[to] = order[to], order[at]
        return replace(self, order=tuple(order))


@dataclass(frozen=True, slots=True)
class Placed:
    """A column's place: cells from the table's left edge, and its width."""

    column: Column
    x: int
    width: int


def fit(width: int, longest_name: int, layout: ColumnLayout, *, located: bool = False) -> list[Placed]:
    """The columns of a table of ``width`` cells and their places; state and name stay longest.

    ``located``: a cluster checks, and its column may be shown.
    """
    roomy = width >= ROOMY
    absent = layout.hidden if roomy else layout.hidden | layout.where_roomy
    absent = absent if located else absent | {LOCATIONS}
    wished = [COLUMNS[name] for name in layout.order if name not in absent]
    sizes = {column.name: column.wide if roomy else column.narrow for column in wished}
    sizes["name"] = min(sizes["name"], max(longest_name, 8))
    by_rank = sorted(wished, key=lambda column: column.rank)
    while len(sizes) > len(FIXED) and _needed(sizes.values()) > width:
        del sizes[by_rank.pop().name]
    _spread(sizes, width - _needed(sizes.values()), longest_name)
    return _placed([(column, sizes[column.name]) for column in wished if column.name in sizes])


def _needed(sizes: Iterable[int]) -> int:
    widths = list(sizes)
    return GUTTER + sum(widths) + len(widths) - 1


def _spread(sizes: dict[str, int], spare: int, longest_name: int) -> None:
    """Distribute the remaining width: first to a short detail, then to the name, then to the detail."""
    last = "detail" if "detail" in sizes else "name"
    named = ("name", max(longest_name, 8))
    wishes = ("detail", 20), named, ("detail", 60), ("target", 48), (last, 1000)
    for name, most in wishes:
        if name in sizes and spare > 0:
            extra = min(max(most - sizes[name], 0), spare)
            sizes[name] += extra
            spare -= extra
    if spare < 0:
        sizes["name"] = max(sizes["name"] + spare, 1)


def _placed(columns: Sequence[tuple[Column, int]]) -> list[Placed]:
    placed, x = [], GUTTER
    for column, width in columns:
        placed.append(Placed(column, x, width))
        x += width + 1
    return placed
