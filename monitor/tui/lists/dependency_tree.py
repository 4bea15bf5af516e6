"""Endpoints as trees: below each one, those that depend on it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.tui.data.board import Entry
from monitor.tui.lists.order import severity


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One endpoint at one place of a tree. An endpoint that depends on two others has a place below each."""

    entry: Entry
    path: tuple[int, ...]
    """The handles from the tree's root down to this endpoint."""
    last: tuple[bool, ...] = ()
    """For each level from the root's children down to this row: whether it is the last one there."""
    repeated: bool = False
    """Its dependents are shown at an earlier place already."""


_Children = Mapping[str, Sequence[Entry]]


def dependency_tree(entries: Collection[Entry]) -> list[TreeRow]:
    """All trees in display order: the one with the worst endpoint first, and the worst first at each level.

    Endpoints that neither depend on another nor have dependents are left out.
    """
    children = _children(entries)
    names = {entry.info.name for entry in entries}
    roots = [one for one in entries if one.info.name in children and names.isdisjoint(one.info.depends_on)]
    expanded = set[int]()
    trees = [list(_rows(TreeRow(one, (one.info.handle,)), children, expanded)) for one in roots]
    trees.sort(key=lambda rows: min(severity(row.entry) for row in rows))
    return [row for rows in trees for row in rows]


def _children(entries: Collection[Entry]) -> _Children:
    """The direct dependents by the name of their dependency, worst first."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        for name in entry.info.depends_on:
            found.setdefault(name, []).append(entry)
    return {name: sorted(those, key=severity) for name, those in found.items()}


def _rows(row: TreeRow, children: _Children, expanded: set[int]) -> Iterator[TreeRow]:
    """``row`` and all rows below it; ``expanded`` collects the endpoints whose dependents are shown."""
    below, handle = children.get(row.entry.info.name, ()), row.entry.info.handle
    if handle in expanded:
        yield replace(row, repeated=bool(below))
        return
    expanded.add(handle)
    yield row
    for place, child in enumerate(below, start=1):
        path, last = (*row.path, child.info.handle), (*row.last, place == len(below))
        yield from _rows(TreeRow(child, path, last), children, expanded)


def with_words(rows: Sequence[TreeRow], fits: Collection[int]) -> list[TreeRow]:
    """The rows of the endpoints ``fits`` (by handle), and the rows above each of them up to its root."""
    kept: list[TreeRow] = []
    needed = -1
    for row in reversed(rows):
        depth = len(row.last)
        if row.entry.info.handle in fits or depth == needed:
            kept.append(row)
            needed = depth - 1
    return kept[::-1]
