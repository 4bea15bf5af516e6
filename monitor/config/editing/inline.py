"""TOML values on one line, as people write small ones: ``["web", "eu"]``, ``{ X-Team = "shop" }``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tomli_w


def inline(value: Any) -> str:
    """``value`` as TOML without a line break in it."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(pair(key, item) for key, item in value.items())} }}" if value else "{}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(inline, value))}]"
    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")


def pair(key: str, value: Any) -> str:
    """``key = value``, the key quoted if need be."""
    return f"{dotted([key])} = {inline(value)}"


def dotted(keys: Iterable[str | int]) -> str:
    """``keys`` as one dotted key, each of them quoted if need be."""
    return ".".join(tomli_w.dumps({str(key): 0}).removesuffix(" = 0\n") for key in keys)
