"""Read the config as `monitor validate` would; settings that it refuses become comments."""

from __future__ import annotations

from pathlib import Path

from monitor.config import load
from monitor.errors import ConfigError, UsageError
from monitor.importers._draft import Block, Draft
from monitor.importers._toml import Text, written
from monitor.model import Problem

_ROUNDS = 40
_VITAL = {"", "name", "url", "group"}
"""Without these a table means nothing."""


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
