"""The difference that changes make to their files, line by line, for people to read. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from monitor.config.editing.change import Change, text
from monitor.model import Config, Hunk
from monitor.redact import without_password

Starts = Sequence[tuple[int, str]]
"""The line and name of each endpoint of a file, in order."""
_FARTHEST = 100
"""Limit of changed lines in one place; the rest counts as changed."""
_SAME = 2
"""Number of equal lines that end a difference."""


def hunks(config: Config, changes: Iterable[Change]) -> tuple[Hunk, ...]:
    """The lines of the files of ``config`` that ``changes`` change, without passwords."""
    return tuple(hunk for one in changes for hunk in _of_file(one, _starts(config, one.file)))


def _starts(config: Config, file: str) -> Starts:
    written = ((one.source, one.name) for one in config.endpoints)
    return sorted((source.line, name) for source, name in written if source and source.file == file)


def _of_file(change: Change, starts: Starts) -> Iterator[Hunk]:
    old, new = (_lines(data) for data in (change.before, change.after))
    same = _alike(old, new)
    last = min(_alike(old[::-1], new[::-1]), min(len(old), len(new)) - same)
    old, new = old[same : len(old) - last], new[same : len(new) - last]
    for start, removed, added in _differences(old, new):
        line = same + start + 1
        is_new = any(one.startswith("[[") for one in added)
        endpoint = "" if is_new else _endpoint_at(line - (not removed), starts)
        yield Hunk(change.file, line, _shown(removed), _shown(added), endpoint)


def _differences(
    old: Sequence[str], new: Sequence[str]
) -> Iterator[tuple[int, Sequence[str], Sequence[str]]]:
    """Ranges of different lines: their place, the lines of ``old``, and those of ``new``.

    It takes linear time, unlike difflib: files of ten thousand endpoints have a hundred thousand lines.
    """
    at = place = 0
    while at < len(old) or place < len(new):
        if old[at : at + 1] == new[place : place + 1]:
            at, place = at + 1, place + 1
            continue
        removed, added = _until_alike(old, new, at, place)
        yield at, old[at : at + removed], new[place : place + added]
        at, place = at + removed, place + added


def _until_alike(old: Sequence[str], new: Sequence[str], at: int, place: int) -> tuple[int, int]:
    """The numbers of lines to skip on both sides until they agree again; all lines if that is too far."""
    for distance in range(1, _FARTHEST):
        for removed in range(distance + 1):
            there, here = at + removed, place + distance - removed
            common = old[there : there + _SAME]
            if common and common == new[here : here + _SAME]:
                return removed, distance - removed
    return len(old) - at, len(new) - place


def _lines(data: bytes) -> list[str]:
    return [line.removesuffix("\r") for line in text(data).split("\n")]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """The number of equal lines at the beginnings."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _shown(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(without_password, lines))


def _endpoint_at(line: int, starts: Starts) -> str:
    at = bisect_right(starts, line, key=lambda one: one[0])
    return starts[at - 1][1] if at else ""
