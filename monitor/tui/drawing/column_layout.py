"""The table's columns, their order and their places. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace

from monitor.tui.drawing.columns import COLUMNS, LOCATIONS, Column

GUTTER = 2
"""Width in cells of the cursor and the mark, before the first column."""
ROOMY = 110
"""Table width in cells from which columns have their full width."""
_CAUSE = {True: 44, False: 30}
"""Width in cells that DETAIL should have, on a roomy table and on a narrow one, before figures take room."""
_YIELD = ("kind", "cert", "p95", "recent", "uptime", "group")
"""The columns that make room for DETAIL, in this order; RECENT only gets shorter."""
_SHORT_RECENT = {True: 12, False: 7}
"""The shortest RECENT, likewise."""
FIXED = frozenset({"state", "name"})
"""Columns that cannot be hidden."""


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """The operator's choice of columns."""

    order: tuple[str, ...] = tuple(COLUMNS)
    """Every column's name, hidden ones as well, from left to right."""
    hidden: frozenset[str] = frozenset(
        {"uptime1h", "uptime7d", "uptime30d", "streak", "checked", "reason", "target", "tags"}
    )
    where_roomy: frozenset[str] = frozenset({"p95", "uptime", "group", "kind", "cert"})
    """Columns that a narrow table omits, even if they would just fit, and that go before DETAIL is cut."""

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


def fit(
    width: int, longest_name: int, layout: ColumnLayout, *, longest_group: int = 0, located: bool = False
) -> list[Placed]:
    """The columns of a table of ``width`` cells and their places; state and name stay longest.

    ``located``: a cluster checks, and its column may be shown.
    """
    roomy = width >= ROOMY
    absent = layout.hidden if roomy else layout.hidden | layout.where_roomy
    absent = absent if located else absent | {LOCATIONS}
    wished = [COLUMNS[name] for name in layout.order if name not in absent]
    sizes = {column.name: column.wide if roomy else column.narrow for column in wished}
    sizes["name"] = min(sizes["name"], max(longest_name, 8))
    if "group" in sizes:
        sizes["group"] = min(sizes["group"], max(longest_group, COLUMNS["group"].narrow))
    by_rank = sorted(wished, key=lambda column: column.rank)
    while len(sizes) > len(FIXED) and _needed(sizes.values()) > width:
        del sizes[by_rank.pop().name]
    _make_room(sizes, width, layout.where_roomy, roomy)
    _spread(sizes, width - _needed(sizes.values()), longest_name, longest_group)
    return _placed([(column, sizes[column.name]) for column in wished if column.name in sizes])


def _needed(sizes: Iterable[int]) -> int:
    widths = list(sizes)
    return GUTTER + sum(widths) + len(widths) - 1


def _make_room(sizes: dict[str, int], width: int, optional: Container[str], roomy: bool) -> None:
    """Take room from ``optional`` columns and from RECENT until DETAIL can have its :data:`_CAUSE`."""
    if "detail" not in sizes:
        return
    lacking = _CAUSE[roomy] - sizes["detail"] - (width - _needed(sizes.values()))
    for name in _YIELD:
        if lacking > 0 and name == "recent" and name in sizes:
            before, sizes[name] = (
                sizes[name],
                max(sizes[name] - lacking, min(sizes[name], _SHORT_RECENT[roomy])),
            )
            lacking -= before - sizes[name]
        elif lacking > 0 and name in optional and name in sizes:
            lacking -= sizes.pop(name) + 1


def _spread(sizes: dict[str, int], spare: int, longest_name: int, longest_group: int) -> None:
    """Distribute the remaining width: to a short detail, the name, the detail, and then to more checks."""
    last = "detail" if "detail" in sizes else "name"
    named = ("name", max(longest_name, 8))
    grouped = ("group", longest_group)
    wishes = ("detail", 20), named, ("detail", 60), grouped, ("target", 48), ("recent", 60), (last, 1000)
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
