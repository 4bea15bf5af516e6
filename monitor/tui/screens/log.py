"""What happened, one line an event, the newest at the bottom.

While the cursor is on the newest line the log follows; moving up stops that, and what comes
meanwhile is only counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from monitor.link.messages import Event
from monitor.tui.columns import Look, cut
from monitor.tui.keys import bound
from monitor.tui.view import View
from monitor.tui.widgets.filter import FilterInput
from monitor.tui.widgets.footer import Footer, Hint
from monitor.tui.widgets.header import Header, Notice
from monitor.tui.widgets.pen import Line, Pen, clock, fit, width_of

_HINTS: tuple[Hint, ...] = (
    ("esc", "back"),
    ("/", "filter"),
    ("j k", "move"),
    ("enter", "open endpoint"),
    ("f", "follow"),
    ("?", "help"),
)
_WHEEL = 3
_WORDS = {"good": "good", "info": "info", "warn": "warn", "bad": "BAD"}
_NAME_WIDTH = 22


class EventLines(Widget, can_focus=True):
    """Events with a cursor; only the visible ones are ever drawn."""

    DEFAULT_CSS = "EventLines { height: 1fr; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("log.down", "move(1)", "next line"),
        bound("log.up", "move(-1)", "previous line"),
        bound("log.page_down", "page(1)", "page down"),
        bound("log.page_up", "page(-1)", "page up"),
        bound("log.first", "first", "first line"),
        bound("log.follow", "follow", "follow the newest"),
    ]

    class Moved(Message):
        """The operator moved the cursor."""

    class Opened(Message):
        """The operator asked for the event under the cursor by the mouse."""

    def __init__(self) -> None:
        super().__init__()
        self.following = True
        self._events: Sequence[Event] = ()
        self._names: dict[int, str] = {}
        self._look: Look | None = None
        self._cursor = 0
        self._top = 0
        self._painted: dict[int, Strip] = {}

    def show(self, shown: Sequence[Event], names: dict[int, str], look: Look) -> None:
        """Show these; the cursor follows the newest, or stays with its event at its place."""
        before, current = self._cursor, self.current
        self._events, self._names, self._look = shown, names, look
        if self.following or current is None:
            self._cursor = len(shown) - 1
        else:
            self._cursor = next((place for place, event in enumerate(shown) if event is current), 0)
            self._top += self._cursor - before
        self.repaint()

    @property
    def current(self) -> Event | None:
        """The event under the cursor."""
        return self._events[self._cursor] if 0 <= self._cursor < len(self._events) else None

    @property
    def unseen(self) -> int:
        """Events that lie below the visible ones."""
        return max(len(self._events) - self._top - self.size.height, 0)

    def repaint(self) -> None:
        """Send the visible lines that look different now."""
        self._clamp()
        for y in range(self.size.height):
            strip = self._draw(y)
            if strip != self._painted.get(y):
                self._painted[y] = strip
                self.refresh(Region(0, y, self.size.width, 1))

    def _clamp(self) -> None:
        height = max(self.size.height, 1)
        self._cursor = max(0, min(self._cursor, len(self._events) - 1))
        lowest = max(self._cursor - height + 1, 0)
        highest = max(len(self._events) - height, 0)
        self._top = max(lowest, min(self._top, self._cursor, highest))

    def render_line(self, y: int) -> Strip:
        strip = self._painted.get(y)
        return self._draw(y) if strip is None else strip

    def _draw(self, y: int) -> Strip:
        look, at = self._look, self._top + y
        if look is None:
            return Strip.blank(self.size.width)
        if at >= len(self._events):
            return Strip([]).adjust_cell_length(self.size.width, look.palette.text)
        here = at == self._cursor
        line = _event_line(
            self._events[at], self._names, here, self.size.width, Pen(look.symbols, look.palette)
        )
        base = look.palette.text + look.palette.cursor if here else look.palette.text
        return Strip(line).adjust_cell_length(self.size.width, base)

    # ── moving ──────────────────────────────────────────────────────────────────────────────────

    def _move_to(self, place: int) -> None:
        self._cursor = place
        self.following = place >= len(self._events) - 1
        self.repaint()
        self.post_message(self.Moved())

    def action_move(self, lines: int) -> None:
        self._move_to(self._cursor + lines)

    def action_page(self, pages: int) -> None:
        self._move_to(max(self._cursor + pages * max(self.size.height - 1, 1), 0))

    def action_first(self) -> None:
        self._move_to(0)

    def action_follow(self) -> None:
        self._move_to(len(self._events) - 1)

    def on_resize(self) -> None:
        self._painted.clear()
        self.repaint()
        self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_move(_WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_move(-_WHEEL)

    def on_click(self, event: events.Click) -> None:
        if self._top + event.y < len(self._events):
            self._move_to(self._top + event.y)
            if event.chain == 2:
                self.post_message(self.Opened())


def _event_line(event: Event, names: dict[int, str], here: bool, width: int, pen: Pen) -> Line:
    """The time, how good or bad it is, whom it concerns, what happened; ``here``: under the cursor."""
    palette = pen.palette
    style = {"good": palette.good, "warn": palette.warn, "bad": palette.bad}.get(event.level, palette.dim)
    word = _WORDS.get(event.level, fit(event.level, 4))
    who = "engine" if event.handle is None else names.get(event.handle, "(gone)")
    line = [
        pen.segment(pen.symbols.cursor if here else " ", palette.accent),
        pen.segment(f"{clock(event.at)} ", palette.dim),
        pen.segment(word.ljust(4), style),
        pen.segment(f" {cut(who, _NAME_WIDTH, pen.symbols)} ", palette.strong),
    ]
    room = max(width - width_of(line), 1)
    line.append(pen.segment(cut(event.text, room, pen.symbols)))
    return list(Segment.apply_style(line, post_style=palette.cursor)) if here else line


class LogView(View):
    """The log of the board's events."""

    AUTO_FOCUS = "EventLines"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("log.back", "back", "drop the filter, or go back"),
        bound("log.filter", "filter", "filter"),
        bound("log.open", "open", "open the endpoint"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._filter = ""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notice()
        yield EventLines()
        box = FilterInput()
        box.placeholder = "words that must all be in the line"
        yield box
        yield Footer()

    @property
    def lines(self) -> EventLines:
        return self.query_one(EventLines)

    def board_changed(self) -> None:
        if not self.is_mounted:
            return
        board, look = self.dashboard.board, self.dashboard.look()
        names = {handle: entry.card.name for handle, entry in board.entries.items()}
        self.lines.show([event for event in board.events if _fits(event, names, self._filter)], names, look)
        self._draw_frame(look)

    def _draw_frame(self, look: Look) -> None:
        app, lines = self.dashboard, self.lines
        self.query_one(Header).draw(app.board, app.honesty, app.flags(), look)
        self.query_one(Notice).tell(app.notice(), look)
        below = f"{lines.unseen} below" if lines.unseen else ""
        note = "  ".join(filter(None, (f"/{self._filter}" if self._filter else "", below)))
        self.query_one(Footer).draw(_HINTS, note, look, app.message)

    # ── events ──────────────────────────────────────────────────────────────────────────────────

    def on_key(self) -> None:
        self.dashboard.message = ""

    def on_resize(self) -> None:
        self.call_after_refresh(self.board_changed)

    @on(EventLines.Moved)
    def _moved(self) -> None:
        self._draw_frame(self.dashboard.look())

    @on(Input.Changed)
    def _filter_changed(self, message: Input.Changed) -> None:
        self.set_filter(message.value)

    @on(FilterInput.Closed)
    def _filter_closed(self, message: FilterInput.Closed) -> None:
        self.set_filter(self.query_one(FilterInput).value if message.kept else "")
        self.lines.focus()

    def set_filter(self, text: str) -> None:
        """Show only events that have every word of ``text``; an empty one shows all."""
        self._filter = text
        self.board_changed()

    # ── actions ─────────────────────────────────────────────────────────────────────────────────

    def action_back(self) -> None:
        if self._filter:
            self.set_filter("")
        else:
            self.dismiss()

    def action_filter(self) -> None:
        self.query_one(FilterInput).open(self._filter)

    @on(EventLines.Opened)
    def action_open(self) -> None:
        event = self.lines.current
        if event is None or event.handle is None:
            return
        if event.handle in self.dashboard.board.entries:
            self.dashboard.open_detail(event.handle)
        else:
            self.dashboard.say("this endpoint is no longer in the config")


def _fits(event: Event, names: dict[int, str], words: str) -> bool:
    """Whether the line has every one of ``words``, in any case of letters."""
    who = "engine" if event.handle is None else names.get(event.handle, "")
    line = f"{event.level} {who} {event.text}".casefold()
    return all(word in line for word in words.casefold().split())
