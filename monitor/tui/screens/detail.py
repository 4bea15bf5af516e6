"""One endpoint in full: how it is, its latency over time, where the time goes, why it last failed.

::

    shop.toml  ✖ 2 DOWN  ● 141 up                                                  14:03  header
     ✖ Shop front  https://shop.example.com/health                               2 of 14
    facts             │ latency chart with percentiles, failures and a cursor
    ──────────────────┴──────────────────────────────────────────────────────────────────
    phases, certificate, config           │ the explained failure beside the last good check
     esc back  J K next/previous  …                                                footer

A narrow terminal has everything under one another, the lower half in one pane that scrolls.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from monitor.errors import LinkError
from monitor.link.messages import Acknowledge, CheckNow, Detail, Pause, Resume
from monitor.model import Certificate, State
from monitor.tui.board import Entry
from monitor.tui.columns import Look
from monitor.tui.order import PROBLEMS
from monitor.tui.source import CommandRequest
from monitor.tui.story import SPAN_NAMES, Story
from monitor.tui.view import View
from monitor.tui.widgets import pen as text
from monitor.tui.widgets.certificate import certificate
from monitor.tui.widgets.chart import chart
from monitor.tui.widgets.explained import explained
from monitor.tui.widgets.facts import about, headline, measurements
from monitor.tui.widgets.footer import Footer, Hint
from monitor.tui.widgets.header import Header, Notice
from monitor.tui.widgets.line import Line
from monitor.tui.widgets.pane import Pane, Section
from monitor.tui.widgets.pen import Pen
from monitor.tui.widgets.phases import phases

_HINTS: tuple[Hint, ...] = (
    ("esc", "back"),
    ("J K", "next/previous"),
    ("h l", "sample"),
    ("+ -", "zoom"),
    ("0", "live"),
    ("r", "check"),
    ("p", "pause"),
    ("a", "ack"),
    ("e", "edit"),
    ("y", "copy"),
    ("o", "runbook"),
    ("tab", "section"),
    ("?", "help"),
)


class DetailView(View):
    """Shows one endpoint until told to show another; stays installed and is used again."""

    DEFAULT_CSS = """
    DetailView { layout: vertical; }
    DetailView #upper { height: 15; }
    DetailView #facts { width: 42; margin-right: 1; }
    DetailView #lower { height: 1fr; }
    DetailView #right { width: 1.3fr; margin-left: 1; }
    DetailView.-narrow #upper { layout: vertical; height: 13; }
    DetailView.-narrow #facts { width: 1fr; height: 4; margin-right: 0; }
    DetailView.-narrow #right { display: none; }
    DetailView.-tall #upper { height: 20; }
    DetailView.-short #upper { height: 6; }
    DetailView.-short #facts { display: none; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-usual"), (48, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back to the list", id="detail.back"),
        Binding("J", "neighbour(1)", "next endpoint", id="detail.next"),
        Binding("K", "neighbour(-1)", "previous endpoint", id="detail.previous"),
        Binding("h,left", "sample(-1)", "sample before", id="detail.earlier"),
        Binding("l,right", "sample(1)", "sample after", id="detail.later"),
        Binding("H,shift+left", "sample(-10)", "ten samples back", id="detail.much_earlier"),
        Binding("L,shift+right", "sample(10)", "ten samples on", id="detail.much_later"),
        Binding(
            "plus,equals_sign,left_square_bracket",
            "zoom(-1)",
            "shorter time",
            key_display="+ [",
            id="detail.in",
        ),
        Binding("minus,right_square_bracket", "zoom(1)", "longer time", key_display="- ]", id="detail.out"),
        Binding("0", "live", "follow the newest", id="detail.live"),
        Binding("r", "check", "check now", id="detail.check"),
        Binding("p,P", "pause", "pause, or resume", id="detail.pause"),
        Binding("a", "acknowledge", "acknowledge, or take it back", id="detail.acknowledge"),
        Binding("e", "edit", "edit the config", id="detail.edit"),
        Binding("y", "copy", "copy what it is and says", id="detail.copy"),
        Binding("o", "runbook", "open the runbook", id="detail.runbook"),
        Binding("tab", "section", "next section", id="detail.section"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.story = Story(-1)
        self.neighbours: Sequence[int] = ()
        self._seen = -1
        """The revision of the entry that was last asked about."""
        self._asking = False
        self._wrong = ""
        """Why the engine gave no details."""
        self._drawn: object = None
        """What the screen looked like when it was last drawn."""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notice()
        yield Line(id="title")
        with Horizontal(id="upper"):
            yield Pane(id="facts", focusable=False)
            yield Pane(id="chart", focusable=False)
        with Horizontal(id="lower"):
            yield Pane(id="left")
            yield Pane(id="right")
        yield Footer()

    def look_at(self, handle: int, neighbours: Sequence[int]) -> None:
        """Show an endpoint; ``neighbours`` are the handles that next and previous go through."""
        self.neighbours = neighbours
        if handle != self.story.handle:
            self.story = Story(handle, zoom=self.story.zoom)
            self._wrong = ""
        self._seen, self._drawn = -1, None
        self.board_changed()

    # ── data ────────────────────────────────────────────────────────────────────────────────────

    @property
    def entry(self) -> Entry | None:
        """The endpoint as the board has it; None once it has gone."""
        entries: dict[int, Entry] = self.dashboard.board.entries
        return entries.get(self.story.handle)

    def board_changed(self) -> None:
        if not self.is_mounted:
            return
        entry = self.entry
        if entry is not None and entry.revision != self._seen and not self._asking:
            self._seen, self._asking = entry.revision, True
            self.run_worker(self._ask(self.story))
        if self._appearance() != self._drawn:
            self.show_all()
        else:
            self._show_frame(self.dashboard.look())

    def _appearance(self) -> object:
        """What the drawing depends on, beside the details and the operator's keys."""
        look, entry = self.dashboard.look(), self.entry
        return entry and entry.revision, look.palette, int(look.now // 60)

    async def _ask(self, story: Story) -> None:
        """Have the newest details. One request at a time, never cut off: what changed meanwhile is next."""
        try:
            detail = await self.dashboard.source.detail(story.handle, story.newest)
        except LinkError as error:
            self._wrong = str(error)
        else:
            story.take(detail)
            self._wrong = ""
        finally:
            self._asking = False
        self.show_all()
        self.board_changed()

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────

    def on_resize(self) -> None:
        self.show_all()

    def show_all(self) -> None:
        """Bring every part up to what is known; what looks the same is not painted."""
        if not self.is_mounted:
            return
        look, self._drawn = self.dashboard.look(), self._appearance()
        entry, pen = self.entry, Pen(look.symbols, look.palette)
        self._show_frame(look)
        if entry is None:
            self._show_gone(pen)
            return
        self._show_title(entry, pen)
        self._show_facts(entry, pen)
        self._show_chart(entry, pen)
        self._show_lower(entry, pen)

    def _show_title(self, entry: Entry, pen: Pen) -> None:
        palette, handle = pen.palette, entry.card.handle
        place = (
            f"{self.neighbours.index(handle) + 1} of {len(self.neighbours)}"
            if handle in self.neighbours
            else ""
        )
        name, state = text.fit(entry.card.name, max(self.size.width - 16, 1)), entry.row.state
        told = [
            pen.segment(f" {pen.symbols.states[state]} ", palette.states[state]),
            pen.segment(f" {name}  ", palette.bar + palette.strong.without_color),
            pen.segment(entry.card.target, palette.bar),
        ]
        room = max(self.size.width - len(place) - 1, 0)
        end = pen.segment(f"{place} ", palette.bar)
        self.query_one("#title", Line).show([*text.padded(told, room, palette.bar), end])

    def _show_frame(self, look: Look) -> None:
        app = self.dashboard
        self.query_one(Header).draw(app.board, app.honesty, app.flags(), look)
        self.query_one(Notice).tell(app.notice(), look)
        self.query_one(Footer).draw(_HINTS, "", look, app.message)

    def _show_gone(self, pen: Pen) -> None:
        told = pen.line(("this endpoint is no longer in the config", pen.palette.warn))
        back = pen.line(("esc goes back to the list, J and K to other endpoints", pen.palette.dim))
        for pane in self.query(Pane):
            lines = [told, back] if pane.id == "left" else []
            pane.show([Section(lambda _width, _height, lines=lines: lines)], pen)  # type: ignore[misc]

    def _show_facts(self, entry: Entry, pen: Pen) -> None:
        now, window = self.dashboard.board.now(), self.story.window()
        wide = self.has_class("-wide")

        def draw(width: int, _height: int) -> list[text.Line]:
            told = headline(entry, width, pen=pen, now=now)
            told += pen.wrapped(self._wrong, width, pen.palette.warn) if self._wrong else []
            return told + measurements(entry, window if wide else None, width, pen=pen, now=now)

        self.query_one("#facts", Pane).show([Section(draw)], pen)

    def _show_chart(self, entry: Entry, pen: Pen) -> None:
        window = self.story.window()
        cursor, warn_ms = self.story.cursor(window), entry.card.warn_latency_ms

        def draw(width: int, height: int) -> list[text.Line]:
            lines = chart(window, width, height, pen=pen, warn_ms=warn_ms, cursor=cursor)
            return _noted(lines, self._range(), width, pen)

        self.query_one("#chart", Pane).show([Section(draw)], pen)

    def _range(self) -> str:
        return SPAN_NAMES[self.story.zoom] + (" live" if self.story.cursor_at is None else "")

    def _show_lower(self, entry: Entry, pen: Pen) -> None:
        measured, failure, secured = self._measured(pen), self._explained(entry, pen), self._secured(pen)
        config = Section(lambda width, _: about(entry, width, pen=pen), "Config")
        left, right = self.query_one("#left", Pane), self.query_one("#right", Pane)
        if self.has_class("-wide"):
            left.show([*measured, *secured, config], pen)
            right.show([failure], pen)
        else:
            first = [failure, *measured] if entry.row.state in PROBLEMS else [*measured, failure]
            left.show([*first, *secured, config], pen)

    def _measured(self, pen: Pen) -> list[Section]:
        detail = self.story.detail
        last, medians = (detail.last, detail.phases_ms) if detail else (None, {})
        drawn = Section(lambda width, _: phases(last, medians, width, pen=pen), "Phases", "last (median)")
        return [drawn] if medians or (last and last.phases_ms) else []

    def _explained(self, entry: Entry, pen: Pen) -> Section:
        detail, now, card = self.story.detail, self.dashboard.board.now(), entry.card
        failed, good = (detail.last_failure, detail.last_good) if detail else (None, None)
        return Section(lambda width, _: explained(failed, good, card, now, width, pen=pen), "Explained")

    def _secured(self, pen: Pen) -> list[Section]:
        found, now = _newest_certificate(self.story.detail), self.dashboard.board.now()
        drawn = Section(lambda width, _: certificate(found, now, width, pen=pen), "Certificate")
        return [drawn] if found else []

    # ── keys ────────────────────────────────────────────────────────────────────────────────────

    def action_back(self) -> None:
        self.dismiss()

    def action_neighbour(self, steps: int) -> None:
        present = [handle for handle in self.neighbours if handle in self.dashboard.board.entries]
        if not present:
            return
        here = present.index(self.story.handle) if self.story.handle in present else -1
        self.look_at(present[(here + steps) % len(present)], self.neighbours)

    def action_sample(self, steps: int) -> None:
        self.story.move_cursor(steps)
        self.show_all()

    def action_zoom(self, steps: int) -> None:
        self.story.zoom_by(steps)
        self.show_all()

    def action_live(self) -> None:
        self.story.go_live()
        self.show_all()

    def action_section(self) -> None:
        left, right = self.query_one("#left", Pane), self.query_one("#right", Pane)
        if not right.display:
            left.focus()
            left.next_section()
        else:
            (left if right.has_focus else right).focus()

    def action_check(self) -> None:
        self._command(CheckNow(handles=(self.story.handle,)))

    def action_pause(self) -> None:
        handles, entry = (self.story.handle,), self.entry
        paused = entry is not None and entry.row.state is State.PAUSED
        self._command(Resume(handles=handles) if paused else Pause(handles=handles))

    def action_acknowledge(self) -> None:
        on = not (self.entry and self.entry.row.acknowledged)
        self._command(Acknowledge(handles=(self.story.handle,), on=on))

    def _command(self, request: CommandRequest) -> None:
        if self.entry is not None:
            self.dashboard.command(request)

    def action_edit(self) -> None:
        if self.entry is not None:
            self.dashboard.edit(self.entry)

    def action_copy(self) -> None:
        if self.entry is None:
            return
        card, row = self.entry.card, self.entry.row
        self.dashboard.copy(
            " ".join(filter(None, (card.name, card.target, row.state.value, row.reason, row.message)))
        )
        self.show_all()

    def action_runbook(self) -> None:
        runbook = self.entry.card.runbook if self.entry else ""
        if not runbook:
            self._say("no runbook is set for this endpoint")
            return
        if runbook.startswith(("https://", "http://")) and _has_desktop():
            self.app.open_url(runbook)
        else:
            self.dashboard.copy(runbook)
        self._say(f"runbook: {runbook}")

    def _say(self, told: str) -> None:
        self.dashboard.message = told
        self.show_all()

    def on_key(self) -> None:
        self.dashboard.message = ""


def _has_desktop() -> bool:
    """Whether a browser would open beside this terminal, not over it."""
    return sys.platform == "darwin" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))


def _newest_certificate(detail: Detail | None) -> Certificate | None:
    results = (detail.last, detail.last_good, detail.last_failure) if detail else ()
    return next((result.certificate for result in results if result and result.certificate), None)


def _noted(lines: list[text.Line], note: str, width: int, pen: Pen) -> list[text.Line]:
    """``lines`` with a note at the right end of the first, where there is room."""
    if not lines or text.width_of(lines[0]) + len(note) + 2 > width:
        return lines
    first = text.padded(lines[0], width - len(note), pen.palette.text)
    return [[*first, pen.segment(note, pen.palette.accent)], *lines[1:]]
