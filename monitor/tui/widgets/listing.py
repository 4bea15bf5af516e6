"""A list of lines with a cursor, painted only where it looks different."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from monitor.tui.keys import bound
from monitor.tui.widgets.pen import Line, Pen

_WHEEL = 3
"""Lines that one notch of the wheel moves."""


class Listing(Widget, can_focus=True):
    """Shows lines; the one under the cursor is always in sight."""

    DEFAULT_CSS = "Listing { height: 1fr; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("listing.down", "move(1)", "next line"),
        bound("listing.up", "move(-1)", "previous line"),
        bound("listing.first", "move(-1000000)", "first line"),
        bound("listing.last", "move(1000000)", "last line"),
        bound("listing.page_down", "page(1)", "page down"),
        bound("listing.page_up", "page(-1)", "page up"),
    ]

    class Moved(Message):
        """The operator moved the cursor."""

    class Clicked(Message):
        """The operator clicked the line that is now under the cursor."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[Line] = ()
        self._pen: Pen | None = None
        self.cursor = 0
        """The cursor's place among the lines, from 0."""
        self._top = 0
        self._painted: dict[int, Strip] = {}

    def show(self, lines: Sequence[Line], pen: Pen) -> None:
        """Show these lines instead; the cursor stays at its place in the list."""
        self._lines, self._pen = lines, pen
        self._repaint()

    def action_move(self, lines: int) -> None:
        self.cursor += lines
        self._repaint()
        self.post_message(self.Moved())

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(self.size.height - 1, 1))

    def _repaint(self) -> None:
        """Send the visible lines that look different now."""
        self.cursor = max(0, min(self.cursor, len(self._lines) - 1))
        height = max(self.size.height, 1)
        self._top = max(self.cursor - height + 1, min(self._top, self.cursor, len(self._lines) - height), 0)
        for y in range(self.size.height):
            strip = self._draw(y)
            if strip != self._painted.get(y):
                self._painted[y] = strip
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        return self._painted.get(y) or self._draw(y)

    def _draw(self, y: int) -> Strip:
        pen, at = self._pen, self._top + y
        if pen is None or at >= len(self._lines):
            return Strip([]).adjust_cell_length(self.size.width, pen.palette.text if pen else None)
        here, palette = at == self.cursor, pen.palette
        line = [Segment(pen.symbols.cursor if here else " ", palette.accent), *self._lines[at]]
        strip = Strip(line).adjust_cell_length(self.size.width, palette.text)
        return Strip(pen.lit(strip), strip.cell_length) if here else strip

    def on_resize(self) -> None:
        self._painted.clear()
        self._repaint()
        self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_move(_WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_move(-_WHEEL)

    def on_click(self, event: events.Click) -> None:
        if self._top + event.y < len(self._lines):
            self.cursor = self._top + event.y
            self._repaint()
            self.post_message(self.Clicked())
