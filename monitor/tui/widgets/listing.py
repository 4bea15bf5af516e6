"""A list of rows with a cursor. Only visible rows are drawn, and only differences are painted."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import ClassVar, Generic, TypeVar

from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from monitor.tui.drawing.empty_state import empty_lines
from monitor.tui.drawing.text_layout import Segments, TextLayout
from monitor.tui.keys import bound
from monitor.tui.lists.empty_states import NOTHING

_WHEEL = 3
"""Lines per notch of the mouse wheel."""

Row = TypeVar("Row")


def ready(line: Segments, _width: int, _layout: TextLayout) -> Segments:
    """Draws rows that are lines already."""
    return line


class Listing(Widget, Generic[Row], can_focus=True):
    """Shows rows, a line each; the row under the cursor is always visible.

    ``draw`` returns the line of a row. The cursor stays on the row with the same ``key``; without keys, or if
    that row has gone, at its place in the list.
    """

    DEFAULT_CSS = "Listing { height: 1fr; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("listing.down", "move(1)", "next line"),
        bound("listing.up", "move(-1)", "previous line"),
        bound("listing.first", "first", "first line"),
        bound("listing.last", "last", "last line"),
        bound("listing.page_down", "page(1)", "page down"),
        bound("listing.page_up", "page(-1)", "page up"),
    ]

    class Moved(Message):
        """The cursor moved."""

    class Clicked(Message):
        """The row under the cursor was clicked ``times`` times."""

        def __init__(self, times: int) -> None:
            super().__init__()
            self.times = times

    def __init__(
        self, draw: Callable[[Row, int, TextLayout], Segments], key: Callable[[Row], Hashable] | None = None
    ) -> None:
        super().__init__()
        self._draw_row = draw
        self._key = key
        self.rows: Sequence[Row] = ()
        self.empty_state = NOTHING
        """The text for an empty list."""
        self._layout: TextLayout | None = None
        self.cursor = 0
        """The cursor's place among the rows, from 0."""
        self.touched = False
        """Whether the cursor was ever moved."""
        self._top = 0
        self._painted: dict[int, Strip] = {}

    def show(self, rows: Sequence[Row], layout: TextLayout) -> None:
        """Show these rows. The cursor stays at its place on the screen if possible."""
        before, self.cursor = self.cursor, self.place_in(rows)
        self.rows, self._layout = rows, layout
        self._top += self.cursor - before
        self.repaint()

    def place_in(self, rows: Sequence[Row]) -> int:
        """The cursor's new place when ``rows`` replace the previous ones."""
        if self._key is None or self.current is None:
            return self.cursor
        key = self._key(self.current)
        return next((place for place, row in enumerate(rows) if self._key(row) == key), self.cursor)

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    @property
    def above(self) -> int:
        """Number of rows above the visible ones."""
        return self._top

    @property
    def below(self) -> int:
        """Number of rows below the visible ones."""
        return max(len(self.rows) - self._top - self.size.height, 0)

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────

    def repaint(self) -> None:
        """Repaint the visible lines that differ."""
        height = max(self.size.height, 1)
        self.cursor = max(0, min(self.cursor, len(self.rows) - 1))
        self._top = max(self.cursor - height + 1, min(self._top, self.cursor, len(self.rows) - height), 0)
        for y in range(self.size.height):
            strip = self._draw(y)
            if strip != self._painted.get(y):
                self._painted[y] = strip
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        return self._painted.get(y) or self._draw(y)

    def _draw(self, y: int) -> Strip:
        layout, at, width = self._layout, self._top + y, self.size.width
        if layout is None or at >= len(self.rows):
            return self._nothing(y, width, layout)
        here, palette = at == self.cursor, layout.palette
        sign = Segment(layout.symbols.cursor if here else " ", palette.accent)
        line = Segment.adjust_line_length(
            [sign, *self._draw_row(self.rows[at], max(width - 1, 0), layout)], width, style=palette.text
        )
        return Strip(layout.lit(line) if here else line, width)

    def _nothing(self, y: int, width: int, layout: TextLayout | None) -> Strip:
        if layout is None:
            return Strip.blank(width)
        said = [] if self.rows else empty_lines(self.empty_state, width, self.size.height, layout)
        return Strip(said[y] if y < len(said) else []).adjust_cell_length(width, layout.palette.text)

    # ── moving ──────────────────────────────────────────────────────────────────────────────────

    def move_to(self, place: int) -> None:
        """Put the cursor on a row, as by the operator."""
        self.cursor, self.touched = place, True
        self.repaint()
        self.post_message(self.Moved())

    def move_to_first(self, fits: Callable[[Row], bool]) -> bool:
        """Put the cursor on the first row that fits. Returns whether there is one."""
        place = next((place for place, row in enumerate(self.rows) if fits(row)), None)
        if place is None:
            return False
        self.move_to(place)
        return True

    def action_move(self, rows: int) -> None:
        self.move_to(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        self.move_to(self.cursor + pages * max(self.size.height - 1, 1))

    def action_first(self) -> None:
        self.move_to(0)

    def action_last(self) -> None:
        self.move_to(len(self.rows) - 1)

    # ── events ──────────────────────────────────────────────────────────────────────────────────

    def on_resize(self) -> None:
        self._painted.clear()
        self.repaint()
        self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_move(_WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_move(-_WHEEL)

    def on_click(self, event: events.Click) -> None:
        if self._top + event.y < len(self.rows):
            self.move_to(self._top + event.y)
            self.post_message(self.Clicked(event.chain))
