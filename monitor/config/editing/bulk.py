"""A bulk edit: the same change to a few keys of several endpoints.

A text that is left empty changes nothing. ``tags`` may also be added and taken away: ``+night, -eu``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from monitor.config.common import Common
from monitor.config.editing.change import Change, by_file, changed
from monitor.config.editing.form import texts, value_of
from monitor.config.editing.keys import with_keys
from monitor.config.editing.proposal import inherited, tables
from monitor.config.schema import properties
from monitor.errors import FieldError
from monitor.fields import Asked
from monitor.model import Config, Endpoint, Problem
from monitor.syntax.duration import format_duration

KEYS = ("interval", "timeout", "group", "tags")
_TAGS = "Replaces all tags. To add and take away: +night, -eu."
_NAMED = 4
"""Limit of different values to name."""
_EFFECTIVE: Mapping[str, Callable[[Endpoint], str]] = {
    "interval": lambda one: format_duration(one.interval),
    "timeout": lambda one: format_duration(one.timeout),
    "group": lambda one: one.group or "",
    "tags": lambda one: ", ".join(one.tags),
}


def fields(config: Config, endpoints: Sequence[Endpoint]) -> tuple[list[Asked], dict[str, str]]:
    """The form's fields, and the texts of the keys with the same value in all ``endpoints``."""
    written = [
        texts(table)
        for file, lines in by_file(endpoints).items()
        for table in tables(config, file, lines).values()
    ]
    schemas = properties(Common)
    asked = [
        Asked(
            key=key,
            help=f"{schemas[key].get('description', '')} {_TAGS if key == 'tags' else ''}".strip(),
            default=_named(map(_EFFECTIVE[key], endpoints)),
        )
        for key in KEYS
    ]
    alike = {key: {one.get(key, "") for one in written} for key in KEYS}
    return asked, {key: found.pop() for key, found in alike.items() if len(found) == 1 and any(found)}


def _named(values: Iterable[str]) -> str:
    """The values in use, the most frequent first."""
    found = list(values)
    different = sorted(set(found), key=lambda one: (-found.count(one), one))
    named = " | ".join(one or "none" for one in different[:_NAMED])
    return named + " | …" * (len(different) > _NAMED) if any(different) else ""


def changes(config: Config, endpoints: Iterable[Endpoint], typed: Mapping[str, str]) -> list[Change]:
    """The typed texts by key written into the files of ``endpoints``; an empty text takes its key out.

    FieldError for a text that cannot be read; EditError if an endpoint cannot be edited.
    """
    for key in typed:
        if key not in KEYS:
            raise FieldError(key, f"cannot be changed of several endpoints; {', '.join(KEYS)} can")
    made = [_change(config, file, lines, typed) for file, lines in by_file(endpoints).items()]
    return [one for one in made if one.before != one.after]


def _change(config: Config, file: str, lines: Iterable[int], typed: Mapping[str, str]) -> Change:
    new = _new_values(config, file, lines, typed)
    return changed(config, file, lambda old: with_keys(old, new))


def _new_values(
    config: Config, file: str, lines: Iterable[int], typed: Mapping[str, str]
) -> dict[int, dict[str, Any]]:
    """For each endpoint, by its index in ``file``, the values that differ from those written there."""
    above = cache(lambda group: inherited(config, file, group))
    new = {}
    for index, table in tables(config, file, lines).items():
        values = {key: _value(key, text.strip(), table, above) for key, text in typed.items()}
        new[index] = {key: value for key, value in values.items() if value != table.get(key)}
    return new


def _value(key: str, text: str, table: Mapping[str, Any], above: Callable[[str], Mapping[str, Any]]) -> Any:
    if not text:
        return None
    value = value_of(key, text, properties(Common)[key])
    if key != "tags" or not _is_signed(value):
        return value
    return _signed(value, table["tags"] if "tags" in table else above(table.get("group", "")).get("tags", []))


def _is_signed(value: Any) -> bool:
    return isinstance(value, list) and all(str(one).startswith(("+", "-")) for one in value)


def _signed(signed: Sequence[str], old: Any) -> list[str]:
    """``old`` tags with those after a ``+`` and without those after a ``-``."""
    before = [old] if isinstance(old, str) else list(old)
    gone = {one[1:].strip() for one in signed if one.startswith("-")}
    new = [one[1:].strip() for one in signed if one.startswith("+")]
    return [one for one in dict.fromkeys([*before, *new]) if one and one not in gone]


def by_key(problems: Iterable[Problem], typed: Mapping[str, str]) -> dict[str, str]:
    """``problems`` by the key that was typed, each once; others, with their places, at ``""``."""
    found: dict[str, dict[str, None]] = {}
    for one in problems:
        key = one.key.rpartition(".")[2].partition("[")[0]
        own = one.key.startswith("endpoints[") and key in typed
        found.setdefault(key if own else "", {})[one.text if own else str(one)] = None
    return {key: "; ".join(texts) for key, texts in found.items()}
