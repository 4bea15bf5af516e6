"""A config under construction: its tables in order, and the settings that could not be converted."""

from __future__ import annotations

import glob
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from monitor.importers._secrets import Secrets


@dataclass(eq=False)
class Block:
    """One table of the config to write."""

    table: str
    """``endpoints``, ``alerts`` …; the name of a named table is in ``name``."""
    keys: dict[str, Any] = field(default_factory=dict)
    """Keys and values as in TOML; ``expect`` and ``warn`` are tables."""
    notes: list[str] = field(default_factory=list)
    """Settings that were dropped or changed, each at its place."""
    name: str = ""
    """The name of a group's table."""
    line: int = 0
    """Its line in the other tool's config; 0: none in particular."""
    refused: str = ""
    """Why the whole table is a comment; empty if it is not."""
    example: str = ""
    """Why the whole table is a comment although nothing was lost: it is an example."""
    about: list[Block] = field(default_factory=list)
    """Endpoints that it depends on or selects; :func:`name_all` writes their names."""

    @property
    def title(self) -> str:
        """Its name in messages."""
        return str(self.keys.get("name") or self.name or self.keys.get("url") or self.table)

    def note(self, key: str, text: str) -> None:
        """Note that the other tool's ``key`` was dropped or changed."""
        self.notes.append(f"{key}: {text}" if key else text)

    def expect(self, key: str, value: Any, severity: str = "expect") -> None:
        self.keys.setdefault(severity, {})[key] = value

    def refuse(self, why: str) -> None:
        """Write the whole table as a comment."""
        self.refused = self.refused or why


class Names:
    """The names in use, so that each is unique."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}
        """Name -> the last number added to it; a file may repeat a name 60,000 times."""

    def take(self, name: str, group: str = "") -> str:
        """``name``, with the group or a number added if it is in use already."""
        made = base = name if name not in self._taken or not group else f"{name} ({group})"
        number = self._last.get(base, 1)
        while made in self._taken:
            number += 1
            made = f"{base} {number}"
        self._last[base] = number
        self._taken.add(made)
        return made


@dataclass(eq=False)
class Draft:
    """The config to write."""

    source: str
    """The file that it is made from."""
    tool: str
    secrets: Secrets = field(default_factory=Secrets)
    top: Block = field(default_factory=lambda: Block("file"))
    """Notes that concern no table in particular."""
    settings: Block = field(default_factory=lambda: Block("monitor"))
    defaults: Block = field(default_factory=lambda: Block("defaults"))
    groups: list[Block] = field(default_factory=list)
    endpoints: list[Block] = field(default_factory=list)
    alerts: list[Block] = field(default_factory=list)
    maintenance: list[Block] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    """URLs that have their endpoint already."""
    alert_names: Names = field(default_factory=Names)

    def endpoint(self, name: str, line: int = 0) -> Block:
        """A new endpoint, the last one so far."""
        block = Block("endpoints", {"name": name} if name else {}, line=line)
        self.endpoints.append(block)
        return block

    def alert(self, name: str, line: int = 0) -> Block:
        """A new alert, with a name of its own."""
        block = Block("alerts", {"name": self.alert_names.take(name or "alert")}, line=line)
        self.alerts.append(block)
        return block

    def blocks(self) -> Iterator[Block]:
        """Every table that is not empty, in the order in which they are written."""
        for block in (self.settings, self.defaults, *self.groups):
            if block.keys or block.notes:
                yield block
        yield from (*self.endpoints, *self.alerts, *self.maintenance)

    def notes(self) -> Iterator[str]:
        """Every note for standard error: ``FILE:LINE: NAME: TEXT``."""
        for block in (self.top, *self.blocks()):
            place = f"{self.source}:{block.line}" if block.line else self.source
            said = "" if block is self.top else f"{block.title}: "
            whole = [f"not carried over: {block.refused}"] if block.refused else []
            for note in (*whole, *block.notes):
                yield self.secrets.redact(f"{place}: {said}{note}")


def keep_pace(block: Block) -> None:
    """Confirm failures and recoveries at the usual interval, as other tools do; ours would be 5 seconds."""
    if max(block.keys["down_after"], block.keys["up_after"]) > 1:
        block.keys["retry_interval"] = block.keys["interval"]


def refuse_commands(draft: Draft) -> None:
    """Write a URL that would run a command as a comment: no tool has these, a hostile file may."""
    for block in (*draft.endpoints, *draft.alerts):
        if str(block.keys.get("url", "")).lower().startswith("exec:"):
            block.refuse("its URL runs a command here; uncomment it only if that is wanted")


def name_all(draft: Draft) -> None:
    """Give every endpoint a unique name, and use the names where other tables refer to endpoints."""
    names = Names()
    for block in draft.endpoints:
        name = str(block.keys.get("name") or "").strip() or "unnamed"
        unique = names.take(name, str(block.keys.get("group") or ""))
        block.keys = {"name": unique, **{key: one for key, one in block.keys.items() if key != "name"}}
    for block in draft.endpoints:
        if block.about:
            block.keys["depends_on"] = [one.keys["name"] for one in block.about]
    sizes = Counter(block.keys.get("group") for block in draft.endpoints)
    for block in (*draft.alerts, *draft.maintenance):
        if selected := _selection(block.about, sizes):
            block.keys["select"] = selected


def _selection(chosen: list[Block], sizes: Counter[Any]) -> list[str]:
    """Selections of exactly these endpoints: none for all endpoints, groups for all of a group.

    ``sizes`` are the numbers of endpoints by group.
    """
    meant = {id(block): block.keys.get("group") for block in chosen}
    if not chosen or len(meant) == sizes.total():
        return []
    counts = Counter(meant.values())
    whole = {group for group, count in counts.items() if count == sizes[group]}
    return list(dict.fromkeys(_expression(block, whole) for block in chosen))


def _expression(block: Block, whole: set[object]) -> str:
    group = block.keys.get("group")
    if group and group in whole:
        return f"group:{glob.escape(group)}"
    return f"name:{glob.escape(block.keys['name'])}"
