"""Several endpoints' latencies on one chart.

::

    shop.toml  ✖ 2 DOWN  ● 141 up                                                  14:03  header
     compared: 3 endpoints                                                   15m live
            B            A                                                                chart
    400 ms ┤⣀⣀⡠B⠤⠔⠒⠒⠁ ⠒⠤⣀
      0 ms ┤⠤⠤⠤⠤⠤A⠤⠤⠤⠤⠤⠤⠤⠤
            14:00      14:05      14:10
       ENDPOINT            LATEST      P50      P95       MAX  FAILED                     legend
    ▌A ✖ api-eu                 -  40.1 ms  88.0 ms    310 ms  14 of 120
     esc back  j k select  …                                                              footer
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from monitor.link.messages import CheckNow, Detail
from monitor.tui import keys
from monitor.tui.data.detail_loader import DetailLoader
from monitor.tui.drawing import text_layout
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.drawing.overlay import Curve, LegendRow, Overlay, legend
from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import TextLayout
from monitor.tui.lists.comparison import Comparison
from monitor.tui.terminal.theme import CURVES
from monitor.tui.view import View
from monitor.tui.widgets.footer import Footer, Hint
from monitor.tui.widgets.header import Header, Notice
from monitor.tui.widgets.line import Line
from monitor.tui.widgets.pane import Pane

_HINTS: tuple[Hint, ...] = (
    ("esc", "back"),
    ("j k", "select"),
    ("enter", "open"),
    ("x", "take out"),
    ("h l", "sample"),
    ("+ -", "zoom"),
    ("0", "live"),
    ("r", "check"),
    ("?", "help"),
)
_LETTERS = "ABCDEFGH"
assert len(_LETTERS) == CURVES


class CompareView(View):
    """Compares endpoints; created once and reused."""

    DEFAULT_CSS = """
    CompareView #chart { height: 1fr; min-height: 3; }
    CompareView #legend { height: auto; max-height: 40%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = keys.COMPARE

    def __init__(self) -> None:
        super().__init__()
        self._loaders: Sequence[DetailLoader] = ()
        self._comparison = Comparison()
        self._wanted: Sequence[int] = ()
        """All endpoints to compare, including those without room."""
        self._selected = 0
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notice()
        yield Line(id="title")
        yield Pane(id="chart", focusable=False)
        yield Pane(id="legend", focusable=False)
        yield Footer()

    def compare(self, handles: Sequence[int]) -> None:
        """Show these, or the first :data:`CURVES` of them."""
        self._selected = 0
        self._inquire(handles)

    def _inquire(self, handles: Sequence[int]) -> None:
        self._wanted = handles
        known = {loader.timeline.handle: loader for loader in self._loaders}
        self._loaders = [known.get(handle) or self._new(handle) for handle in handles[:CURVES]]
        self._comparison.compare([loader.timeline for loader in self._loaders])
        self.board_changed()

    def _new(self, handle: int) -> DetailLoader:
        loader = DetailLoader(self._ask, self._answered, history=lambda: self.dashboard.history)
        loader.turn_to(handle)
        return loader

    # ── data ────────────────────────────────────────────────────────────────────────────────────

    async def _ask(self, handle: int, since: float) -> Detail:
        return await self.dashboard.travel.detail(handle, since)

    def _answered(self) -> None:
        self._comparison.gather([loader.timeline for loader in self._loaders])
        self.show_all()
        self.board_changed()

    def board_changed(self) -> None:
        if not self.is_mounted:
            return
        entries = self.dashboard.board.entries
        if len(self._present(self._wanted)) < len(self._wanted):
            self._renumber()
        for loader in self._loaders:
            entry = entries.get(loader.timeline.handle)
            if entry is not None:
                loader.keep_up(entry, self.run_worker)
        if self._appearance() != self._drawn:
            self.show_all()
        else:
            self._show_frame(self.dashboard.draw_context())

    def _renumber(self) -> None:
        """Follow the same endpoints after a restart of the engine."""
        moved = self.dashboard.board.renumbered()
        if not moved.keys().isdisjoint(self._wanted):
            self._inquire([moved.get(handle, handle) for handle in self._wanted])

    def _appearance(self) -> object:
        """The inputs of the drawing, beside the details and the operator's keys."""
        context, entries = self.dashboard.draw_context(), self.dashboard.board.entries
        compared = [entries.get(loader.timeline.handle) for loader in self._loaders]
        return [entry and entry.revision for entry in compared], context.look

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────

    def on_resize(self) -> None:
        self.call_after_refresh(self.show_all)

    def show_all(self) -> None:
        """Update every part; only differences are painted."""
        if not self.is_mounted:
            return
        context, self._drawn = self.dashboard.draw_context(), self._appearance()
        layout, rows = TextLayout(context.symbols, context.palette), self._rows()
        self._selected = max(0, min(self._selected, len(rows) - 1))
        self._show_frame(context)
        self._show_title(len(rows), layout)
        self.query_one("#chart", Pane).show([self._chart(rows, layout)], layout)
        self._show_legend(rows, layout)

    def _show_frame(self, context: DrawContext) -> None:
        self.draw_top(context)
        self.draw_bottom(_HINTS, "", context)

    def _show_title(self, count: int, layout: TextLayout) -> None:
        combined, palette = self._comparison.combined, layout.palette
        span = combined.span_in_words(past=self.dashboard.draw_context().past)
        wanted = len(self._present(self._wanted))
        many = f", the first {count} of {wanted}" if wanted > count else ""
        text = f" latency of {count} endpoint{'s'[: count != 1]}{many}"
        room = max(self.size.width - len(span) - 1, 0)
        line = text_layout.padded([layout.segment(text, palette.bar)], room, palette.bar)
        self.query_one("#title", Line).show([*line, layout.segment(f"{span} ", palette.bar)])

    def _rows(self) -> list[LegendRow]:
        """The endpoints that still exist."""
        entries, rows = self.dashboard.board.entries, []
        windows = self._comparison.windows()
        curves = self.dashboard.draw_context().palette.curves
        for place, (loader, window) in enumerate(zip(self._loaders, windows, strict=True)):
            entry = entries.get(loader.timeline.handle)
            if entry is not None:
                curve = Curve(_LETTERS[place], curves[place], window)
                rows.append(LegendRow(entry, curve, self._comparison.sample(window), loader.wrong))
        return rows

    def _chart(self, rows: Sequence[LegendRow], layout: TextLayout) -> Section:
        at = self._comparison.combined.cursor_at
        curves = [row.curve for row in (*rows[self._selected :], *rows[: self._selected])]
        empty = "no checks in this time" if rows else "these endpoints are no longer in the config"

        def draw(width: int, height: int) -> list[text_layout.Segments]:
            if not any(curve.window.points for curve in curves):
                return [[], layout.line((f" {empty}", layout.palette.dim))]
            return Overlay(curves, width, height, layout, at).lines() if height > 2 else []

        return Section(draw)

    def _show_legend(self, rows: Sequence[LegendRow], layout: TextLayout) -> None:
        at, pane = self._comparison.combined.cursor_at, self.query_one("#legend", Pane)
        pane.styles.height = len(rows) + 1
        pane.show([Section(lambda width, _: legend(rows, self._selected, at, width, layout))], layout)
        pane.action_scroll_to_line(self._selected + 3 - pane.size.height)

    # ── keys ────────────────────────────────────────────────────────────────────────────────────

    def _handles(self) -> list[int]:
        """The compared endpoints that still exist."""
        return self._present(loader.timeline.handle for loader in self._loaders)

    def _present(self, handles: Iterable[int]) -> list[int]:
        return [handle for handle in handles if handle in self.dashboard.board.entries]

    def action_back(self) -> None:
        self.dismiss()

    def action_select(self, steps: int) -> None:
        self._selected = (self._selected + steps) % max(len(self._handles()), 1)
        self.show_all()

    def action_open(self) -> None:
        handles = self._handles()
        if handles:
            self.dashboard.navigation.detail(handles[self._selected])

    def action_take_out(self) -> None:
        """Remove one; an endpoint without room takes its place."""
        handles = self._handles()
        if len(handles) > 1:
            taken = handles[self._selected]
            self._inquire([one for one in self._present(self._wanted) if one != taken])
            self.show_all()

    def action_sample(self, steps: int) -> None:
        self._comparison.combined.move_cursor(steps)
        self.show_all()

    def action_zoom(self, steps: int) -> None:
        self._comparison.zoom_by(steps)
        self._look_back()

    def action_live(self) -> None:
        self._comparison.combined.go_live()
        self._look_back()

    def _look_back(self) -> None:
        for loader in self._loaders:
            entry = self.dashboard.board.entries.get(loader.timeline.handle)
            if entry is not None:
                loader.look_back(entry, self.run_worker)
        self.show_all()

    def pointed_at(self) -> float | None:
        return self._comparison.combined.cursor_at

    def action_check(self) -> None:
        if handles := self._handles():
            self.dashboard.command(CheckNow(handles=tuple(handles)))

    def on_key(self) -> None:
        self.dashboard.message = ""
