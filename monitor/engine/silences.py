"""Selections and ids of silences. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from glob import escape

from monitor.engine.tracked import Tracked


def silence_of(tracked: Iterable[Tracked]) -> tuple[str, ...]:
    """The selection of exactly these endpoints, which outlives a new name."""
    return tuple(f"id:{escape(one.id)}" for one in tracked)


def new_id(at: float, taken: Collection[str]) -> str:
    """Short enough to type: the time in milliseconds, the next one if that is ``taken``."""
    number = round(at * 1000)
    while f"{number:x}" in taken:
        number += 1
    return f"{number:x}"
