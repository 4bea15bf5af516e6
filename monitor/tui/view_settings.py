"""What an operator chose of the dashboard's look, to be remembered for the next time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from monitor.tui.drawing.columns import COLUMNS
from monitor.tui.drawing.layout import Layout
from monitor.tui.lists.arrangement import Arrangement
from monitor.tui.lists.order import GROUPINGS, SORTINGS


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything that is remembered. Filters and marks are not: what is hidden would be forgotten."""

    layout: Layout = field(default_factory=Layout)
    sort_by: str = "severity"
    reverse: bool = False
    grouping: str = "none"
    aside: bool = True
    """Whether a wide terminal tells of the endpoint under the cursor beside the table."""
    theme: str = ""
    """The theme picked in the palette; empty for none."""
    theme_over: str = ""
    """What the config asked for when it was picked: once that differs, the config has the later word."""

    @classmethod
    def of(cls, arrangement: Arrangement, layout: Layout, *, aside: bool) -> Choices:
        """What is chosen there, no theme."""
        return cls(layout, arrangement.sort_by, arrangement.reverse, arrangement.grouping, aside)

    def arrange(self, arrangement: Arrangement) -> None:
        """Let ``arrangement`` be as was chosen."""
        arrangement.sort_by, arrangement.reverse = self.sort_by, self.reverse
        arrangement.grouping = self.grouping


class _Columns(msgspec.Struct, frozen=True):
    order: tuple[str, ...] = Layout().order
    hidden: frozenset[str] = Layout().hidden
    where_roomy: frozenset[str] = Layout().where_roomy


class _Sort(msgspec.Struct, frozen=True):
    by: str = Choices().sort_by
    reverse: bool = False
    group: str = Choices().grouping


class _Theme(msgspec.Struct, frozen=True):
    name: str = ""
    over: str = ""


class _File(msgspec.Struct, frozen=True):
    """The tables of the file that choices are kept in."""

    aside: bool = True
    columns: _Columns = _Columns()
    sort: _Sort = _Sort()
    theme: _Theme = _Theme()


def to_tables(choices: Choices) -> dict[str, Any]:
    """What is written, as TOML has it."""
    layout = choices.layout
    columns = _Columns(layout.order, layout.hidden, layout.where_roomy)
    sort = _Sort(choices.sort_by, choices.reverse, choices.grouping)
    theme = _Theme(choices.theme, choices.theme_over)
    tables: dict[str, Any] = msgspec.to_builtins(_File(choices.aside, columns, sort, theme), order="sorted")
    return tables


def from_tables(tables: Mapping[str, Any]) -> tuple[Choices, str]:
    """What was written, as far as it means anything, and what in it does not; empty when all does."""
    try:
        file = msgspec.convert(tables, _File)
    except msgspec.ValidationError as error:
        return Choices(), str(error)
    columns, sort = file.columns, file.sort
    unknown = [
        *_unknown("column", {*columns.order, *columns.hidden, *columns.where_roomy}, COLUMNS),
        *_unknown("sorting", [sort.by], SORTINGS),
        *_unknown("grouping", [sort.group], GROUPINGS),
    ]
    order = tuple(dict.fromkeys(name for name in columns.order if name in COLUMNS))
    choices = Choices(
        layout=Layout(order, columns.hidden, columns.where_roomy).completed(),
        sort_by=sort.by if sort.by in SORTINGS else Choices().sort_by,
        reverse=sort.reverse,
        grouping=sort.group if sort.group in GROUPINGS else Choices().grouping,
        aside=file.aside,
        theme=file.theme.name,
        theme_over=file.theme.over,
    )
    return choices, "; ".join(unknown)


def _unknown(what: str, names: Iterable[str], known: Iterable[str]) -> Iterable[str]:
    return (f"there is no {what} {name!r}" for name in sorted(set(names) - set(known)))
