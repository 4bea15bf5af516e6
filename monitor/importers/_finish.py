"""Finish a draft: write shared settings once, and make settings that `monitor validate` refuses comments."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from monitor.config import load
from monitor.config.common import Common
from monitor.errors import ConfigError, UsageError
from monitor.importers._draft import Block, Draft
from monitor.importers._toml import Text, written
from monitor.model import Problem

_COMMON = ("interval", "timeout", "retry_interval", "down_after", "up_after")
"""Keys that endpoints of every kind have."""
_BY_GROUP = (
    "headers",
    "auth",
    "proxy",
    "no_proxy",
    "tls",
    "ip_version",
    "follow_redirects",
    "method",
    "tags",
    "expect",
)
_BUILT_IN = {
    "interval": "30s",
    "timeout": "10s",
    "down_after": Common.down_after,
    "up_after": Common.up_after,
}
_ROUNDS = 40
_VITAL = {"", "name", "url", "group"}
"""Without these a table means nothing."""


def factor_out(draft: Draft) -> None:
    """Move settings that most endpoints share to ``[defaults]``, and those that a group shares to it."""
    live = [block for block in draft.endpoints if not (block.refused or block.example)]
    _to_groups(draft, live)
    for key in _COMMON:
        _to_defaults(draft, key, live)
    for key, value in _BUILT_IN.items():
        if key not in draft.defaults.keys:
            grouped = {block.name for block in draft.groups if key in block.keys}
            _take_out(key, value, [block for block in live if block.keys.get("group") not in grouped])


def _to_defaults(draft: Draft, key: str, live: Sequence[Block]) -> None:
    """The keys that every endpoint sets: a missing key means the built-in default."""
    if len(live) < 2:
        return
    grouped = {block.name for block in draft.groups if key in block.keys}
    asking = [block for block in live if block.keys.get("group") not in grouped]
    sayers = [*asking, *(block for block in draft.groups if key in block.keys)]
    values = [_frozen(block.keys.get(key)) for block in sayers]
    if not values or None in (block.keys.get(key) for block in sayers):
        return
    common, count = Counter(values).most_common(1)[0]
    if count == 1 and len(sayers) > 1:
        return
    value = next(block.keys[key] for block in sayers if _frozen(block.keys[key]) == common)
    _take_out(key, value, sayers)
    if value != _BUILT_IN.get(key):
        draft.defaults.keys[key] = value


def _to_groups(draft: Draft, live: Sequence[Block]) -> None:
    members: dict[str, list[Block]] = {}
    for block in live:
        if block.keys.get("group"):
            members.setdefault(block.keys["group"], []).append(block)
    # With a single group, its common keys become defaults.
    keys = (*_COMMON, *_BY_GROUP) if len(members) > 1 else _BY_GROUP
    usual = {key: _usual(key, live) for key in _COMMON}
    for name, blocks in members.items():
        if len(blocks) > 1:
            _to_group(_group(draft, name), keys, blocks, usual)
    draft.groups = [block for block in draft.groups if block.keys or block.notes]


def _to_group(group: Block, keys: Sequence[str], blocks: Sequence[Block], usual: Mapping[str, str]) -> None:
    for key in keys:
        if _same(key, blocks) and _frozen(blocks[0].keys[key]) != usual.get(key):
            group.keys[key] = blocks[0].keys[key]
            _take_out(key, group.keys[key], blocks)
    for note in [note for note in blocks[0].notes if all(note in block.notes for block in blocks)]:
        group.notes.append(note)
        for block in blocks:
            block.notes.remove(note)


def _group(draft: Draft, name: str) -> Block:
    found = next((block for block in draft.groups if block.name == name), None)
    if found is None:
        draft.groups.append(found := Block("groups", name=name))
    return found


def _same(key: str, blocks: Iterable[Block]) -> bool:
    values = {_frozen(block.keys.get(key)) for block in blocks}
    if key == "expect" and any("certificate" in block.keys.get(key, {}) for block in blocks):
        return False  # as a default, it would not apply to endpoints without TLS
    return len(values) == 1 and "null" not in values


def _usual(key: str, live: Sequence[Block]) -> str:
    """The value that most endpoints share, which becomes a default; nothing if there is none."""
    counts = Counter(_frozen(block.keys.get(key)) for block in live)
    return next((value for value, count in counts.items() if count * 2 > len(live)), "")


def _take_out(key: str, value: Any, blocks: Iterable[Block]) -> None:
    for block in blocks:
        if _frozen(block.keys.get(key)) == _frozen(value):
            block.keys.pop(key, None)


def _frozen(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def settle(draft: Draft, folder: Path) -> None:
    """Turn invalid settings into comments until the rest is valid. Relative files are below ``folder``."""
    for _ in range(_ROUNDS):
        text = written(draft, trial=True)
        problems = _problems(str(text), folder)
        if not problems:
            return
        for problem in problems:
            _give_up(problem, text, draft)
    raise UsageError(f"{draft.source} cannot be made a valid config: {problems[0].text}")


def _problems(text: str, folder: Path) -> list[Problem]:
    file = folder.absolute() / "imported.toml"
    try:
        load(file, {str(file): text.encode()})
    except ConfigError as error:
        return list(error.problems)
    return []


def _give_up(problem: Problem, text: Text, draft: Draft) -> None:
    block, key = text.owners.get(problem.line, (None, ""))
    if block is None:
        raise UsageError(f"{draft.source} cannot be made a valid config: {problem.key}: {problem.text}")
    if problem.key in ("alerts", "maintenance"):
        for one in draft.alerts if problem.key == "alerts" else draft.maintenance:
            one.refuse(problem.text)
    elif block.table in ("alerts", "maintenance"):
        block.refuse(f"this version does not take it: {_last(problem.key)} {problem.text}")
    elif key in _VITAL:
        block.refuse(f"{_last(problem.key)} {problem.text}")
    else:
        _drop(block, key, problem.text)


def _last(key: str) -> str:
    return key.rpartition("].")[2] if "]." in key else key


def _drop(block: Block, key: str, why: str) -> None:
    """Take one key out; ``expect.json.$.a`` goes alone, the rest of its table stays."""
    table, path = block.keys, key
    while path not in table:
        head = path.partition(".")[0]
        if head not in table or not isinstance(table[head], dict):
            return
        table, path = table[head], path.partition(".")[2]
    del table[path]
    _prune(block)
    block.note(key, f"not valid here: {why}")


def _prune(block: Block) -> None:
    for key in [key for key, value in block.keys.items() if value == {}]:
        del block.keys[key]
