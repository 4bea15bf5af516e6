"""Matchers put together from several conditions on the same value."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import Any

from monitor.importers._draft import Block

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,9}")
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(-?[0-9]+|\*)\]|\[['\"]([^'\"]*)['\"]\]")


def literal(text: str) -> Any:
    """The TOML value that ``text`` spells: a number, a truth value, or the text itself."""
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def add(block: Block, key: str, path: str | None, operator: str, value: Any) -> bool:
    """Add an expectation on ``key`` (and on ``path`` in it); False if it contradicts another."""
    table = block.keys.setdefault("expect", {})
    if path is not None:
        table, key = table.setdefault(key, {}), path
    there = table.get(key)
    if there is None:
        table[key] = value if operator == "eq" else {operator: value}
        return True
    matcher = dict(there) if isinstance(there, dict) else {"eq": there}
    if operator in matcher:
        return bool(matcher[operator] == value)
    table[key] = {**matcher, operator: value}
    return True


def json_path(steps: str) -> str | None:
    """RFC 9535 for ``user.name``, ``data[0].id``, ``[0]``; None if it is no such path."""
    path, at = "$", 0
    while at < len(steps):
        found = _STEP.match(steps, at)
        if found is None or found.end() == at:
            return None
        path += _step(found)
        at = found.end()
    return path


def _step(found: re.Match[str]) -> str:
    if found[2] is not None:
        return f"[{found[2]}]"
    name = found[1] if found[1] is not None else found[3]
    if _PLAIN_NAME.fullmatch(name):
        return f".{name}"
    quoted = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{quoted}']"


def glob_pattern(glob: str) -> str:
    """A regular expression for a glob with ``*`` and ``?``, anchored at the ends without ``*``."""
    if len(glob) > 2 and glob[0] == glob[-1] == "*" and not set(glob[1:-1]) & set("*?"):
        return re.escape(glob[1:-1])
    parts = re.split(r"([*?])", glob)
    middle = "".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts)
    start, end = "" if glob.startswith("*") else "^", "" if glob.endswith("*") else "$"
    whole = f"{start}{middle if start else middle[2:]}{end}"
    whole = whole if end else whole.removesuffix(".*")
    return f"(?s){whole}" if set(glob.strip("*")) & set("*?") else whole


def compact_codes(codes: AbstractSet[int]) -> list[int | str]:
    """HTTP codes for ``expect.status``: a class if all of its codes are meant."""
    found: list[int | str] = []
    for hundred in range(100, 600, 100):
        of_class = [code for code in range(hundred, hundred + 100) if code in codes]
        found += [f"{hundred // 100}xx"] if len(of_class) == 100 else of_class
    return found
