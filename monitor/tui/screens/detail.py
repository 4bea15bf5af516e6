"""One endpoint in full: state, latency over time, phases, explained failure.

::

    shop.toml  ✖ 2 DOWN  ● 141 up                                                  14:03  header
     ✖ Shop front  https://shop.example.com/health                               2 of 14
    facts             │ latency chart with percentiles, failures and a cursor
    ──────────────────┴──────────────────────────────────────────────────────────────────
    phases, incidents, certificate, config │ the explained failure beside the last good check
     esc back  J K next/previous  …                                                footer

On a narrow terminal all parts are under one another, the lower half in one scrolling pane.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from monitor.link.history import History
from monitor.link.messages import Detail
from monitor.model import Incident
from monitor.tui.actions import EndpointActions
from monitor.tui.data.board import Entry
from monitor.tui.data.detail_loader import DetailLoader
from monitor.tui.data.timeline import Timeline
from monitor.tui.data.window import measured
from monitor.tui.drawing import sections, text_layout
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.drawing.facts import locations
from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import TextLayout
from monitor.tui.keys import bound
from monitor.tui.lists.order import PROBLEMS
from monitor.tui.widgets.find import Find
from monitor.tui.widgets.footer import Footer, Hint
from monitor.tui.widgets.header import Header, Notice
from monitor.tui.widgets.line import Line
from monitor.tui.widgets.pane import Pane

_HINTS: tuple[Hint, ...] = (
    ("esc", "back"),
    ("J K", "next/previous"),
    ("h l", "sample"),
    ("tab", "section"),
    ("+ -", "zoom"),
    ("0", "live"),
    ("/", "find"),
    ("Z", "text only"),
    ("r", "check"),
    ("p", "pause"),
    ("a", "ack"),
    ("m", "silence"),
    ("x", "trace"),
    ("e", "edit"),
    ("y", "copy"),
    ("b", "runbook"),
    ("?", "help"),
)
_FINDING_HINTS: tuple[Hint, ...] = (("n N", "next/previous match"), ("/", "find"), ("esc", "end the search"))


class DetailView(EndpointActions):
    """Shows one endpoint; created once and reused."""

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
    DetailView.-narrow.-wrong #upper { height: 9; }
    DetailView.-blank #upper { height: 9; }
    DetailView.-wide.-blank #facts { width: 2fr; }
    DetailView.-narrow.-blank #upper { height: 6; }
    DetailView.-short #upper { height: 6; }
    DetailView.-short #facts { display: none; }
    DetailView.-short.-wrong #facts { display: block; }
    DetailView.-narrow.-short.-wrong #upper { height: 4; }
    DetailView.-narrow.-short.-wrong #chart { display: none; }
    DetailView.text-only #upper { display: none; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-usual"), (48, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("detail.back", "back", "back to the list"),
        bound("detail.next", "neighbour(1)", "next endpoint"),
        bound("detail.previous", "neighbour(-1)", "previous endpoint"),
        bound("detail.earlier", "sample(-1)", "sample before"),
        bound("detail.later", "sample(1)", "sample after"),
        bound("detail.much_earlier", "sample(-10)", "ten samples back"),
        bound("detail.much_later", "sample(10)", "ten samples on"),
        bound("detail.in", "zoom(-1)", "shorter time"),
        bound("detail.out", "zoom(1)", "longer time"),
        bound("detail.live", "live", "follow the newest"),
        bound("detail.check", "check", "check now"),
        bound("detail.pause", "pause", "pause, or resume"),
        bound("detail.acknowledge", "acknowledge", "acknowledge with a note, or take it back"),
        bound("detail.edit", "edit", "edit in a form"),
        bound("detail.section", "section", "next section"),
        bound("detail.text_only", "text_only", "text only, or chart and text"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._loader = DetailLoader(self._ask, self._answered, history=self._history)
        self.neighbours: Sequence[int] = ()
        self._drawn: object = None
        """The inputs of the last drawing."""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notice()
        yield Line(id="title")
        with Horizontal(id="upper"):
            yield Pane(id="facts", focusable=False)
            yield Pane(id="chart", focusable=False)
        find = Find()
        with Horizontal(id="lower"):
            yield Pane(id="left", finder=find)
            yield Pane(id="right", finder=find)
        yield find
        yield Footer()

    def look_at(self, handle: int, neighbours: Sequence[int], at: float | None = None) -> None:
        """Show an endpoint; ``neighbours`` are the handles for next and previous.

        With ``at``, its history is shown at that time.
        """
        self.neighbours = neighbours
        self._loader.turn_to(handle)
        if at is not None:
            self.timeline.go_to(at)
        self._drawn = None
        self.board_changed()

    # ── data ────────────────────────────────────────────────────────────────────────────────────

    @property
    def timeline(self) -> Timeline:
        """The endpoint's details."""
        return self._loader.timeline

    @property
    def entry(self) -> Entry | None:
        """The endpoint on the board; None once it was removed."""
        entries: dict[int, Entry] = self.dashboard.board.entries
        return entries.get(self.timeline.handle)

    def chosen(self) -> list[Entry]:
        return [self.entry] if self.entry else []

    def board_changed(self) -> None:
        if not self.is_mounted:
            return
        if self.entry is None:
            self._renumber()
        entry = self.entry
        if entry is not None:
            self._loader.keep_up(entry, self.run_worker)
        if self._appearance() != self._drawn:
            self.show_all()
        else:
            self._show_frame(self.dashboard.draw_context())

    def _renumber(self) -> None:
        """Follow the same endpoint after a restart of the engine."""
        moved, handle = self.dashboard.board.renumbered(), self.timeline.handle
        if handle in moved:
            self.look_at(moved[handle], [moved.get(one, one) for one in self.neighbours])

    def _appearance(self) -> object:
        """The inputs of the drawing, beside the details and the operator's keys."""
        context, entry = self.dashboard.draw_context(), self.entry
        return entry and entry.revision, context.look, int(context.now // self._pace)

    @property
    def _pace(self) -> int:
        """Seconds between two drawings of ages, which have seconds for heartbeats and new states."""
        detail = self.timeline.detail
        young = self.entry is not None and self.dashboard.board.now() - self.entry.status.since < 60
        return 1 if young or (detail and detail.last and detail.last.heartbeat) else 60

    def _history(self) -> History | None:
        return self.dashboard.history

    async def _ask(self, handle: int, since: float) -> Detail:
        return await self.dashboard.travel.detail(handle, since)

    def _answered(self) -> None:
        self.show_all()
        self.board_changed()

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────

    def on_resize(self) -> None:
        self.show_all()

    def show_all(self) -> None:
        """Update every part; only differences are painted."""
        if not self.is_mounted:
            return
        context, self._drawn = self.dashboard.draw_context(), self._appearance()
        entry, layout = self.entry, TextLayout(context.symbols, context.palette)
        self._show_frame(context)
        if entry is None:
            self._show_gone(layout)
            return
        self._show_title(entry, layout)
        self._show_facts(entry, layout)
        self._show_chart(entry, layout)
        self._show_lower(entry, layout)

    def _show_title(self, entry: Entry, layout: TextLayout) -> None:
        palette, handle = layout.palette, entry.info.handle
        place = (
            f"{self.neighbours.index(handle) + 1} of {len(self.neighbours)}"
            if handle in self.neighbours
            else ""
        )
        name, state = text_layout.fit(entry.info.name, max(self.size.width - 16, 1)), entry.status.state
        title = [
            layout.segment(f" {layout.symbols.states[state]} ", palette.states[entry.severity]),
            layout.segment(f" {name}  ", palette.bar + palette.strong.without_color),
            layout.segment(entry.info.target, palette.bar),
        ]
        room = max(self.size.width - len(place) - 2, 0)
        end = layout.segment(f" {place} ", palette.bar)
        self.query_one("#title", Line).show([*text_layout.padded(title, room, palette.bar), end])

    def _show_frame(self, context: DrawContext) -> None:
        self.draw_top(context)
        find = self.query_one(Find)
        self.draw_bottom(_FINDING_HINTS if find.words else _HINTS, find.note, context)

    def _show_gone(self, layout: TextLayout) -> None:
        gone = layout.line(("this endpoint is no longer in the config", layout.palette.warn))
        out, on, before = map(self.dashboard.key, ("detail.back", "detail.next", "detail.previous"))
        back = layout.line(
            (f"{out} goes back to the list, {on} and {before} to other endpoints", layout.palette.dim)
        )
        for pane in self.query(Pane):
            lines = [gone, back] if pane.id == "left" else []
            pane.show([Section(lambda _width, _height, lines=lines: lines)], layout)  # type: ignore[misc]

    def _show_facts(self, entry: Entry, layout: TextLayout) -> None:
        window = self.timeline.window() if self.has_class("-wide") else None
        now, wrong = self.dashboard.board.now(), self._loader.why_incomplete()
        self.query_one("#facts", Pane).show(
            [sections.summary(entry, window, wrong, now, layout=layout, detail=self._present())], layout
        )

    def _show_chart(self, entry: Entry, layout: TextLayout) -> None:
        # For a failing endpoint, the answer matters more than the chart; an empty chart needs no room at all.
        self.set_class(entry.status.state in PROBLEMS, "-wrong")
        self.set_class(not any(map(measured, self.timeline.window().points)), "-blank")
        chart = sections.latency(entry, self.timeline, layout=layout, past=self.dashboard.draw_context().past)
        self.query_one("#chart", Pane).show([chart], layout)

    def _show_lower(self, entry: Entry, layout: TextLayout) -> None:
        detail, now = self.timeline.detail, self.dashboard.board.now()
        past = self.dashboard.draw_context().past
        outages = sections.incidents(entry, self.dashboard.board.incidents.values(), now, layout=layout)
        rest = [
            *locations(entry, now, layout=layout),
            *sections.reporting(detail, now, layout=layout),
            *outages,
            *sections.secured(detail, now, layout=layout),
            sections.configured(entry, layout=layout, dependents=self.dashboard.board.dependents(entry)),
        ]
        cursor = self.timeline.cursor_at
        left, right = self.query_one("#left", Pane), self.query_one("#right", Pane)
        if self.has_class("-wide"):
            measured = sections.where_time_goes(detail, layout=layout, timeline=self.timeline)
            left.show([*measured, *rest], layout)
            explained = sections.explanation(entry, detail, now, layout=layout, past=past, cursor=cursor)
            before = sections.last_time(self._last_time(), now, layout=layout)
            right.show([explained, *before, *sections.route(detail, now, layout=layout)], layout)
        else:
            asked = sections.in_question(
                entry,
                detail,
                now,
                layout=layout,
                past=past,
                before=self._last_time(),
                cursor=cursor,
                timeline=self.timeline,
            )
            left.show([*asked, *rest], layout)

    def _present(self) -> Detail | None:
        """The details, unless a past moment is shown: their figures are of the present."""
        return None if self.dashboard.draw_context().past else self.timeline.detail

    def _last_time(self) -> Incident | None:
        in_trouble = self.entry is not None and self.entry.status.state in PROBLEMS
        return self.timeline.lookback.last_time if in_trouble else None

    @on(Find.Moved)
    def _found(self) -> None:
        self._show_frame(self.dashboard.draw_context())

    # ── keys ────────────────────────────────────────────────────────────────────────────────────

    def action_back(self) -> None:
        self.dismiss()

    def action_neighbour(self, steps: int) -> None:
        present = [handle for handle in self.neighbours if handle in self.dashboard.board.entries]
        if not present:
            return
        here = present.index(self.timeline.handle) if self.timeline.handle in present else -1
        self.look_at(present[(here + steps) % len(present)], self.neighbours)

    def action_sample(self, steps: int) -> None:
        self.timeline.move_cursor(steps)
        self._look_back()

    def action_zoom(self, steps: int) -> None:
        self.timeline.zoom_by(steps)
        self._look_back()

    def action_live(self) -> None:
        self.timeline.go_live()
        self._look_back()

    def _look_back(self) -> None:
        if self.entry is not None:
            self._loader.look_back(self.entry, self.run_worker)
        self.show_all()

    def pointed_at(self) -> float | None:
        return self.timeline.cursor_at

    def action_section(self) -> None:
        left, right = self.query_one("#left", Pane), self.query_one("#right", Pane)
        if not right.display:
            left.focus()
            left.next_section()
        else:
            (left if right.has_focus else right).focus()

    def action_text_only(self) -> None:
        """Give the whole screen to the text, or show the chart above it again."""
        self.toggle_class("text-only")

    def action_edit(self) -> None:
        if self.entry is not None:
            super().action_edit()
