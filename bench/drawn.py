"""What bench/screen.py measures, each on the engine that listens on SOCKET.

    python bench/drawn.py {ours|datatable} SOCKET REPORT

``ours`` is the dashboard. ``datatable`` shows the same columns of the same rows in Textual's DataTable:
cells that changed are updated, a filter fills the table anew. REPORT gets figures as JSON.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Input, Label

from monitor.limits import collect_seldom
from monitor.link.client import Client
from monitor.tui.app import Dashboard
from monitor.tui.board import Board, Entry
from monitor.tui.columns import COLUMNS, Look
from monitor.tui.layout import Layout, fit
from monitor.tui.screens.overview import Overview
from monitor.tui.symbols import UNICODE
from monitor.tui.theme import PALETTES

LAG_STEP = 0.005
SHOWN = fit(200, 24, Layout())


class Lag:
    """How late the event loop is."""

    def __init__(self) -> None:
        self.milliseconds: list[float] = []

    def begin(self) -> None:
        self._task = asyncio.create_task(self._measure())

    async def _measure(self) -> None:
        while True:
            due = time.perf_counter() + LAG_STEP
            await asyncio.sleep(LAG_STEP)
            self.milliseconds.append((time.perf_counter() - due) * 1000)

    def figures(self) -> dict[str, float]:
        ordered = sorted(self.milliseconds[len(self.milliseconds) // 5 :]) or [0.0]
        return {
            "p50": ordered[len(ordered) // 2],
            "p99": ordered[int(len(ordered) * 0.99)],
            "max": ordered[-1],
        }


FILLING: list[float] = []
"""Milliseconds that each change of the filter took until the table knew its lines."""


def timed(fill: Callable[[Any], None]) -> Callable[[Any], None]:
    def measured(self: Any) -> None:
        began = time.perf_counter()
        fill(self)
        FILLING.append((time.perf_counter() - began) * 1000)

    return measured


class Ours(Dashboard):
    lag = Lag()

    def on_ready(self) -> None:
        self.lag.begin()


Overview.rearrange = timed(Overview.rearrange)


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
            self.rows.add_row(*_cells(entry, self.board.now()), key=str(entry.card.handle))
        self._note()

    def _update(self, entry: Entry) -> None:
        key = str(entry.card.handle)
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
    look = Look(UNICODE, PALETTES["dark"], now)
    drawn = (COLUMNS[placed.column.name].draw(entry, placed.width, look) for placed in SHOWN)
    return ["".join(segment.text for segment in cell) for cell in drawn]


def main(kind: str, socket: Path, report: Path) -> None:
    collect_seldom()
    app = (Ours if kind == "ours" else Theirs)(Client(socket))
    app.run()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    cpu = usage.ru_utime + usage.ru_stime
    report.write_text(json.dumps(app.lag.figures() | {"cpu": cpu, "filling": FILLING}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
