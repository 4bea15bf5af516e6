"""The text of a config, as a person would lay it out, and the table to which each line belongs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import tomli_w

from monitor.config.editing.inline import inline, pair
from monitor.importers._draft import Block, Draft
from monitor.importers._secrets import BEGIN, END
from monitor.text import plain

_WIDTH = 100
_DOTTED = ("expect", "warn")
_ORDER: tuple[str, ...] = (
    "name",
    "id",
    "url",
    "group",
    "tags",
    "description",
    "enabled",
    "interval",
    "timeout",
    "retry_interval",
)
_ORDER += ("down_after", "up_after", "depends_on", "method", "headers", "body", "json", "…", "expect", "warn")
"""Keys in the usual order: identity, schedule, request, expectations."""
_LONGEST_NOTE = 400
_PLACEHOLDER = re.compile(f"{BEGIN}([^{END}]*){END}")
STAND_IN = "1"
"""The value of a placeholder while the config is tried: valid as a number, a host and a path."""


@dataclass
class Text:
    """The config's lines, and who they belong to."""

    lines: list[str] = field(default_factory=list)
    owners: dict[int, tuple[Block, str]] = field(default_factory=dict)
    """Line, from 1 -> its table and key; the key is empty for the table's header."""

    def add(self, line: str = "", owner: tuple[Block, str] | None = None) -> None:
        """Add ``line``, or several, belonging to ``owner``."""
        for one in line.split("\n"):
            self.lines.append(one)
            if owner is not None:
                self.owners[len(self.lines)] = owner

    def __str__(self) -> str:
        return "\n".join(self.lines) + "\n"


def written(draft: Draft, *, trial: bool = False) -> Text:
    """The config; with ``trial``, with a stand-in for every secret, to see whether it is valid."""
    text = Text()
    _introduce(draft, text)
    for block in draft.blocks():
        text.add()
        _write_block(block, draft, text, trial=trial)
    return text


def _introduce(draft: Draft, text: Text) -> None:
    text.add(
        _comment(
            draft, f"Made from {draft.source} by 'monitor import {draft.tool}'. Check it: monitor validate"
        )
    )
    if draft.secrets.needed:
        text.add('#\n# Set these environment variables before use (or write "${file:PATH}" instead):')
        width = max(map(len, draft.secrets.needed))
        for name, where in draft.secrets.needed.items():
            text.add(_comment(draft, f"{name.ljust(width)}  {where}", "#   "))
    if draft.top.notes:
        text.add("#\n# Not carried over:")
        for note in draft.top.notes:
            text.add(_comment(draft, note, "#   "))


def _comment(draft: Draft, said: str, before: str = "# ") -> str:
    shown = draft.secrets.redact(said)
    aligned = before == "#   " and "  " in shown
    name, blanks, rest = shown.partition("  ") if aligned else (shown, "", "")
    gap = blanks + rest[: len(rest) - len(rest.lstrip())]
    return before + plain(name, _LONGEST_NOTE) + gap + plain(rest.lstrip(), _LONGEST_NOTE)


def _write_block(block: Block, draft: Draft, text: Text, *, trial: bool) -> None:
    aside = bool(block.refused or block.example)
    if aside:
        text.add(_comment(draft, f"not carried over: {block.refused}" if block.refused else block.example))
    text.add(("# " if aside else "") + _header(block), None if aside else (block, ""))
    for key, line in _key_lines(block.keys):
        whole = filled(line, trial=trial)
        if aside:
            text.add("\n".join(f"# {one}" for one in draft.secrets.redact(whole).split("\n")))
        else:
            text.add(whole, (block, key))
    for note in block.notes:
        text.add(_comment(draft, note))


def _header(block: Block) -> str:
    if block.table == "groups":
        return f"[groups.{pair(block.name, 0).removesuffix(' = 0')}]"
    return f"[{block.table}]" if block.table in ("monitor", "defaults") else f"[[{block.table}]]"


def _key_lines(keys: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Pairs of a key, such as ``expect.status``, and its text."""
    for key, value in sorted(keys.items(), key=_place):
        if key in _DOTTED:
            for below, wanted in value.items():
                yield from _expectation(f"{key}.{below}", wanted)
        elif isinstance(value, dict) and len(inline(_escaped(value))) > _WIDTH:
            for below, one in value.items():
                yield f"{key}.{below}", f"{key}.{_line(below, one)}"
        else:
            yield key, _line(key, value)


def _place(pair: tuple[str, Any]) -> int:
    return _ORDER.index(pair[0]) if pair[0] in _ORDER else _ORDER.index("…")


def _expectation(key: str, wanted: Any) -> Iterator[tuple[str, str]]:
    whole = f"{key} = {inline(_escaped(wanted))}"
    if isinstance(wanted, dict) and key.endswith((".json", ".headers")) and len(whole) > _WIDTH:
        for name, matcher in wanted.items():
            yield f"{key}.{name}", f"{key}.{_line(name, matcher)}"
    elif isinstance(wanted, list) and len(whole) > _WIDTH:
        yield key, f"{key} = {_long_list(_escaped(wanted))}"
    else:
        yield key, whole


def _line(key: str, value: Any) -> str:
    value = _escaped(value)
    if isinstance(value, str) and "\n" in value.rstrip("\n") and "\r" not in value:
        return tomli_w.dumps({key: value}, multiline_strings=True).rstrip("\n")
    if isinstance(value, list) and len(inline(value)) > _WIDTH:
        return f"{pair(key, 0).removesuffix('0')}{_long_list(value)}"
    return pair(key, value)


def _long_list(items: list[Any]) -> str:
    lines, line = [], "   "
    for item in items:
        said = f" {inline(item)},"
        if len(line) + len(said) > _WIDTH and line.strip():
            lines.append(line)
            line = "   "
        line += said
    return "\n".join(["[", *lines, line, "]"])


def _escaped(value: Any) -> Any:
    """``value`` with its dollar signs doubled, if one would begin something."""
    if isinstance(value, str):
        begins = any(sign in value for sign in ("$$", "${", f"${BEGIN}"))
        return value.replace("$", "$$") if begins else value
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    return [_escaped(item) for item in value] if isinstance(value, list) else value


def filled(line: str, *, trial: bool) -> str:
    """``line`` with its placeholders as they are written, or with a stand-in as the default."""
    return _PLACEHOLDER.sub(
        rf"${{\1:-{STAND_IN}}}" if trial else r"${\1}", line.replace(f"{BEGIN}file:", "${file:")
    ).replace(END, "}")
