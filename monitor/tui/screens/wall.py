"""The wall: hundreds of endpoints on a screen without a user, readable from across a room.

::

    ▀▀█     ▀▀█      ▀█  █ █ ▀█                        ▀█  █ █  ▄  █▀█ ▀▀█     counters
    █▀▀     ▀▀█       █  ▀▀█  █                         █  ▀▀█  ▄  █ █ ▀▀█     and a pulse: a dead
    ▀▀▀     ▀▀▀      ▀▀▀   ▀ ▀▀▀                       ▀▀▀   ▀     ▀▀▀ ▀▀▀     screen stands still
    ✖ DOWN  ▲ degra  ● up                              :22  data 0s old
    ENGINE GONE  no engine: …                                                  notice, if any
    ✖ api-eu           ● api-us      ● webhooks    ● search                    tiles, worst first
    DOWN       2m      up    42ms    up    91ms    up     8ms
     ✖ DOWN api-eu connection refused 2m                   /g:shop  page 1/3   what is wrong

The overview's filter applies. Once a second only the pulse is painted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer

from monitor.model import State
from monitor.tui import keys
from monitor.tui.data.board import Entry
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import Segments, TextLayout, padded
from monitor.tui.drawing.wall import counters, headlines, pulse
from monitor.tui.lists import empty_states
from monitor.tui.lists.arrangement import Arrangement, Item
from monitor.tui.view import View
from monitor.tui.widgets.header import Notice
from monitor.tui.widgets.line import Line
from monitor.tui.widgets.pane import Pane
from monitor.tui.widgets.wall_grid import WallGrid

TICK = 1.0
ORDER_SECONDS = 5.0
"""Minimum seconds between two reorderings: tiles change in place and do not jump."""
PAGE_SECONDS = 15.0
"""Seconds per page."""
HEADLINE_SECONDS = 6.0
"""Seconds per line of problems."""


class WallView(View):
    """Shows problems first in strong colours, healthy endpoints as calm tiles."""

    DEFAULT_CSS = """
    WallView #top { height: 4; margin-bottom: 1; }
    WallView #pulse { width: 21; }
    WallView.-short #top { height: 1; margin-bottom: 0; }
    WallView.-tall #top { height: 6; }
    WallView.-tall #pulse { width: 40; }
    WallView.-narrow #pulse { display: none; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (30, "-wide")]  # noqa: RUF012 -- Textual declares a list
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-usual"), (60, "-tall")]  # noqa: RUF012 -- Textual declares a list
    BINDINGS: ClassVar[list[BindingType]] = keys.WALL

    def __init__(self) -> None:
        super().__init__()
        self._order = Arrangement()
        self._entries: Sequence[Entry] = ()
        self._down = 0
        """Number of endpoints that were down at the last reordering; they are first."""
        self._seen = -1
        self._moved = False
        """Whether tiles must move."""
        self._ordered_at = float("-inf")
        self._page = 0
        self._turned_at = 0.0
        self._ticking: Timer | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="top"):
            yield Pane(id="counters", focusable=False)
            yield Pane(id="pulse", focusable=False)
        yield Notice()
        yield WallGrid(self.dashboard.draw_context())
        yield Line(id="wrong")

    @property
    def wall_grid(self) -> WallGrid:
        return self.query_one(WallGrid)

    def on_mount(self) -> None:
        self._ticking = self.set_interval(TICK, self.tick)

    def on_screen_suspend(self) -> None:
        if self._ticking is not None:
            self._ticking.pause()

    def on_screen_resume(self) -> None:
        """Apply the overview's filter, but not its order."""
        order = self.dashboard.overview.arrangement
        self._order = replace(order, sort_by="severity", reverse=False, grouping="none")
        self._seen, self._ordered_at = -1, float("-inf")
        self._turned_at = self.dashboard.monotonic()
        if self._ticking is not None:
            self._ticking.resume()
        self.board_changed()

    # ── following the board ─────────────────────────────────────────────────────────────────────

    def board_changed(self) -> None:
        if self.is_mounted:
            self._keep_order()
            self._draw()

    def _keep_order(self) -> None:
        board, now = self.dashboard.board, self.dashboard.monotonic()
        others = board.layout_revision > self._seen
        self._moved = self._moved or others or self._order.moved(board, self._seen)
        self._seen = board.revision
        if others or (self._moved and now - self._ordered_at >= ORDER_SECONDS):
            lines = self._order.lines(board)
            self._entries = [line.entry for line in lines if isinstance(line, Item)]
            self._down = sum(entry.status.state is State.DOWN for entry in self._entries)
            self._moved, self._ordered_at = False, now

    def flags_changed(self) -> None:
        self._draw()

    def tick(self) -> None:
        """Advance the pulse, and turn the page when due."""
        now = self.dashboard.monotonic()
        if now - self._turned_at >= PAGE_SECONDS:
            self.action_turn(1)
        else:
            self._draw()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        context = self.dashboard.draw_context()
        self._draw_top(context)
        self.query_one(Notice).show_text(self._notice(), context)
        self._page = self.wall_grid.show(self._entries, self._down, self._page, context)
        self.query_one("#wrong", Line).show_fitted(lambda width: self._bottom(width, context))

    def _draw_top(self, context: DrawContext) -> None:
        layout, age = TextLayout(context.symbols, context.palette), self.dashboard.board.age()
        counts = Counter(entry.status.state for entry in self._entries)
        numbers = Section(lambda width, height: counters(counts, width - 1, height, context))
        self.query_one("#counters", Pane).show([numbers], layout)
        self.query_one("#pulse", Pane).show([Section(lambda _, height: pulse(age, height, context))], layout)

    def _notice(self) -> str:
        flags = self.dashboard.flags()
        return "  ".join(filter(None, (*flags.bad, *flags.notes, self.dashboard.notice())))

    def _bottom(self, width: int, context: DrawContext) -> Segments:
        layout, note = TextLayout(context.symbols, context.palette), self._note()
        room = max(width - len(note) - 2, 1)
        lines = headlines(self._entries, room, context) or [self._calm(layout)]
        beat = int(context.now // HEADLINE_SECONDS) % len(lines)
        end = Segment(f" {note} ", context.palette.dim)
        return [*padded(lines[beat], room, context.palette.text), end]

    def _calm(self, layout: TextLayout) -> Segments:
        if self._entries:
            return layout.line((" nothing is wrong", layout.palette.good))
        why = empty_states.of_table(self._order, self.dashboard.board, self.dashboard.key)
        return layout.line((f" {why.why}", layout.palette.good if why.good else layout.palette.warn))

    def _note(self) -> str:
        order, pages = self._order, self.wall_grid.pages
        hidden = len(self.dashboard.board.entries) - len(self._entries)
        parts = (
            self.dashboard.symbols.text(f"/{order.query.text}") if order.query.text else "",
            "problems only" if order.problems_only else "",
            f"{hidden} hidden" if hidden else "",
            f"page {self._page + 1}/{pages}" if pages > 1 else "",
        )
        return "  ".join(filter(None, parts))

    # ── keys ────────────────────────────────────────────────────────────────────────────────────

    def action_turn(self, pages: int) -> None:
        """Go to another page, from the last to the first."""
        self._turned_at = self.dashboard.monotonic()
        self._page = (self._page + pages) % self.wall_grid.pages
        self._draw()

    def action_back(self) -> None:
        self.dismiss()
