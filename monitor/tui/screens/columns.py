"""The choice and order of the overview's columns, with a preview.

::

    shop.toml  ✖ 2 DOWN  ● 141 up                                           14:03  header
      STATE↓     LATENCY RECENT     …                                              the table, as it would be
      ✖ DOWN           - ▂▂▃▂▂✖✖✖✖✖ …
    ─ columns ─────────────────────────────────────────────────────────────
    ▌ [x] STATE      how it is, and how far that is confirmed · always shown
      [x] LATENCY    of the last check
      [x] CERT       days until … · not in so narrow a table
     space show  J K move  …                                                       footer
"""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from monitor.tui.drawing.column_layout import FIXED, ColumnLayout
from monitor.tui.drawing.columns import COLUMNS
from monitor.tui.drawing.text_layout import Segments, TextLayout
from monitor.tui.keys import bound
from monitor.tui.lists.order import SORTINGS
from monitor.tui.view import View
from monitor.tui.widgets.footer import Footer, Hint
from monitor.tui.widgets.header import Header
from monitor.tui.widgets.line import Line
from monitor.tui.widgets.listing import Listing
from monitor.tui.widgets.table import Table
from monitor.tui.widgets.titles import Titles

_HINTS: tuple[Hint, ...] = (
    ("space", "show or hide"),
    ("J K", "move down, up"),
    ("0", "as at first"),
    ("esc", "close"),
    ("?", "help"),
)
_TITLE = 10
"""Cells of a column's title."""


class ColumnsView(View):
    """The picker, created once and reused."""

    DEFAULT_CSS = """
    ColumnsView Table { height: 4; }
    ColumnsView.-short Table, ColumnsView.-short Titles { display: none; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-short"), (16, "-tall")]  # noqa: RUF012 - as Textual declares it
    AUTO_FOCUS = "Listing"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("columns.show", "flip", "show or hide the column"),
        bound("columns.down", "shift(1)", "move the column down the list"),
        bound("columns.up", "shift(-1)", "move the column up the list"),
        bound("columns.reset", "reset", "all columns as at first"),
        bound("columns.close", "close", "close"),
    ]

    def compose(self) -> ComposeResult:
        yield Header()
        yield Titles()
        preview = Table(self.dashboard.draw_context(), self._columns)
        preview.can_focus = False
        yield preview
        yield Line(id="title")
        yield Listing(self._line)
        yield Footer()

    @property
    def _columns(self) -> ColumnLayout:
        return self.dashboard.overview.table.wanted

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────

    def board_changed(self) -> None:
        if not self.is_mounted:
            return
        context = self.dashboard.draw_context()
        layout = TextLayout(context.symbols, context.palette)
        self.draw_top(context)
        self._preview()
        self.query_one("#title", Line).show_fitted(lambda width: layout.heading("columns", width))
        self.query_one(Listing).show(self._columns.order, layout)
        self.draw_bottom(_HINTS, "", context)

    def _preview(self) -> None:
        table, overview = self.query_one(Table), self.dashboard.overview
        table.styles.width = overview.table.size.width
        table.wanted = self._columns
        table.measure(self.dashboard.board.entries.values())
        table.show(overview.table.lines[:4])
        table.repaint(self.dashboard.draw_context())

    @on(Table.Laid)
    def _title_columns(self) -> None:
        order = self.dashboard.overview.arrangement
        descending = SORTINGS[order.sort_by].descending != order.reverse
        columns = self.query_one(Table).columns
        self.query_one(Titles).draw(columns, order.sort_by, descending, self.dashboard.draw_context())
        self.board_changed()

    def _line(self, name: str, _width: int, layout: TextLayout) -> Segments:
        column, palette = COLUMNS[name], layout.palette
        hidden = name in self._columns.hidden
        title = column.title.partition(" ")[0].ljust(_TITLE)
        note = self._note(name)
        return layout.line(
            (f"[{' ' if hidden else 'x'}] ", palette.text),
            (title, palette.dim if hidden else palette.strong),
            (f" {column.help}", palette.dim),
            (f" · {note}" if note else "", palette.warn),
        )

    def _note(self, name: str) -> str:
        if name in FIXED:
            return "always shown"
        absent = name not in self._columns.hidden and name not in self._shown()
        return "no room at this width" if absent else ""

    def _shown(self) -> set[str]:
        """The columns that fit into the table."""
        return {placed.column.name for placed in self.query_one(Table).columns}

    # ── keys ────────────────────────────────────────────────────────────────────────────────────

    @property
    def _current(self) -> str:
        return self._columns.order[self.query_one(Listing).cursor]

    def _choose(self, columns: ColumnLayout) -> None:
        self.dashboard.overview.table.wanted = columns
        self.dashboard.preferences.remember()
        self.board_changed()

    @on(Listing.Clicked)
    def action_flip(self) -> None:
        """Show a hidden column, making room for it if possible; hide a shown one."""
        columns, name = self._columns, self._current
        forced = columns.show(name)
        hide = name not in columns.hidden and (name in self._shown() or forced == columns)
        self._choose(columns.hide(name) if hide else forced)

    def action_shift(self, step: int) -> None:
        self._choose(self._columns.move(self._current, step))
        self.query_one(Listing).action_move(step)

    def action_reset(self) -> None:
        self._choose(ColumnLayout())

    def action_close(self) -> None:
        self.dismiss()

    def on_key(self) -> None:
        self.dashboard.message = ""

    def on_resize(self) -> None:
        self.call_after_refresh(self.board_changed)
