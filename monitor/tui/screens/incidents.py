"""Incidents: open ones on top, then closed ones, newest first.

::

    shop.toml  ✖ 2 DOWN  ● 141 up                                            14:03  header
      STATE     STARTED LASTED ENDPOINT     CAUSE                FAILED ACKNOWLEDGED
    ▌ ✖ OPEN a 13:58:02     5m api-eu       connection refused       62 ann: on it
      ● over   11:20:41  2m13s webhooks     expected status 200…     27
      ● over ~ 09:02:10  7m01s search       7× in 31m · no answer    84
     esc back  / filter  enter open  a acknowledge                    1 open  1/3     footer

Repeated incidents of an endpoint within a short time are one line, until it is unfolded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from monitor.link.state_json import incident_json
from monitor.model import Incident, State
from monitor.tui.actions import EndpointActions
from monitor.tui.data.acknowledging import acknowledge
from monitor.tui.data.board import Entry
from monitor.tui.data.older import OlderIncidents
from monitor.tui.data.table_file import Row
from monitor.tui.drawing import incidents as drawing
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.drawing.incidents import Scene, Widths
from monitor.tui.drawing.text_layout import Segments, TextLayout
from monitor.tui.filtered import Filtered, has_words
from monitor.tui.keys import bound
from monitor.tui.lists import empty_states
from monitor.tui.lists.incident_groups import IncidentGroup, incident_groups, searchable_text
from monitor.tui.picker import Pick, Picker
from monitor.tui.screens.prompts import NOTE_HELP
from monitor.tui.widgets.filter import FilterInput
from monitor.tui.widgets.footer import Footer, Hint
from monitor.tui.widgets.header import Header, Notice
from monitor.tui.widgets.line import Line
from monitor.tui.widgets.listing import Listing
from monitor.tui.widgets.prompt import Prompt

_HINTS: tuple[Hint, ...] = (
    ("esc", "back"),
    ("/", "filter"),
    ("enter", "open"),
    ("a", "ack"),
    ("space", "unfold"),
    ("m", "silence"),
    ("e", "edit"),
    ("?", "help"),
)


class IncidentLines(Listing[IncidentGroup]):
    """Incidents with a cursor, which stays on the first line until it is moved."""

    def __init__(self) -> None:
        super().__init__(self._line, key=lambda group: group.key)
        self.scene = Scene({}, 0.0)
        self._longest = drawing.Lengths()

    def show_groups(self, shown: Sequence[IncidentGroup], scene: Scene, layout: TextLayout) -> None:
        """Show these incidents."""
        self.scene = scene
        self._longest = drawing.lengths(shown, scene, layout)
        self.show(shown, layout)

    def place_in(self, rows: Sequence[IncidentGroup]) -> int:
        return super().place_in(rows) if self.touched else 0

    def widths(self, width: int) -> Widths:
        """The columns that fit."""
        return drawing.fit(width, self._longest)

    def _line(self, group: IncidentGroup, width: int, layout: TextLayout) -> Segments:
        return drawing.line(group, self.widths(width), self.scene, layout)


class IncidentsView(Filtered, EndpointActions):
    """The list, created once and reused."""

    AUTO_FOCUS = "IncidentLines"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("incidents.open", "open", "open the endpoint"),
        bound("incidents.filter", "filter", "filter"),
        bound("incidents.acknowledge", "acknowledge", "acknowledge with a note"),
        bound("incidents.fold", "fold", "unfold or fold repeated incidents"),
        bound("incidents.check", "check", "check now"),
        bound("incidents.edit", "edit", "edit in a form"),
        bound("incidents.back", "back", "drop the filter, or go back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._unfolded: set[str] = set()
        self._noted: IncidentGroup | None = None
        """The line of the note being typed."""
        self._drawn: object = None
        """The inputs of the last drawing."""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notice()
        yield Line(id="titles")
        yield IncidentLines()
        yield FilterInput("words that must all be in the line")
        yield Prompt(NOTE_HELP, id="note")
        yield Footer()

    @property
    def lines(self) -> IncidentLines:
        return self.query_one(IncidentLines)

    @property
    def current(self) -> Incident | None:
        """The newest incident of the line under the cursor."""
        group = self.lines.current
        return group.newest if group else None

    def chosen(self) -> list[Entry]:
        group, entries = self.lines.current, self.dashboard.board.entries
        handles = dict.fromkeys(one.handle for one in group.incidents) if group else ()
        return [entries[handle] for handle in handles if handle in entries]

    def rows_as_shown(self) -> Sequence[Row]:
        now = self.dashboard.board.now()
        return [incident_json(one, now) for group in self.lines.rows for one in group.incidents]

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────

    def board_changed(self) -> None:
        if not self.is_mounted:
            return
        context = self.dashboard.draw_context()
        if self._appearance(context) != self._drawn:
            self._drawn = self._appearance(context)
            self._show_cases(context)
        self._draw_frame(context)
        self._load_older()

    def _appearance(self, context: DrawContext) -> object:
        """The inputs of the list, with the minute because of the ages of open incidents."""
        board = self.dashboard.board
        revisions = board.incidents_revision, board.layout_revision
        return (
            revisions,
            self.dashboard.travel.older.revision,
            int(context.now // 60),
            context.look,
            self.filter_words,
            frozenset(self._unfolded),
            board.counts()[State.UNREACHABLE],
        )

    def _show_cases(self, context: DrawContext) -> None:
        board = self.dashboard.board
        names = {handle: entry.info.name for handle, entry in board.entries.items()}
        unreachable = Counter(entry.blocked_by for entry in board.entries.values() if entry.blocked_by)
        scene = Scene(names, context.now, unreachable)
        found = incident_groups(self.dashboard.travel.incidents(), self._unfolded)
        shown = [
            group
            for group in found
            if has_words(searchable_text(group, _names(group, scene)), self.filter_words)
        ]
        filtered = bool(self.filter_words)
        older = self.dashboard.travel.older
        self.lines.empty_state = empty_states.of_incidents(
            board, self.dashboard.key, filtered=filtered, stored=older.complete
        )
        self.lines.show_groups(shown, scene, TextLayout(context.symbols, context.palette))

    def _load_older(self) -> None:
        """Load more of the history when the end of the list is near."""
        older = self.dashboard.travel.older
        if older.can_load and self.lines.below <= self.lines.size.height:
            self.run_worker(partial(self._load, older))  # type: ignore[arg-type]  # Textual takes it, its types do not

    async def _load(self, older: OlderIncidents) -> None:
        await older.load()
        self.board_changed()

    def _draw_frame(self, context: DrawContext) -> None:
        layout = TextLayout(context.symbols, context.palette)
        self.draw_top(context)
        self.query_one("#titles", Line).show_fitted(lambda width: self._above(width, layout))
        self.draw_bottom(_HINTS, self._note(), context)

    def _above(self, width: int, layout: TextLayout) -> Segments:
        """The titles; empty above an empty list."""
        if not self.lines.rows:
            return []
        titles = drawing.titles(self.lines.widths(max(width - 1, 0)), layout)
        return [layout.segment(" ", layout.palette.title), *titles]

    def _note(self) -> str:
        rows = self.lines.rows
        still = sum(group.newest.ended is None for group in rows)
        at_end = self.lines.touched and self.lines.cursor == len(rows) - 1
        parts = (
            self.dashboard.travel.older.why_no_more() if at_end else "",
            self.filter_note,
            f"{still} open" if still else "",
            f"{self.lines.cursor + 1}/{len(rows)}" if rows else "",
        )
        return "  ".join(filter(None, parts))

    # ── events ──────────────────────────────────────────────────────────────────────────────────

    @on(IncidentLines.Moved)
    def _moved(self) -> None:
        self._load_older()
        self._draw_frame(self.dashboard.draw_context())

    @on(IncidentLines.Clicked)
    def _clicked(self, message: IncidentLines.Clicked) -> None:
        if message.times == 2:
            self.action_open()

    @on(Prompt.Closed, "#note")
    def _note_closed(self, message: Prompt.Closed) -> None:
        self.lines.focus()
        group, self._noted = self._noted, None
        if group and message.kept:
            handles = tuple(dict.fromkeys(one.handle for one in group.incidents))
            self.dashboard.command(acknowledge(handles, message.prompt.value))

    # ── actions ─────────────────────────────────────────────────────────────────────────────────

    def pointed_at(self) -> float | None:
        return self.current.began if self.current else None

    def action_open(self) -> None:
        if self.chosen() and self.current:
            self.dashboard.navigation.detail(self.current.handle, self.current.began)
        elif self.current:
            self.dashboard.say("this endpoint is no longer in the config")

    def action_fold(self) -> None:
        group = self.lines.current
        if group is None or group.run is None:
            return
        self._turn_over(group.run)
        if not self.lines.move_to_first(lambda row: row.run == group.run):
            self._turn_over(group.run)  # no single incident contains all words
            self.dashboard.say("none of these fits the filter by itself")

    def _turn_over(self, run: str) -> None:
        self._unfolded ^= {run}
        self.board_changed()

    def action_acknowledge(self) -> None:
        group = self.lines.current
        if group is None or group.newest.ended is not None:
            self.dashboard.say("nothing to acknowledge: it is over" if group else "")
        elif drawing.is_acknowledged(group.newest, self.dashboard.board.now()):
            again = Pick("n", "another note", partial(self._ask_for_note, group))
            self.ask(Picker((again, Pick("a", "no longer acknowledged", super().action_acknowledge))))
        else:
            self._ask_for_note(group)

    def _ask_for_note(self, group: IncidentGroup) -> None:
        if self.dashboard.travel.refuses():
            return
        self._noted = group
        mark = group.newest.acknowledged
        note = mark.note if mark else ""
        self.query_one("#note", Prompt).open(note)


def _names(group: IncidentGroup, scene: Scene) -> str:
    return " ".join(dict.fromkeys(scene.name(one) for one in group.incidents))
