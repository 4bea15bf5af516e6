"""The lines of the overview and their order. Pure: reads a board and has no clock.

Sorting thousands of endpoints four times a second would cost more than drawing them. An arrangement therefore
remembers each endpoint's sort key, and reports whether a change moved anything.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from monitor.tui.data.board import Board, Entry
from monitor.tui.lists.numeric_filters import figures
from monitor.tui.lists.order import GROUPINGS, PROBLEMS, SORTINGS, Group, group, sort_by_value
from monitor.tui.lists.query import Query, parse, without_beginning


@dataclass(frozen=True, slots=True)
class Heading:
    """A group's heading."""

    group: Group
    folded: bool

    @property
    def key(self) -> Hashable:
        return self.group.name


@dataclass(slots=True)
class Item:
    """An endpoint's line. ``under`` is its heading's name; with tags it may be under several.

    Not frozen: frozen ones take three times as long to create, and there are thousands.
    """

    entry: Entry
    under: str = ""

    @property
    def key(self) -> Hashable:
        return self.under, self.entry.info.id


Line = Heading | Item
_Place = tuple[Hashable, object]


@dataclass(slots=True)
class Arrangement:
    """The operator's choices; ``lines`` is derived from them and the board."""

    query: Query = field(default_factory=Query)
    problems_only: bool = False
    sort_by: str = "severity"
    reverse: bool = False
    grouping: str = "none"
    folded: set[str] = field(default_factory=set)
    _places: dict[int, _Place | None] = field(default_factory=dict)

    def lines(self, board: Board) -> list[Line]:
        """The lines to show."""
        now = board.now()
        self._places = places = {handle: self._place(entry, now) for handle, entry in board.entries.items()}
        pairs = zip(places.values(), board.entries.values(), strict=True)
        shown = [(place[0], entry) for place, entry in pairs if place is not None]
        ordered = sort_by_value(shown, self.sort_by, reverse=self.reverse)
        if self.grouping == "none":
            return [Item(entry) for entry in ordered]
        return [line for part in group(ordered, self.grouping) for line in self._under(part)]

    def _under(self, part: Group) -> Iterable[Line]:
        folded = part.name in self.folded
        yield Heading(part, folded)
        if not folded:
            yield from (Item(entry, part.name) for entry in part.entries)

    def filter_as_typed(self, text: str, board: Board) -> None:
        """Filter by ``text`` so far: a last word that fits nothing may become a field, and hides nothing.

        Raises QueryError.
        """
        query = parse(text)
        fits = any(query.matches(entry, board.now()) for entry in board.entries.values())
        self.query = query if fits else parse(without_beginning(text))

    def shows(self, entry: Entry, now: float) -> bool:
        """Whether the filter includes ``entry``."""
        if self.problems_only and entry.status.state not in PROBLEMS:
            return False
        return self.query.matches(entry, now)

    def moved(self, board: Board, since: int) -> bool:
        """Whether a change after revision ``since`` moved an endpoint."""
        if board.layout_revision > since:
            return True
        now = board.now()
        return any(
            self._place(entry, now) != self._places.get(entry.info.handle)
            for entry in board.changed_since(since)
        )

    def _place(self, entry: Entry, now: float) -> _Place | None:
        """An endpoint's sort key; None if it is not shown."""
        if not self.shows(entry, now):
            return None
        return SORTINGS[self.sort_by].value(entry), self.grouping != "none" and entry.status.state

    def sort(self, by: str) -> None:
        """Sort by ``by``; the same again reverses the order."""
        self.reverse = not self.reverse if by == self.sort_by else False
        self.sort_by = by

    def next_sort(self, step: int, names: Sequence[str]) -> None:
        """Sort by the next of ``names``, or with -1 by the previous one."""
        here = names.index(self.sort_by) if self.sort_by in names else -max(step, 0)
        self.sort_by = names[(here + step) % len(names)]
        self.reverse = False

    def figures(self) -> set[str]:
        """The names of the figures that the order and the filter compare."""
        return {self.sort_by} | figures(self.query.text)

    def next_grouping(self) -> None:
        self.grouping = GROUPINGS[(GROUPINGS.index(self.grouping) + 1) % len(GROUPINGS)]

    def fold(self, name: str) -> None:
        """Fold the group of that name, or unfold it."""
        self.folded ^= {name}


def in_old_order(lines: Iterable[Line], old: Iterable[Line]) -> list[Line]:
    """``lines`` in their previous order, new ones at the end."""
    places = {line.key: place for place, line in enumerate(old)}
    return sorted(lines, key=lambda line: places.get(line.key, len(places)))
