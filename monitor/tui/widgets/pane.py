"""A scrolling pane of sections, painted only where it differs.

Each section draws itself for the current size. Lines are compared with those on the screen, and only the
different ones are sent. The last line announces hidden lines, instead of a scroll bar.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, Protocol

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import Segments, TextLayout
from monitor.tui.keys import bound

_WHEEL = 3
"""Lines per notch of the mouse wheel."""


_MATCH, _PRESENT_MATCH = Style(underline=True), Style(reverse=True)


class Finder(Protocol):
    """Finds text in the panes of a screen."""

    def begin(self) -> None:
        """Ask for the text."""

    def seek(self, words: str) -> None:
        """Find ``words``; without any, stop."""

    def step(self, steps: int) -> None:
        """Go to another match."""


class Pane(Widget, can_focus=True):
    """Sections under one another."""

    DEFAULT_CSS = "Pane { height: 1fr; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("pane.down", "scroll_lines(1)", "scroll down"),
        bound("pane.up", "scroll_lines(-1)", "scroll up"),
        bound("pane.page_down", "scroll_pages(1)", "page down"),
        bound("pane.page_up", "scroll_pages(-1)", "page up"),
        bound("pane.first", "scroll_to_line(0)", "first line"),
        bound("pane.last", "scroll_to_line(1000000)", "last line"),
        bound("pane.find", "find", "find text"),
        bound("pane.find_next", "find_step(1)", "next match"),
        bound("pane.find_previous", "find_step(-1)", "previous match"),
        bound("pane.find_end", "find_end", "end the search"),
    ]

    def __init__(
        self, *, focusable: bool = True, finder: Finder | None = None, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self.can_focus = focusable
        self._finder = finder
        self.words = ""
        """The text to find; its matches are marked."""
        self._present: int | None = None
        """The line of the present match."""
        self.top = 0
        """The first visible line."""
        self._layout: TextLayout | None = None
        self._sections: Sequence[Section] = ()
        self._strips: list[Strip] = []
        self._anchors: list[int] = []
        self._painted: dict[int, Strip] = {}

    def show(self, sections: Sequence[Section], layout: TextLayout) -> None:
        """Show these sections, and keep the scroll position."""
        self._sections, self._layout = sections, layout
        self._draw()

    def _draw(self) -> None:
        if self._layout is None or not self.size.width:
            return
        self._strips, self._anchors = self._drawn(self._layout)
        self._scroll(self.top)

    def _drawn(self, layout: TextLayout) -> tuple[list[Strip], list[int]]:
        width, height = self.size
        lines: list[Segments] = []
        anchors = []
        for section in self._sections:
            if section.title:
                lines += [[]] if lines else []
                anchors.append(len(lines))
                lines.append(layout.heading(section.title, width, section.note))
            lines += section.draw(width, height)
        style = layout.palette.text
        return [Strip(line).adjust_cell_length(width, style) for line in lines], anchors

    @property
    def text(self) -> str:
        """All lines, visible or not."""
        return "\n".join(strip.text.rstrip() for strip in self._strips)

    # ── finding ─────────────────────────────────────────────────────────────────────────────────

    @property
    def matches(self) -> list[int]:
        """The lines that have the text to find."""
        pattern = self._pattern()
        return (
            [at for at, strip in enumerate(self._strips) if pattern.search(strip.text)] if self.words else []
        )

    def _pattern(self) -> re.Pattern[str]:
        return re.compile(re.escape(self.words), re.IGNORECASE)

    def find(self, words: str) -> None:
        """Mark every match of ``words``, in any case of letters."""
        self.words = words
        self.reveal(None)

    def reveal(self, line: int | None) -> None:
        """Make the match in this line the present one, and scroll to it unless it is visible; None: none."""
        self._present = line
        visible = line is None or self.top <= line < self.top + self.size.height - 1
        self._scroll(self.top if visible or line is None else line - self.size.height // 3)

    def _marked(self, at: int) -> Strip:
        """A line with its matches underlined, or in reverse if one of them is the present one."""
        strip, style = self._strips[at], _PRESENT_MATCH if at == self._present else _MATCH
        ends = [end for match in self._pattern().finditer(strip.text) for end in match.span()]
        cuts = [cell_len(strip.text[:end]) for end in ends]
        parts = strip.divide([*cuts, strip.cell_length]) if cuts else [strip]
        return Strip.join(part.apply_style(style) if place % 2 else part for place, part in enumerate(parts))

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        if action == "find":
            return self._finder is not None
        return bool(self.words) if action in ("find_step", "find_end") else True

    def action_find(self) -> None:
        if self._finder:
            self._finder.begin()

    def action_find_step(self, steps: int) -> None:
        if self._finder:
            self._finder.step(steps)

    def action_find_end(self) -> None:
        if self._finder:
            self._finder.seek("")

    # ── scrolling ───────────────────────────────────────────────────────────────────────────────

    def _scroll(self, top: int) -> None:
        self.top = max(0, min(top, len(self._strips) - self.size.height))
        for y in range(self.size.height):
            strip = self._line(y)
            if strip != self._painted.get(y):
                self._painted[y] = strip
                self.refresh(Region(0, y, self.size.width, 1))

    def next_section(self) -> None:
        """Scroll to the next heading; after the last one, to the top."""
        reached = self.top + self.size.height >= len(self._strips)
        later = [anchor for anchor in self._anchors if anchor > self.top]
        self._scroll(0 if reached or not later else later[0])

    def action_scroll_lines(self, lines: int) -> None:
        self._scroll(self.top + lines)

    def action_scroll_pages(self, pages: int) -> None:
        self._scroll(self.top + pages * max(self.size.height - 1, 1))

    def action_scroll_to_line(self, line: int) -> None:
        self._scroll(line)

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────

    def render_line(self, y: int) -> Strip:
        return self._painted.get(y) or self._line(y)

    def _line(self, y: int) -> Strip:
        at = self.top + y
        if self._layout is None or at >= len(self._strips):
            style = self._layout.palette.text if self._layout else None
            return Strip([]).adjust_cell_length(self.size.width, style)
        below = len(self._strips) - self.top - self.size.height
        strip = self._marked(at) if self.words else self._strips[at]
        return self._more(strip, below, self._layout) if y == self.size.height - 1 and below > 0 else strip

    def _more(self, strip: Strip, below: int, layout: TextLayout) -> Strip:
        hint = f" {layout.symbols.descending} {below + 1} more "
        kept = strip.crop(0, max(self.size.width - len(hint), 0))
        return Strip([*kept, Segment(hint, layout.palette.title)]).crop(0, self.size.width)

    # ── events ──────────────────────────────────────────────────────────────────────────────────

    def on_resize(self) -> None:
        self._painted.clear()
        self._draw()
        self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll(self.top + _WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll(self.top - _WHEEL)
