"""What the overview shows, and in which order. Pure: it reads a board, and holds no clock.

Sorting thousands of endpoints four times a second would cost more than drawing them, so an
arrangement remembers what each endpoint's place hangs on, and says whether a change moved anything.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from monitor.tui.data.board import Board, Entry
from monitor.tui.lists.order import GROUPINGS, PROBLEMS, SORTINGS, Group, group, sort_by_value
from monitor.tui.lists.query import Query


@dataclass(frozen=True, slots=True)
class Heading:
    """The line above a group."""

    group: Group
    folded: bool

    @property
    def key(self) -> Hashable:
        return self.group.name


@dataclass(slots=True)
class Item:
    """The line of an endpoint. ``under`` is its heading's name: with tags it may be under several.

    Not frozen, which would make each one three times as dear: there are thousands.
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
    """The operator's choices; ``lines`` follows from them and the board."""

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

    def shows(self, entry: Entry, now: float) -> bool:
        """Whether ``entry`` is among what is asked for."""
        if self.problems_only and entry.status.state not in PROBLEMS:
            return False
        return self.query.matches(entry, now)

    def moved(self, board: Board, since: int) -> bool:
        """Whether anything that changed after revision ``since`` has another place than before."""
        if board.layout_revision > since:
            return True
        now = board.now()
        return any(
            self._place(entry, now) != self._places.get(entry.info.handle)
            for entry in board.changed_since(since)
        )

    def _place(self, entry: Entry, now: float) -> _Place | None:
        """What an endpoint's place hangs on; None for one that is not shown."""
        if not self.shows(entry, now):
            return None
        return SORTINGS[self.sort_by].value(entry), self.grouping != "none" and entry.status.state

    def sort(self, by: str) -> None:
        """Sort by ``by``; by the same once more: the other way round."""
        self.reverse = not self.reverse if by == self.sort_by else False
        self.sort_by = by

    def next_sort(self, step: int, names: Sequence[str]) -> None:
        """Sort by the next of ``names``, or with -1 by the one before."""
        here = names.index(self.sort_by) if self.sort_by in names else -max(step, 0)
        self.sort_by = names[(here + step) % len(names)]
        self.reverse = False

    def next_grouping(self) -> None:
        self.grouping = GROUPINGS[(GROUPINGS.index(self.grouping) + 1) % len(GROUPINGS)]

    def fold(self, name: str) -> None:
        """Fold the group of that name, or unfold it."""
        self.folded ^= {name}


def in_old_order(lines: Iterable[Line], old: Iterable[Line]) -> list[Line]:
    """``lines`` as they stood before, what is new at the end."""
    places = {line.key: place for place, line in enumerate(old)}
    return sorted(lines, key=lambda line: places.get(line.key, len(places)))
