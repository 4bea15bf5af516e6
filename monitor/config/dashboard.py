"""The ``[dashboard]`` table: its theme, themes of the user's own, and remapped keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, make_dataclass
from typing import Any, Literal

from monitor.config.convert import INVALID, Place, converter, table_fields, unknown
from monitor.fields import Json, key
from monitor.model import DashboardSettings, Theme
from monitor.redact import shown
from monitor.syntax.keymap import KEYS, clashes, parse_key
from monitor.themes import BUILT_IN, Colours, parse_colour

ThemeTable: type = make_dataclass(
    "ThemeTable",
    [
        ("base", Literal["dark", "light"], key("Theme of the remaining colours.", default="dark")),
        *((one.name, str | None, key(one.metadata["help"], default=None)) for one in fields(Colours)),
    ],
    frozen=True,
    kw_only=True,
)
"""One ``[dashboard.themes.NAME]`` table."""


@dataclass(frozen=True, kw_only=True)
class DashboardTable:
    """The ``[dashboard]`` table."""

    theme: str | None = key(
        "Theme: dark, light, colour-blind, nord …, or one of `themes`. "
        "Default: chosen by the terminal's background.",
        default=None,
        example="light",
    )
    keys: Mapping[str, tuple[str, ...]] = key(
        "Remapped keys, by name.", default=None, example={"overview.check": "R"}
    )
    themes: Mapping[str, ThemeTable] = key(  # type: ignore[valid-type]
        "Your own themes: #rrggbb, or names of the terminal's colours.", default=None
    )
    bell: bool = key(
        "Ring the terminal's bell when an endpoint goes down, unless it is silenced, acknowledged or in "
        "maintenance.",
        default=False,
    )


_TABLE = converter(Mapping[str, Json])
_TEXT = converter(str)
_FLAG = converter(bool)
_TEXTS = converter(tuple[str, ...])


def dashboard(value: Any, place: Place) -> DashboardSettings:
    """The settings in ``[dashboard]``; complains of everything wrong in it."""
    table = _known(value, DashboardTable, place)
    themes = _themes(table.get("themes", {}), place.below("themes"))
    return DashboardSettings(
        theme=_chosen(table.get("theme", ""), (*BUILT_IN, *themes), place.below("theme")),
        keys=_keys(table.get("keys", {}), place.below("keys")),
        themes=themes,
        bell=_FLAG(table.get("bell", False), place.below("bell")) is True,
    )


def _known(value: Any, cls: type, place: Place) -> Mapping[str, Any]:
    """The unconverted values of the keys of ``cls``; complains of other keys."""
    table = _table(value, place)
    known = table_fields(cls)
    for name in table.keys() - known.keys():
        place.below(name).complain(unknown(name, known))
    return {name: item for name, item in table.items() if name in known}


def _table(value: Any, place: Place) -> Mapping[str, Any]:
    table = _TABLE(value, place)
    return {} if table is INVALID else table


def _chosen(value: Any, themes: Sequence[str], place: Place) -> str:
    name = _TEXT(value, place)
    if name in ("", INVALID):
        return ""
    if name not in themes:
        place.complain(f"{shown(name)!r} {unknown(name, themes, 'theme')}")
    return str(name)


def _themes(value: Any, place: Place) -> dict[str, Theme]:
    tables = _table(value, place)
    for name in tables.keys() & set(BUILT_IN):
        place.below(name).complain("is the name of a theme that is there already; choose another")
    return {name: _theme(table, place.below(name)) for name, table in tables.items()}


def _theme(value: Any, place: Place) -> Theme:
    table = dict(_known(value, ThemeTable, place))
    base = converter(Literal["dark", "light"])(table.pop("base", "dark"), place.below("base"))
    colours = {name: _parsed(parse_colour, text, place.below(name)) for name, text in table.items()}
    return Theme(dark=base == "dark", colours=colours)


def _keys(value: Any, place: Place) -> dict[str, tuple[str, ...]]:
    """The valid keys in their normal form."""
    found = {name: _mapped(name, keys, place.below(name)) for name, keys in _table(value, place).items()}
    mapped = {name: keys for name, keys in found.items() if keys and name in KEYS}
    others: dict[tuple[str, str], list[str]] = {}
    for name, pressed, other in clashes(mapped):
        others.setdefault((name, pressed), []).append(other)
    for (name, pressed), owners in others.items():
        more = f" and {len(owners) - 1} more" if len(owners) > 1 else ""
        place.below(name).complain(f'is "{pressed}", as is {owners[0]}{more}; choose another key')
    return mapped


def _mapped(name: str, value: Any, place: Place) -> tuple[str, ...]:
    if isinstance(value, dict):
        inner = next(iter(value), "…")
        place.complain(f'is a table; put the whole name in quotes: "{name}.{inner}"')
        return ()
    if name not in KEYS:
        place.complain(unknown(name, KEYS, "name of a key"))
    texts = _TEXTS(value, place)
    if not texts:
        place.complain("names no key; leave it out to keep the usual one")
    return () if texts is INVALID else tuple(_parsed(parse_key, text, place) for text in texts)


def _parsed(parse: Callable[[str], str], value: Any, place: Place) -> str:
    """A text converted by ``parse``; complains of an invalid one, and then returns an empty text."""
    text = _TEXT(value, place)
    try:
        return "" if text is INVALID else str(parse(text))
    except ValueError as error:
        place.complain(str(error))
        return ""
