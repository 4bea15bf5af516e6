"""The event log, one line per event, newest at the bottom.

While the cursor is on the newest line the log follows. Moving up stops that, and new events are only counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from monitor.model import Event
from monitor.syntax.duration import iso_time
from monitor.tui.data.moments import clock, stamp
from monitor.tui.data.older import OlderLog
from monitor.tui.data.table_file import Row
from monitor.tui.drawing.columns import DrawContext, cut
from monitor.tui.drawing.text_layout import Segments, TextLayout, fit, width_of
from monitor.tui.filtered import Filtered, has_words
from monitor.tui.keys import bound
from monitor.tui.lists import empty_states
from monitor.tui.widgets.filter import FilterInput
from monitor.tui.widgets.footer import Footer, Hint
from monitor.tui.widgets.header import Header, Notice
from monitor.tui.widgets.listing import Listing

_HINTS: tuple[Hint, ...] = (
    ("esc", "back"),
    ("/", "filter"),
    ("j k", "move"),
    ("enter", "open endpoint"),
    ("f", "follow"),
    ("L", "level"),
    ("?", "help"),
)
_WORDS = {"good": "good", "info": "info", "warn": "warn", "bad": "BAD"}
_NAME_WIDTH = 22
_LEVELS: Sequence[tuple[str, Collection[str]]] = (
    ("", ()),
    ("without info", ("good", "warn", "bad")),
    ("only warn and bad", ("warn", "bad")),
    ("only bad", ("bad",)),
)
"""The choices of ``L``: their names, and the levels that they show; the first one shows all."""


class EventLines(Listing[Event]):
    """Events with a cursor, which follows the newest line while it is there."""

    BINDINGS: ClassVar[list[BindingType]] = [bound("log.follow", "last", "follow the newest")]

    def __init__(self) -> None:
        super().__init__(self._event, key=id)
        self.following = True
        self.names: Mapping[int, str] = {}
        self.now = 0.0
        self._stamped = self._named = 0
        """Widths of times and names in cells."""

    def show_events(self, shown: Sequence[Event], now: float, layout: TextLayout) -> None:
        """Show these lines, oldest first; ``now`` decides which times need a day."""
        self.now, self._stamped = now, len(stamp(shown[0].at, now)) if shown else 0
        self._named = min(max(map(cell_len, {self._who(event) for event in shown}), default=0), _NAME_WIDTH)
        self.show(shown, layout)

    def place_in(self, rows: Sequence[Event]) -> int:
        return len(rows) - 1 if self.following or self.current is None else super().place_in(rows)

    def move_to(self, place: int) -> None:
        self.following = place >= len(self.rows) - 1
        super().move_to(place)

    def _event(self, event: Event, width: int, layout: TextLayout) -> Segments:
        """The time, the level, the endpoint and the text."""
        palette = layout.palette
        style = {"good": palette.good, "warn": palette.warn, "bad": palette.bad}.get(event.level, palette.dim)
        word = _WORDS.get(event.level, fit(event.level, 4))
        named = min(self._named, max(width // 4, 8))
        line = [
            layout.segment(f"{stamp(event.at, self.now).ljust(self._stamped)} ", palette.dim),
            layout.segment(word.ljust(4), style),
            layout.segment(f" {cut(self._who(event), named, layout.symbols)} ", palette.strong),
        ]
        room = max(width - width_of(line), 1)
        return [*line, layout.segment(cut(event.text, room, layout.symbols))]

    def _who(self, event: Event) -> str:
        return "engine" if event.handle is None else self.names.get(event.handle, "(gone)")


class LogView(Filtered):
    """The log of the board's events."""

    AUTO_FOCUS = "EventLines"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("log.back", "back", "drop the filter, or go back"),
        bound("log.filter", "filter", "filter"),
        bound("log.open", "open", "open the endpoint"),
        bound("log.level", "level", "leave out info, good, warn"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._older: OlderLog | None = None
        self._level = 0
        """The place of the choice in :data:`_LEVELS`."""
        self._drawn: object = None
        """The inputs of the last drawing."""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notice()
        yield EventLines()
        yield FilterInput("words that must all be in the line")
        yield Footer()

    @property
    def lines(self) -> EventLines:
        return self.query_one(EventLines)

    def board_changed(self) -> None:
        if not self.is_mounted:
            return
        board, context = self.dashboard.board, self.dashboard.draw_context()
        if self._older is None or self._older.board is not board:
            self._older = OlderLog(lambda: self.dashboard.history, board)
        if self._appearance(self._older, context) != self._drawn:
            self._drawn = self._appearance(self._older, context)
            self._show_lines(self._older, context)
        self._draw_frame(context)
        self._load_older(self._older)

    def _appearance(self, older: OlderLog, context: DrawContext) -> object:
        """The inputs of the list, with the day because it decides which times need one."""
        board = older.board
        lines = id(board), board.started_at, board.events_seen, len(board.events), older.revision
        look = context.look, clock(context.now, "%x")
        return lines, bool(board.revision), board.layout_revision, self.filter_words, self._level, look

    def _show_lines(self, older: OlderLog, context: DrawContext) -> None:
        board = older.board
        names = self.lines.names = {handle: entry.info.name for handle, entry in board.entries.items()}
        _, levels = _LEVELS[self._level]
        shown = [
            event
            for event in older.events()
            if (not levels or event.level in levels) and has_words(_text(event, names), self.filter_words)
        ]
        filtered = bool(self.filter_words or levels)
        self.lines.empty_state = empty_states.of_log(board, self.dashboard.key, filtered=filtered)
        self.lines.show_events(shown, context.now, TextLayout(context.symbols, context.palette))

    def _load_older(self, older: OlderLog) -> None:
        """Load more of the history when the beginning of the list is near."""
        if older.can_load and self.lines.above <= self.lines.size.height:
            self.run_worker(partial(self._load, older))  # type: ignore[arg-type]  # Textual takes it, its types do not

    async def _load(self, older: OlderLog) -> None:
        await older.load()
        self.board_changed()

    def _draw_frame(self, context: DrawContext) -> None:
        lines = self.lines
        self.draw_top(context)
        below = f"{lines.below} below" if lines.below else ""
        only, _ = _LEVELS[self._level]
        note = "  ".join(filter(None, (self.filter_note, only, below)))
        self.draw_bottom(_HINTS, note, context)

    def rows_as_shown(self) -> Sequence[Row]:
        names = self.lines.names
        return [
            {
                "at": iso_time(one.at),
                "level": one.level,
                "endpoint": None if one.handle is None else names.get(one.handle),
                "text": one.text,
            }
            for one in self.lines.rows
        ]

    # ── events ──────────────────────────────────────────────────────────────────────────────────

    def on_key(self) -> None:
        self.dashboard.message = ""

    @on(EventLines.Moved)
    def _moved(self) -> None:
        self._draw_frame(self.dashboard.draw_context())
        if self._older:
            self._load_older(self._older)

    def pointed_at(self) -> float | None:
        return self.lines.current.at if self.lines.current else None

    @on(EventLines.Clicked)
    def _clicked(self, message: EventLines.Clicked) -> None:
        if message.times == 2:
            self.action_open()

    def action_level(self) -> None:
        """Show only graver lines; after the gravest, all of them again."""
        self._level = (self._level + 1) % len(_LEVELS)
        self.board_changed()

    def action_back(self) -> None:
        """Drop the words, then the level, then go back."""
        if self._level and not self.filter_words:
            self._level = 0
            self.board_changed()
        else:
            super().action_back()

    def action_open(self) -> None:
        event = self.lines.current
        if event is None or event.handle is None:
            return
        if event.handle in self.dashboard.board.entries:
            self.dashboard.navigation.detail(event.handle, event.at)
        else:
            self.dashboard.say("this endpoint is no longer in the config")


def _text(event: Event, names: Mapping[int, str]) -> str:
    who = "engine" if event.handle is None else names.get(event.handle, "")
    return f"{event.level} {who} {event.text}"
