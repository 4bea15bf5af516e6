"""The rows of bench/screen.py in Textual's DataTable: the same columns, as the dashboard draws them.

Cells that changed are updated, and a filter fills the table anew.
"""

from __future__ import annotations

import asyncio

from gauges import Lag, timed
from textual.app import App, ComposeResult
from textual.widgets import DataTable, Input, Label

from monitor.link.client import Client
from monitor.tui.data.board import Board, Entry
from monitor.tui.drawing.column_layout import ColumnLayout, fit
from monitor.tui.drawing.columns import COLUMNS, DrawContext
from monitor.tui.terminal.symbols import UNICODE
from monitor.tui.terminal.theme import PALETTES

SHOWN = fit(200, 24, ColumnLayout())


class Theirs(App[int]):
    """The same rows in a DataTable."""

    CSS = """
    DataTable { height: 1fr; }
    Input { display: none; height: 1; border: none; }
    Label { height: 1; width: 1fr; }
    """
    BINDINGS = [("slash", "filter", ""), ("j", "down", ""), ("k", "up", ""), ("q", "quit", "")]  # noqa: RUF012

    def __init__(self, source: Client) -> None:
        super().__init__()
        self.source, self.board, self.lag = source, Board(), Lag()
        self.sought = ""

    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row", zebra_stripes=False)
        yield Input()
        yield Label(" ")

    @property
    def rows(self) -> DataTable:
        return self.query_one(DataTable)

    def on_ready(self) -> None:
        self.lag.begin()
        for placed in SHOWN:
            self.rows.add_column(placed.column.title, key=placed.column.name, width=placed.width)
        self.following = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        news = await self.source.hello()
        self.board.reset(news)
        while news.more:
            news = await self.source.pull()
            self.board.apply(news)
        self._fill()
        while True:
            await asyncio.sleep(0.25)
            seen = self.board.revision
            self.board.apply(await self.source.pull())
            for entry in self.board.changed_since(seen):
                self._update(entry)

    @timed
    def _fill(self) -> None:
        self.rows.clear()
        shown = [entry for entry in self.board.entries.values() if self.sought in entry.folded]
        for entry in shown:
            self.rows.add_row(*_cells(entry, self.board.now()), key=str(entry.info.handle))
        self._note()

    def _update(self, entry: Entry) -> None:
        key = str(entry.info.handle)
        if key in self.rows.rows:
            for placed, cell in zip(SHOWN, _cells(entry, self.board.now()), strict=True):
                if self.rows.get_cell(key, placed.column.name) != cell:
                    self.rows.update_cell(key, placed.column.name, cell)

    def on_data_table_row_highlighted(self) -> None:
        self._note()

    def _note(self) -> None:
        told = f"/{self.sought}  {self.rows.cursor_row + 1}/{self.rows.row_count} "
        self.query_one(Label).update(told, layout=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        self.sought = event.value.casefold()
        self._fill()

    def action_filter(self) -> None:
        self.query_one(Input).display = True
        self.query_one(Input).focus()

    def action_down(self) -> None:
        self.rows.action_cursor_down()

    def action_up(self) -> None:
        self.rows.action_cursor_up()


def _cells(entry: Entry, now: float) -> list[str]:
    context = DrawContext(UNICODE, PALETTES["dark"], now)
    drawn = (COLUMNS[placed.column.name].draw(entry, placed.width, context) for placed in SHOWN)
    return ["".join(segment.text for segment in cell) for cell in drawn]
