"""The wall's tiles: one widget for all, repainted only where they differ.

Painted tiles are kept. After each pull the tiles of changed endpoints are drawn and compared, and only the
different lines are sent.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from monitor.tui.data.board import Entry
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.drawing.text_layout import Segments
from monitor.tui.drawing.wall import tile
from monitor.tui.lists import tiling
from monitor.tui.lists.tiling import Page, Tile


@dataclass(slots=True)
class _Painted:
    """A painted tile; ``depends`` has the inputs of its drawing."""

    place: Tile
    depends: Hashable
    lines: list[Segments]


class WallGrid(Widget, can_focus=False):
    """One page of tiles."""

    DEFAULT_CSS = "WallGrid { height: 1fr; width: 1fr; }"

    def __init__(self, context: DrawContext) -> None:
        super().__init__()
        self._look = context
        self._entries: Sequence[Entry] = ()
        self._page = 0
        self._pages: list[Page] = []
        self._laid_for: Hashable = None
        self._painted: list[_Painted] = []
        self._rows: dict[int, list[_Painted]] = {}
        """The tiles in each line, from left to right."""

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(len(self._pages), 1)

    @property
    def shown(self) -> Sequence[Entry]:
        """The endpoints of the current page."""
        first = sum(map(len, self._pages[: self._page]))
        return self._entries[first : first + len(self._painted)]

    def show(self, entries: Sequence[Entry], tall: int, page: int, context: DrawContext) -> int:
        """Show a page of ``entries``, the first ``tall`` ones larger. Return the page, at most the last."""
        self._entries, self._look = entries, context
        laid_for = len(entries), tall, *self.size
        if laid_for != self._laid_for:
            self._laid_for = laid_for
            self._pages = tiling.pages(*laid_for)
        self._turn_to(min(page, self.pages - 1))
        return self._page

    def _turn_to(self, page: int) -> None:
        places = self._pages[page] if self._pages else ()
        self._page = page
        if places != tuple(painted.place for painted in self._painted):
            self._lay(places)
        for painted, entry in zip(self._painted, self.shown, strict=True):
            self._repaint(painted, entry)

    def _lay(self, places: Page) -> None:
        self._painted = [_Painted(place, None, []) for place in places]
        self._rows = {}
        for painted in self._painted:
            for y in range(painted.place.y, painted.place.y + painted.place.height):
                self._rows.setdefault(y, []).append(painted)
        for row in self._rows.values():
            row.sort(key=lambda painted: painted.place.x)
        self.refresh()

    def _repaint(self, painted: _Painted, entry: Entry) -> None:
        context, place = self._look, painted.place
        depends = entry.info, entry.revision, context.palette, int(context.now // 60)
        if depends == painted.depends:
            return
        before, painted.depends = painted.lines, depends
        painted.lines = tile(entry, place.width, place.height, context)
        for row, line in enumerate(painted.lines):
            if not before or line != before[row]:
                self.refresh(Region(place.x, place.y + row, place.width, 1))

    def render_line(self, y: int) -> Strip:
        style, segments, x = self._look.palette.text, list[Segment](), 0
        for painted in self._rows.get(y, ()):
            place = painted.place
            segments += [Segment(" " * (place.x - x), style)] if place.x > x else []
            segments += painted.lines[y - place.y]
            x = place.x + place.width
        return Strip(segments).adjust_cell_length(self.size.width, style)
