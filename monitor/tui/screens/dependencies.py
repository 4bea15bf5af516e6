"""The tree of dependencies: below each endpoint, those that depend on it.

::

    shop.toml  ✖ 1 DOWN  ◌ 3 unreachable  ● 141 up                           14:03  header
      ENDPOINT           STATE         SINCE CAUSE                                  titles
    ▌ Orders DB          ✖ DOWN           2m connection refused                     the list
      ├─ Orders API      ◌ unreachable    2m Orders DB is down · got 500
      │  └─ Shop front   ◌ unreachable    2m Orders DB is down · got 502
      └─ Reports         ● up             6d 200 OK
     esc back  / filter  enter open                     3 depend on it  1/4         footer
"""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from monitor.tui import keys
from monitor.tui.actions import EndpointActions
from monitor.tui.data.board import Entry
from monitor.tui.drawing import dependency_tree as drawing
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.drawing.text_layout import Segments, TextLayout
from monitor.tui.filtered import Filtered, has_words
from monitor.tui.lists import empty_states
from monitor.tui.lists.dependency_tree import TreeRow, dependency_tree, with_words
from monitor.tui.widgets.filter import FilterInput
from monitor.tui.widgets.footer import Footer, Hint
from monitor.tui.widgets.header import Header, Notice
from monitor.tui.widgets.line import Line
from monitor.tui.widgets.listing import Listing

_HINTS: tuple[Hint, ...] = (
    ("esc", "back"),
    ("/", "filter"),
    ("enter", "open"),
    ("r", "check"),
    ("a", "ack"),
    ("m", "silence"),
    ("e", "edit"),
    ("?", "help"),
)


class DependenciesView(Filtered, EndpointActions):
    """The trees, worst first; created once and reused."""

    AUTO_FOCUS = "Listing"
    BINDINGS: ClassVar[list[BindingType]] = keys.DEPENDENCIES

    def __init__(self) -> None:
        super().__init__()
        self._names = 0
        """Width of the names."""
        self._wanted: int | None = None
        """The handle of the endpoint to put the cursor on."""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notice()
        yield Line(id="titles")
        yield Listing(self._line, key=lambda row: row.path)
        yield FilterInput("words that must all be in the line")
        yield Footer()

    @property
    def lines(self) -> Listing[TreeRow]:
        return self.query_one(Listing)

    def chosen(self) -> list[Entry]:
        return [self.lines.current.entry] if self.lines.current else []

    def point_at(self, handle: int) -> None:
        """Put the cursor on an endpoint, without a filter."""
        self.filter_words = ""
        self._wanted = handle
        self.board_changed()

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────

    def board_changed(self) -> None:
        if not self.is_mounted:
            return
        context, board = self.dashboard.draw_context(), self.dashboard.board
        rows = dependency_tree(board.entries.values())
        if self.filter_words:
            rows = with_words(rows, {row.entry.info.handle for row in rows if self._fits(row.entry)})
        layout = TextLayout(context.symbols, context.palette)
        self._names = drawing.name_width(rows, self._room, context.symbols)
        key = self.dashboard.key
        self.lines.empty_state = empty_states.of_dependencies(board, key, filtered=bool(self.filter_words))
        self.lines.show(rows, layout)
        self._go_to_wanted()
        titles = [layout.segment(" ", layout.palette.title), *drawing.titles(self._names, self._room, layout)]
        self.query_one("#titles", Line).show(titles if rows else [])
        self._draw_frame(context)

    @property
    def _room(self) -> int:
        return max(self.size.width - 1, 1)

    def _fits(self, entry: Entry) -> bool:
        status = entry.status
        return has_words(f"{entry.texts} {status.state.value} {status.message}", self.filter_words)

    def _go_to_wanted(self) -> None:
        if self.lines.move_to_first(lambda row: row.entry.info.handle == self._wanted):
            self._wanted = None

    def _line(self, row: TreeRow, width: int, layout: TextLayout) -> Segments:
        return drawing.line(row, self._names, width, self.dashboard.board.now(), layout)

    def _draw_frame(self, context: DrawContext) -> None:
        self.draw_top(context)
        self.draw_bottom(_HINTS, self._note(), context)

    def _note(self) -> str:
        rows, board = self.lines.rows, self.dashboard.board
        count = sum(len(board.dependents(entry)) for entry in self.chosen())
        parts = (
            self.filter_note,
            f"{count} depend{'s' * (count == 1)} on it" if count else "",
            f"{self.lines.cursor + 1}/{len(rows)}" if rows else "",
        )
        return "  ".join(filter(None, parts))

    # ── events and actions ──────────────────────────────────────────────────────────────────────

    @on(Listing.Moved)
    def _moved(self) -> None:
        self._draw_frame(self.dashboard.draw_context())

    @on(Listing.Clicked)
    def _clicked(self, message: Listing.Clicked) -> None:
        if message.times == 2:
            self.action_open()

    def action_open(self) -> None:
        for entry in self.chosen():
            self.dashboard.navigation.detail(entry.info.handle)
