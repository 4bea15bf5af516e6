"""The endpoint under the table's cursor, told beside the table where the terminal is wide."""

from __future__ import annotations

from monitor.tui.board import Entry
from monitor.tui.columns import Look
from monitor.tui.inquiry import Ask, Inquiry
from monitor.tui.order import PROBLEMS
from monitor.tui.widgets import sections
from monitor.tui.widgets.pane import Pane, Section
from monitor.tui.widgets.pen import Line, Pen

CHART_ROWS = 12


class Aside(Pane):
    """Asks for details, and draws, only while it is displayed and only what has changed."""

    DEFAULT_CSS = "Aside { width: 40%; max-width: 110; margin-left: 2; }"

    def __init__(self, ask: Ask) -> None:
        super().__init__(focusable=False)
        self._inquiry = Inquiry(ask, self._answered)
        self._entry: Entry | None = None
        self._look: Look | None = None
        self._told_of: object = None
        """What the drawing depended on when it was last made, beside the details."""

    def look_at(self, entry: Entry | None, look: Look) -> None:
        """Tell of ``entry``; of None nothing."""
        self._entry, self._look = entry, look
        if entry is not None and entry.card.handle != self._inquiry.story.handle:
            self._inquiry.turn_to(entry.card.handle)
            self.top = 0
        if entry is not None:
            self._inquiry.keep_up(entry, self.run_worker)
        depends = entry and (entry.card.handle, entry.revision), look.palette, int(look.now // 60)
        if depends != self._told_of:
            self._told_of = depends
            self._tell()

    def _answered(self) -> None:
        if self._look is not None and self.is_mounted:
            self._tell()
            self.look_at(self._entry, self._look)

    def _tell(self) -> None:
        if self._look is not None:
            pen = Pen(self._look.symbols, self._look.palette)
            self.show(self._told(self._entry, self._look.now, pen) if self._entry else [], pen)

    def _told(self, entry: Entry, now: float, pen: Pen) -> list[Section]:
        story, detail = self._inquiry.story, self._inquiry.story.detail
        measured = sections.where_time_goes(detail, pen=pen)
        why = sections.explanation(entry, detail, now, pen=pen)
        return [
            _title(entry, pen),
            sections.summary(entry, None, self._inquiry.wrong, now, pen=pen),
            _blank(),
            sections.latency(entry, story, pen=pen, rows=CHART_ROWS),
            *([why, *measured] if entry.row.state in PROBLEMS else [*measured, why]),
            *sections.secured(detail, now, pen=pen),
            sections.configured(entry, pen=pen),
        ]


def _title(entry: Entry, pen: Pen) -> Section:
    def draw(width: int, _height: int) -> list[Line]:
        return [
            pen.heading(entry.card.name, width),
            *pen.wrapped(entry.card.target, width, pen.palette.dim)[:1],
        ]

    return Section(draw)


def _blank() -> Section:
    return Section(lambda _width, _height: [[]])
