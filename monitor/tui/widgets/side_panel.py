"""The detail of the endpoint under the cursor, beside the table on wide terminals."""

from __future__ import annotations

from textual.timer import Timer

from monitor.tui.data.board import Entry
from monitor.tui.data.detail_loader import Ask, DetailLoader
from monitor.tui.drawing import sections
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import Segments, TextLayout
from monitor.tui.widgets.pane import Pane

CHART_ROWS = 12
REST = 0.15
"""Seconds for the cursor to rest on an endpoint before its detail is loaded: scrolling loads nothing."""


class SidePanel(Pane):
    """Loads and draws details only while displayed, and only after changes."""

    DEFAULT_CSS = "SidePanel { width: 40%; max-width: 110; margin-left: 2; }"

    def __init__(self, ask: Ask) -> None:
        super().__init__(focusable=False)
        self._loader = DetailLoader(ask, self._answered)
        self._under: Entry | None = None
        """The endpoint under the cursor."""
        self._entry: Entry | None = None
        """The displayed endpoint."""
        self._look: DrawContext | None = None
        self._drawn_from: object = None
        """The inputs of the last drawing, beside the details."""
        self._turning: Timer | None = None

    def look_at(self, entry: Entry | None, context: DrawContext) -> None:
        """Show ``entry`` once the cursor rests on it; None shows nothing."""
        moved = entry is not self._under
        self._under, self._look = entry, context
        if moved and self._turning:
            self._turning.stop()
        if entry is None or entry is self._entry or self._entry is None:
            self._follow()
        elif moved:
            self._turning = self.set_timer(REST, self._follow)

    def _follow(self) -> None:
        """Switch to the endpoint under the cursor, and load its detail."""
        if self._entry is not self._under:
            self._entry, self.top = self._under, 0
            if self._entry is not None:
                self._loader.turn_to(self._entry.info.handle)
        if self._entry is not None:
            self._loader.keep_up(self._entry, self.run_worker)
        if self._depends() != self._drawn_from and self._inquired():
            self._show_sections()

    def _depends(self) -> object:
        """The inputs of the drawing, beside the details."""
        entry, context = self._entry, self._look
        return context and (
            entry and (entry.info.handle, entry.revision),
            context.look,
            int(context.now // 60),
        )

    def _inquired(self) -> bool:
        """Whether the details have arrived, so that the panel is not drawn empty for a moment."""
        return self._entry is None or self._loader.timeline.detail is not None or bool(self._loader.wrong)

    def _answered(self) -> None:
        if self.is_mounted and self._inquired():
            self._show_sections()
        self._follow()

    def _show_sections(self) -> None:
        self._drawn_from = self._depends()
        if self._look is not None:
            layout = TextLayout(self._look.symbols, self._look.palette)
            self.show(self._sections_of(self._entry, self._look, layout) if self._entry else [], layout)

    def _sections_of(self, entry: Entry, context: DrawContext, layout: TextLayout) -> list[Section]:
        timeline, detail, now = self._loader.timeline, self._loader.timeline.detail, context.now
        return [
            _title(entry, layout),
            sections.summary(entry, None, self._loader.why_incomplete(), now, layout=layout),
            _blank(),
            sections.latency(entry, timeline, layout=layout, rows=CHART_ROWS, past=context.past),
            *sections.in_question(entry, detail, now, layout=layout, past=context.past),
            *sections.secured(detail, now, layout=layout),
            sections.configured(entry, layout=layout),
        ]


def _title(entry: Entry, layout: TextLayout) -> Section:
    def draw(width: int, _height: int) -> list[Segments]:
        return [
            layout.heading(entry.info.name, width),
            *layout.wrapped(entry.info.target, width, layout.palette.dim)[:1],
        ]

    return Section(draw)


def _blank() -> Section:
    return Section(lambda _width, _height: [[]])
