"""Silences, acknowledgements and maintenance windows: everything that suppresses alerts.

::

    shop.toml  ✖ 2 DOWN  ● 141 up                                            14:03  header
      KIND         COVERS         ENDPOINTS WHEN            LEFT BY       REASON    titles
    ▌ silenced     group:shop             4 until 14:58      55m ann      deploy    the list
      acknowledged api-eu                 1 until it is up       bob      the switch
      planned      Sunday patches        12 from Sun 03:00    2d          tag:eu · 0 3 * * sun
     esc back  n new  + extend  x end                                         1/3   footer

A new silence covers the endpoints of the overview's filter, or those that are marked there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from monitor.errors import LinkError, UsageError
from monitor.link.messages import Acknowledge, EndpointStatus
from monitor.link.silences import EndSilence, ExtendSilence, MaintenanceWindow, StartSilence
from monitor.syntax.duration import parse_duration
from monitor.text import plain
from monitor.tui import keys
from monitor.tui.actions import Asking
from monitor.tui.data.whoami import user_name
from monitor.tui.drawing import mutes as drawing
from monitor.tui.drawing import words
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.drawing.text_layout import Segments, TextLayout
from monitor.tui.filtered import Filtered, has_words
from monitor.tui.lists import empty_states
from monitor.tui.lists.mutes import ACKNOWLEDGED, SILENCED, Mute, mutes, searchable_text
from monitor.tui.lists.query import read_terms, selection_terms, written_terms
from monitor.tui.picker import Pick, Picker
from monitor.tui.widgets.filter import FilterInput
from monitor.tui.widgets.footer import Footer, Hint
from monitor.tui.widgets.header import Header, Notice
from monitor.tui.widgets.line import Line
from monitor.tui.widgets.listing import Listing
from monitor.tui.widgets.prompt import Prompt

_HINTS: tuple[Hint, ...] = (
    ("esc", "back"),
    ("n", "new silence"),
    ("+", "extend"),
    ("x", "end"),
    ("enter", "endpoints"),
    ("e", "edit config"),
    ("/", "filter"),
    ("?", "help"),
)
_HOUR = 3600.0
_LENGTHS = (("1", "1h", 1), ("4", "4h", 4), ("8", "8h", 8), ("d", "a day", 24), ("w", "a week", 168))
_EXTENDED = {SILENCED: "until ended", ACKNOWLEDGED: "until it is up"}
"""The kinds that a key extends, and the text of the last choice."""
_QUESTIONS = {
    "select": "silence which endpoints? (terms as in --select)",
    "reason": "for which reason?",
    "lasting": "for how long? (30m, 2h, 7d; empty: until somebody ends it)",
}


class SilencesView(Asking, Filtered):
    """Asks the engine when it comes to the front, after each change, and when the next window is due."""

    AUTO_FOCUS = "Listing"
    of_the_present = True
    BINDINGS: ClassVar[list[BindingType]] = keys.SILENCES

    def __init__(self) -> None:
        super().__init__()
        self._mutes: Sequence[Mute] = ()
        self._asked = False
        """Whether the engine has answered."""
        self._wrong = ""
        """Why the engine gave no answer, the last time."""
        self._asking = False
        self._marks: dict[int, object] = {}
        """Handle -> the endpoint's marks at the last comparison."""
        self._seen = -1
        self._due = float("-inf")
        """The time at which the answer is outdated."""
        self._answers: dict[str, str] = {}
        """The answers so far about a new silence."""
        self._question = ""
        """The question that is being answered."""
        self._started = ""
        """The id of the new silence, until the cursor is on it."""
        self._widths: drawing.Widths = {}

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notice()
        yield Line(id="titles")
        yield Listing(self._line, key=lambda mute: (mute.kind, mute.id))
        yield FilterInput("words that must all be in the line")
        for name, question in _QUESTIONS.items():
            yield Prompt(question, id=name)
        yield Footer()

    @property
    def lines(self) -> Listing[Mute]:
        return self.query_one(Listing)

    # ── asking ──────────────────────────────────────────────────────────────────────────────────

    def _keep_up(self) -> None:
        """Ask again when an endpoint's marks have changed, endpoints came or went, or a window is due."""
        if self._asking:
            return
        board = self.dashboard.board
        marks = {entry.info.handle: _marks(entry.status) for entry in board.changed_since(self._seen)}
        others = board.layout_revision > self._seen
        self._seen = board.revision
        changed = any(self._marks.get(handle) != mark for handle, mark in marks.items())
        self._marks |= marks
        if changed or others or self._wrong or board.now() >= self._due:
            self._asking = True
            self.run_worker(self._take)  # type: ignore[arg-type]  # Textual takes it, its types do not

    async def _take(self) -> None:
        source = self.dashboard.source
        try:
            silences, windows = await source.silences(), await source.maintenance()
            self._mutes = mutes(silences, windows, self.dashboard.board.entries)
            self._asked, self._wrong, self._due = True, "", _next_change(windows)
        except LinkError as error:
            self._wrong = plain(str(error))
        finally:
            self._asking = False
        self.show_all()
        self._go_to_started()

    def _go_to_started(self) -> None:
        if self.lines.move_to_first(lambda row: self._started in (row.id, *row.more)):
            self._started = ""

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────

    def board_changed(self) -> None:
        if self.is_mounted:
            self._keep_up()
            self.show_all()

    def show_all(self) -> None:
        """Update every part; only differences are painted."""
        if not self.is_attached:
            return
        app, context = self.dashboard, self.dashboard.draw_context()
        shown = [one for one in self._mutes if has_words(searchable_text(one), self.filter_words)]
        layout = TextLayout(context.symbols, context.palette)
        self._widths = drawing.fit(max(self.size.width - 1, 1), shown)
        self.lines.empty_state = empty_states.of_silences(
            app.key, asked=self._asked, wrong=self._wrong, filtered=bool(self.filter_words)
        )
        self.lines.show(shown, layout)
        titles = [layout.segment(" ", layout.palette.title), *drawing.titles(self._widths, layout)]
        self.query_one("#titles", Line).show(titles if shown else [])
        self.draw_top(context, trouble=self._trouble())
        self._draw_footer(context)

    def _trouble(self) -> str:
        """A note that the list may be outdated."""
        return f"silences as they were: {self._wrong}" if self._wrong and self._asked else ""

    def _line(self, mute: Mute, _width: int, layout: TextLayout) -> Segments:
        return drawing.line(mute, self._widths, self.dashboard.board.now(), layout)

    def _draw_footer(self, context: DrawContext) -> None:
        rows = self.lines.rows
        place = f"{self.lines.cursor + 1}/{len(rows)}" if rows else ""
        if self._question and not self.dashboard.message:
            asked = _QUESTIONS[self._question]
            self.query_one(Footer).draw((), "", context, f"{asked}  enter goes on, esc cancels")
            return
        self.draw_bottom(_HINTS, "  ".join(filter(None, (self.filter_note, place))), context)

    # ── a new silence ───────────────────────────────────────────────────────────────────────────

    def action_new(self) -> None:
        """Ask for the selection, the reason and the time, one after the other."""
        if self.dashboard.travel.refuses():
            return
        filter, found = self.dashboard.overview.filtered()
        terms = selection_terms(filter, found, self.dashboard.board.entries.values())
        self._ask("select", written_terms(terms))

    def _ask(self, question: str, text: str, wrong: str = "") -> None:
        self._question = question
        self.query_one(f"#{question}", Prompt).open(text)
        self.dashboard.say(wrong)

    @on(Prompt.Closed, "#select, #reason, #lasting")
    def _answered(self, message: Prompt.Closed) -> None:
        question, text = self._question, message.prompt.value.strip()
        self._question = ""
        if not message.kept:
            self._end_questions()
            return
        try:
            _check(question, text)
        except (UsageError, ValueError) as error:
            self._ask(question, text, str(error))
            return
        self._answers[question] = text
        following = {"select": ("reason", ""), "reason": ("lasting", "1h")}.get(question)
        if following:
            self._ask(*following)
        else:
            self._start()

    def _start(self) -> None:
        select, lasting = read_terms(self._answers["select"]), self._answers["lasting"]
        seconds = parse_duration(lasting) if lasting else None
        request = StartSilence(select=select, lasting=seconds, by=user_name(), note=self._answers["reason"])
        self._end_questions()
        self.dashboard.begin(self._send(request))

    async def _send(self, request: StartSilence) -> None:
        try:
            started = await self.dashboard.source.try_silence(request)
        except LinkError as error:
            started = f"not done: {error}"
        self._due = float("-inf")
        self._started = "" if isinstance(started, str) else started.id
        now = self.dashboard.board.now()
        self.dashboard.say(started if isinstance(started, str) else words.silenced(started, now))
        self.dashboard.follower.hurry()

    def _end_questions(self) -> None:
        self._answers.clear()
        self.lines.focus()
        self.show_all()

    # ── other actions ───────────────────────────────────────────────────────────────────────────

    @on(Listing.Moved)
    def _moved(self) -> None:
        self._draw_footer(self.dashboard.draw_context())

    @on(Listing.Clicked)
    def _clicked(self, message: Listing.Clicked) -> None:
        if message.times == 2:
            self.action_open()

    def action_extend(self) -> None:
        mute = self.lines.current
        if mute is None or mute.kind not in _EXTENDED:
            self._say_why_not(mute, "extended")
            return
        picks = [Pick(key, does, partial(self._extend, mute, hours * _HOUR)) for key, does, hours in _LENGTHS]
        self.ask(Picker([*picks, Pick("u", _EXTENDED[mute.kind], partial(self._extend, mute, None))]))

    def _extend(self, mute: Mute, seconds: float | None) -> None:
        """Let a silence or an acknowledgement last for ``seconds`` from now."""
        self._due = float("-inf")
        if mute.kind == SILENCED:
            for one in (mute.id, *mute.more):
                self.dashboard.command(ExtendSilence(id=one, lasting=seconds, by=user_name()))
        else:
            handles, by = tuple(mute.handles), user_name()
            self.dashboard.command(Acknowledge(handles=handles, by=by, note=mute.note, lasting=seconds))

    def action_end(self) -> None:
        mute = self.lines.current
        self._due = float("-inf")
        if mute and mute.kind == SILENCED:
            for one in (mute.id, *mute.more):
                self.dashboard.command(EndSilence(id=one, by=user_name()))
        elif mute and mute.kind == ACKNOWLEDGED:
            self.dashboard.command(Acknowledge(handles=tuple(mute.handles), on=False, by=user_name()))
        else:
            self._say_why_not(mute, "ended")

    def _say_why_not(self, mute: Mute | None, done: str) -> None:
        if mute:
            key = self.dashboard.key("silences.edit")
            self.dashboard.say(f"maintenance is {done} in the config: {key} edits it")

    def action_open(self) -> None:
        """Open the endpoint; of several, show them in the overview."""
        mute, entries = self.lines.current, self.dashboard.board.entries
        handles = [handle for handle in (mute.handles if mute else ()) if handle in entries]
        if len(handles) == 1:
            self.dashboard.navigation.detail(handles[0])
        elif handles:
            self.dashboard.navigation.view("overview")
            self.dashboard.overview.mark(handles)

    def action_edit(self) -> None:
        self.dashboard.edit()


def _marks(status: EndpointStatus) -> object:
    return status.silenced, status.acknowledged, status.maintenance


def _next_change(windows: Sequence[MaintenanceWindow]) -> float:
    ends = (one.began + one.duration for one in windows if one.began is not None)
    begins = (one.next for one in windows if one.next is not None)
    return min([*ends, *begins], default=float("inf"))


def _check(question: str, answer: str) -> None:
    """Raise UsageError or ValueError for an invalid answer."""
    if question == "select":
        read_terms(answer)
    elif question == "lasting" and answer:
        parse_duration(answer)
