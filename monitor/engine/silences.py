"""Selections and ids of silences, and the endpoints that they cover. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from glob import escape
from math import inf

from monitor.engine.tracked import Tracked
from monitor.model import Silence
from monitor.syntax.selection import Selection


def silence_of(tracked: Iterable[Tracked]) -> tuple[str, ...]:
    """The selection of exactly these endpoints, which stays valid if they are renamed."""
    return tuple(f"id:{escape(one.id)}" for one in tracked)


def named(select: Iterable[str], endpoints: Iterable[Tracked]) -> tuple[str, ...]:
    """The ids of the endpoints that a selection names by their full id."""
    names = set(map(_name, select))
    return tuple(one.id for one in endpoints if one.endpoint.name.casefold() in names)


def _name(term: str) -> str:
    prefix, colon, rest = term.partition(":")
    return (rest if colon and prefix.strip().casefold() == "name" else term).strip().casefold()


def new_id(at: float, taken: Collection[str]) -> str:
    """An id short enough to type: the time in milliseconds, or the next number if that is ``taken``."""
    number = round(at * 1000)
    while f"{number:x}" in taken:
        number += 1
    return f"{number:x}"


def cover(
    endpoints: Collection[Tracked], silences: Iterable[Silence], selections: Mapping[str, Selection]
) -> float:
    """Give each endpoint the silence that covers it for the longest. Returns when the first one ends."""
    longest_last = sorted(silences, key=_end)
    for tracked in endpoints:
        tracked.silence = None
    for silence in longest_last:
        for tracked in selected(endpoints, selections[silence.id]):
            tracked.silence = silence
    return min(map(_end, longest_last), default=inf)


def selected(endpoints: Iterable[Tracked], selects: Selection) -> list[Tracked]:
    """The endpoints that a selection covers."""
    return [tracked for tracked in endpoints if selects(tracked.endpoint)]


def _end(silence: Silence) -> float:
    return inf if silence.until is None else silence.until
