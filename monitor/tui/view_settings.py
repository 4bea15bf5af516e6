"""The operator's view settings, saved for the next start. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from monitor.tui.drawing.column_layout import ColumnLayout
from monitor.tui.drawing.columns import COLUMNS
from monitor.tui.lists.arrangement import Arrangement
from monitor.tui.lists.order import GROUPINGS, SORTINGS


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """All saved settings. Filters and marks are not saved, so that no endpoint stays hidden by accident."""

    layout: ColumnLayout = field(default_factory=ColumnLayout)
    sort_by: str = "severity"
    reverse: bool = False
    grouping: str = "none"
    side_panel: bool = True
    """Whether a wide terminal shows the detail beside the table."""
    utc: bool = False
    """Whether times are in UTC."""
    theme: str = ""
    """The theme picked in the palette; empty if none was."""
    theme_over: str = ""
    """The config's theme at that time. Once the config's theme changes, it takes precedence."""

    @classmethod
    def of(cls, arrangement: Arrangement, layout: ColumnLayout, *, side_panel: bool) -> ViewSettings:
        """The settings of an arrangement, without a theme."""
        return cls(layout, arrangement.sort_by, arrangement.reverse, arrangement.grouping, side_panel)

    def arrange(self, arrangement: Arrangement) -> None:
        """Apply the settings to ``arrangement``."""
        arrangement.sort_by, arrangement.reverse = self.sort_by, self.reverse
        arrangement.grouping = self.grouping


class _Columns(msgspec.Struct, frozen=True):
    order: tuple[str, ...] = ColumnLayout().order
    hidden: frozenset[str] = ColumnLayout().hidden
    where_roomy: frozenset[str] = ColumnLayout().where_roomy


class _Sort(msgspec.Struct, frozen=True):
    by: str = ViewSettings().sort_by
    reverse: bool = False
    group: str = ViewSettings().grouping


class _Theme(msgspec.Struct, frozen=True):
    name: str = ""
    over: str = ""


class _File(msgspec.Struct, frozen=True):
    """The tables of the settings file."""

    side_panel: bool = True
    utc: bool = False
    columns: _Columns = _Columns()
    sort: _Sort = _Sort()
    theme: _Theme = _Theme()


def to_tables(view_settings: ViewSettings) -> dict[str, Any]:
    """The settings as a TOML document."""
    layout = view_settings.layout
    columns = _Columns(layout.order, layout.hidden, layout.where_roomy)
    sort = _Sort(view_settings.sort_by, view_settings.reverse, view_settings.grouping)
    theme = _Theme(view_settings.theme, view_settings.theme_over)
    tables: dict[str, Any] = msgspec.to_builtins(
        _File(view_settings.side_panel, view_settings.utc, columns, sort, theme), order="sorted"
    )
    return tables


def from_tables(tables: Mapping[str, Any]) -> tuple[ViewSettings, str]:
    """The valid settings of a document, and its invalid keys."""
    try:
        file = msgspec.convert(tables, _File)
    except msgspec.ValidationError as error:
        return ViewSettings(), str(error)
    columns, sort = file.columns, file.sort
    unknown = [
        *_unknown("column", {*columns.order, *columns.hidden, *columns.where_roomy}, COLUMNS),
        *_unknown("sorting", [sort.by], SORTINGS),
        *_unknown("grouping", [sort.group], GROUPINGS),
    ]
    order = tuple(dict.fromkeys(name for name in columns.order if name in COLUMNS))
    view_settings = ViewSettings(
        layout=ColumnLayout(order, columns.hidden, columns.where_roomy).completed(),
        sort_by=sort.by if sort.by in SORTINGS else ViewSettings().sort_by,
        reverse=sort.reverse,
        grouping=sort.group if sort.group in GROUPINGS else ViewSettings().grouping,
        side_panel=file.side_panel,
        utc=file.utc,
        theme=file.theme.name,
        theme_over=file.theme.over,
    )
    return view_settings, "; ".join(unknown)


def _unknown(what: str, names: Iterable[str], known: Iterable[str]) -> Iterable[str]:
    return (f"there is no {what} {name!r}" for name in sorted(set(names) - set(known)))
