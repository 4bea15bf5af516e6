"""The live table: one widget for all lines, repainted only where it differs.

Painted lines are kept column by column. After each pull the visible lines are drawn and compared, and only
the different cells are sent. The cursor belongs to an endpoint, not to a place on the screen: it follows
its endpoint. Until the operator first moves it, it stays on the first line.

On a wide terminal, lines that would not fit flow into several blocks side by side, as in a newspaper.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from monitor.model import State
from monitor.tui import keys
from monitor.tui.data.board import Entry
from monitor.tui.drawing.column_layout import GUTTER, ColumnLayout, Placed, fit
from monitor.tui.drawing.columns import Cell, DrawContext, cut
from monitor.tui.drawing.empty_state import empty_lines
from monitor.tui.drawing.text_layout import TextLayout
from monitor.tui.lists.arrangement import Heading, Item, Line
from monitor.tui.lists.empty_states import NOTHING
from monitor.tui.lists.order import SEVERITY
from monitor.tui.terminal.symbols import WORDS

_WHEEL = 3
"""Lines per notch of the mouse wheel."""
_WIDEST_NAME, _WIDEST_GROUP = 44, 32
_HEADING = 32
"""Cells of a group's name."""


_BLOCK, _BETWEEN, _MOST_BLOCKS = 98, 2, 3
"""Least width of a block, the space between two, and how many there are at most."""


class Table(Widget, can_focus=True):
    """Lines of endpoints and headings, with a cursor and marks."""

    DEFAULT_CSS = "Table { height: 1fr; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = keys.TABLE

    class Laid(Message):
        """The columns moved."""

    class Moved(Message):
        """The cursor moved, or the table scrolled."""

    class Opened(Message):
        """The line under the cursor was opened."""

    def __init__(self, context: DrawContext, wanted: ColumnLayout) -> None:
        super().__init__()
        self.context = context
        self.lines: Sequence[Line] = ()
        self.empty_state = NOTHING
        """The text for an empty table."""
        self.marked: set[int] = set()
        """Handles of the marked endpoints."""
        self._marked_last: Hashable = None
        """The key of the line that was marked last; a range begins there."""
        self.seen_at = context.now
        """When a key was last pressed here; later outages are new."""
        self.wanted = wanted
        """The operator's choice of columns."""
        self.columns: list[Placed] = []
        self.top = 0
        """The first visible line."""
        self.touched = False
        """Whether the operator has moved the cursor; until then it stays on the first line."""
        self._cursor = 0
        self._painted: dict[int, list[Cell]] = {}
        """The painted lines, by their place below the first visible one."""
        self._blocks = 1
        self._entries = self._longest_name = self._longest_group = 0
        self._located = False
        """Whether a cluster checks any of the endpoints."""
        self._fitted: tuple[int, int, int, int, ColumnLayout, bool] | None = None

    # ── contents ────────────────────────────────────────────────────────────────────────────────

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines. The cursor stays on its endpoint, at its place on the screen."""
        key = self.current.key if self.touched and self.current else None
        offset = self._cursor - self.top
        self.lines = lines
        self._cursor = self._find(key)
        if self.top or self._cursor >= self.room:
            self.top = self._cursor - offset
        self._clamp()
        self.repaint()

    def _find(self, key: Hashable | None) -> int:
        if key is None:
            return 0
        places = (place for place, line in enumerate(self.lines) if line.key == key)
        return next(places, self._cursor)

    def measure(self, entries: Collection[Entry]) -> None:
        """Fit columns and blocks to all ``entries``, also hidden ones, so that a filter moves no column."""
        self._entries = len(entries)
        self._located = any(entry.status.locations for entry in entries)
        self._longest_name = min(_longest(entry.info.name for entry in entries), _WIDEST_NAME)
        self._longest_group = min(_longest(entry.info.group for entry in entries), _WIDEST_GROUP)

    @property
    def room(self) -> int:
        """How many lines are visible at once."""
        return self.size.height * self._blocks

    @property
    def block_width(self) -> int:
        return (self.size.width + _BETWEEN) // self._blocks - _BETWEEN

    @property
    def blocks(self) -> list[int]:
        """Where each block begins, in cells from the left."""
        return [block * (self.block_width + _BETWEEN) for block in range(self._blocks)]

    def _place_columns(self) -> None:
        """Lay blocks and columns out for the current width and names."""
        width, height = self.size
        most = min((width + _BETWEEN) // (_BLOCK + _BETWEEN), _MOST_BLOCKS)
        self._blocks = max(min(most, -(-self._entries // max(height, 1))), 1)
        fitted = width, self._blocks, self._longest_name, self._longest_group, self.wanted, self._located
        if fitted != self._fitted:
            self._fitted = fitted
            self._clamp()
            self.columns = fit(
                self.block_width,
                self._longest_name,
                self.wanted,
                longest_group=self._longest_group,
                located=self._located,
            )
            self._painted.clear()
            self.refresh()
            self.post_message(self.Laid())

    def _clamp(self) -> None:
        self._cursor = max(0, min(self._cursor, len(self.lines) - 1))
        highest = max(0, len(self.lines) - self.room)
        lowest = self._cursor - self.room + 1
        self.top = max(0, min(max(self.top, lowest), self._cursor, highest))

    def repaint(self, context: DrawContext | None = None) -> None:
        """Repaint the visible cells that differ."""
        self.context = context or self.context
        self._place_columns()
        for below in range(self.room):
            self._repaint_line(below)

    def _repaint_line(self, below: int) -> None:
        """Repaint a line by its place below the first visible one."""
        before, now = self._painted.get(below), self._draw(below)
        if before == now or not self.size.height:
            return
        self._painted[below] = now
        self.refresh(self._difference(below, before, now))

    def _difference(self, below: int, before: list[Cell] | None, now: list[Cell]) -> Region:
        block, y = divmod(below, self.size.height)
        left = self.blocks[block]
        whole = Region(left, y, self.block_width, 1)
        if before is None or len(before) != len(now) or len(now) != len(self.columns) + 1:
            return whole
        differing = [place for place, pair in enumerate(zip(before, now, strict=True)) if pair[0] != pair[1]]
        if differing[0] == 0:
            return whole
        first, last = self.columns[differing[0] - 1], self.columns[differing[-1] - 1]
        return Region(left + first.x, y, last.x + last.width - first.x, 1)

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────

    def render_line(self, y: int) -> Strip:
        self._place_columns()
        text = self.context.palette.text
        blocks = [self._block(below) for below in range(y, self.room, self.size.height)]
        between = Strip([Segment(" " * _BETWEEN, text)])
        parts = [part for block in blocks for part in (block, between)]
        return Strip.join(parts[:-1]).adjust_cell_length(self.size.width, text)

    def _block(self, below: int) -> Strip:
        """A line of one block."""
        cells = self._painted.get(below)
        if cells is None:
            cells = self._painted[below] = self._draw(below)
        gap = Segment(" ", self._base(below))
        segments = list(cells[0])
        for cell in cells[1:]:
            segments += [*cell, gap]
        return Strip(segments).adjust_cell_length(self.block_width, gap.style)

    def _base(self, below: int) -> Style:
        style = self.context.palette.text
        return style + self.context.palette.cursor if self._under_cursor(below) else style

    def _under_cursor(self, below: int) -> bool:
        return self.top + below == self._cursor and bool(self.lines)

    def _draw(self, below: int) -> list[Cell]:
        place = self.top + below
        if place >= len(self.lines):
            return [(*self._vacant(below), Segment("", self.context.palette.text))]
        line = self.lines[place]
        cells = self._heading(line) if isinstance(line, Heading) else self._item(line)
        cells = [self._gutter(line, below), *cells]
        if not self._under_cursor(below):
            return cells
        layout = TextLayout(self.context.symbols, self.context.palette)
        return [tuple(layout.lit(cell)) for cell in cells]

    def _vacant(self, below: int) -> Cell:
        layout = TextLayout(self.context.symbols, self.context.palette)
        size = self.block_width, self.size.height
        lines = [] if self.lines else empty_lines(self.empty_state, *size, layout)
        return tuple(lines[below]) if below < len(lines) else ()

    def _gutter(self, line: Line, below: int) -> Cell:
        symbols, palette = self.context.symbols, self.context.palette
        cursor = symbols.cursor if self._under_cursor(below) else " "
        sign = self._sign(line.entry) if isinstance(line, Item) else " "
        return (Segment(cursor, palette.accent), Segment(sign, palette.mark))

    def _sign(self, entry: Entry) -> str:
        if entry.info.handle in self.marked:
            return self.context.symbols.mark
        new = entry.status.state is State.DOWN and entry.status.since > self.seen_at
        return self.context.symbols.new if new and not self.context.past else " "

    def _item(self, line: Item) -> list[Cell]:
        return [placed.column.draw(line.entry, placed.width, self.context) for placed in self.columns]

    def _heading(self, line: Heading) -> list[Cell]:
        symbols, palette = self.context.symbols, self.context.palette
        states = [entry.status.state for entry in line.group.entries]
        sign = symbols.folded if line.folded else symbols.unfolded
        name = cut(
            f"{sign} {line.group.name} ({len(states)})",
            min(max(self.block_width // 3, 12), _HEADING),
            symbols,
        )
        counts = [(state, states.count(state)) for state in SEVERITY if state in states]
        full = [(f"{symbols.states[state]} {count} {WORDS[state]}", state) for state, count in counts]
        short = [(f"{symbols.states[state]}{count}", state) for state, count in counts]
        room = self.block_width - GUTTER - cell_len(name)
        parts = full if sum(cell_len(text) + 2 for text, _ in full) <= room else short
        cell = [Segment(name, palette.strong)]
        for text, state in parts:
            cell += [Segment("  ", palette.text), Segment(text, palette.states[state])]
        return [tuple(cell)]

    # ── marks ───────────────────────────────────────────────────────────────────────────────────

    def mark(self) -> None:
        """Mark the endpoint under the cursor, or remove its mark."""
        line = self.current
        if isinstance(line, Item):
            handle = line.entry.info.handle
            self.marked ^= {handle}
            self._marked_last = line.key if handle in self.marked else None

    def mark_range(self) -> None:
        """Mark the endpoints from the last mark to the cursor; without one, the endpoint under the cursor."""
        begins = (
            place
            for place, line in enumerate(self.lines)
            if isinstance(line, Item)
            and line.key == self._marked_last
            and line.entry.info.handle in self.marked
        )
        first, last = sorted((next(begins, self._cursor), self._cursor))
        chosen = [line for line in self.lines[first : last + 1] if isinstance(line, Item)]
        self.marked |= {line.entry.info.handle for line in chosen}
        self._marked_last = self.current.key if self.current else None
        self.repaint()

    # ── the cursor ──────────────────────────────────────────────────────────────────────────────

    @property
    def current(self) -> Line | None:
        """The line under the cursor."""
        return self.lines[self._cursor] if self._cursor < len(self.lines) else None

    @property
    def cursor(self) -> int:
        """The cursor's place among the lines, from 0."""
        return self._cursor

    def handles_on_screen(self) -> list[int]:
        """The handles of the endpoints on the screen."""
        lines = self.lines[self.top : self.top + self.room]
        return [line.entry.info.handle for line in lines if isinstance(line, Item)]

    def move_to(self, place: int) -> None:
        """Put the cursor on a line, as by the operator."""
        self.touched = True
        top, before, self._cursor = self.top, self._cursor, place
        self._clamp()
        if self.top == top and self._painted:
            self._repaint_line(before - top)
            self._repaint_line(self._cursor - top)
        else:
            self.repaint()
        self.post_message(self.Moved())

    def select(self, handle: int) -> bool:
        """Put the cursor on an endpoint. Return False if it is not shown."""
        for place, line in enumerate(self.lines):
            if isinstance(line, Item) and line.entry.info.handle == handle:
                self.move_to(place)
                return True
        return False

    def action_move(self, lines: int) -> None:
        self.move_to(self._cursor + lines)

    def action_page(self, pages: float) -> None:
        self.move_to(self._cursor + round(pages * max(self.room - 1, 1)))

    def action_block(self, blocks: int) -> None:
        """Go to the same line of a block beside this one, if there is one."""
        place = self._cursor + blocks * self.size.height
        if 0 <= place - self.top < self.room and place < len(self.lines):
            self.move_to(place)

    def action_first(self) -> None:
        self.move_to(0)

    def action_last(self) -> None:
        self.move_to(len(self.lines) - 1)

    # ── events ──────────────────────────────────────────────────────────────────────────────────

    def on_resize(self) -> None:
        self._clamp()
        self._painted.clear()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll(_WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll(-_WHEEL)

    def _scroll(self, lines: int) -> None:
        """Scroll; the cursor stays within the visible lines."""
        highest = max(0, len(self.lines) - self.room)
        self.top = max(0, min(self.top + lines, highest))
        bottom = self.top + self.room - 1
        self.move_to(max(self.top, min(self._cursor, bottom)))

    def on_click(self, event: events.Click) -> None:
        block = min(event.x // (self.block_width + _BETWEEN), self._blocks - 1)
        place = self.top + block * self.size.height + event.y
        if place >= len(self.lines):
            return
        self.move_to(place)
        if event.chain == 2 or isinstance(self.lines[place], Heading):
            self.post_message(self.Opened())


def _longest(texts: Iterable[str]) -> int:
    """The width of the widest text in cells."""
    # ASCII texts have as many cells as letters; measuring thousands of texts would be slow.
    return max((len(text) if text.isascii() else cell_len(text) for text in texts), default=0)
