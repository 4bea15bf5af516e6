"""The config in use, and the problems of its newest version with their lines."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from monitor.model import Problem
from monitor.text import plain
from monitor.tui.data.follow import Link
from monitor.tui.drawing.columns import DrawContext, cut
from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import TextLayout
from monitor.tui.keys import bound
from monitor.tui.view import View
from monitor.tui.widgets.footer import Footer
from monitor.tui.widgets.header import Header
from monitor.tui.widgets.pane import Pane


class Problems(Widget, can_focus=True):
    """A list of problems with a cursor, a line each."""

    class Moved(Message):
        """The cursor moved to another problem."""

    DEFAULT_CSS = "Problems { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("config.down", "move(1)", "next problem"),
        bound("config.up", "move(-1)", "previous problem"),
    ]

    def __init__(self, context: DrawContext) -> None:
        super().__init__()
        self.context = context
        self.problems: tuple[Problem, ...] = ()
        self.file = ""
        self._heading = ""
        self._cursor = 0

    def show(self, problems: tuple[Problem, ...], file: str, meanwhile: str, context: DrawContext) -> None:
        """Show these problems; ``meanwhile`` says which config is in force, or why none is."""
        heading = _heading(len(problems), file, meanwhile)
        if (problems, heading, context.look) != (self.problems, self._heading, self.context.look):
            self.problems, self.file, self._heading, self.context = problems, file, heading, context
            self._cursor = min(self._cursor, max(len(problems) - 1, 0))
            self.refresh()

    @property
    def current(self) -> Problem | None:
        return self.problems[self._cursor] if self.problems else None

    def action_move(self, lines: int) -> None:
        self._cursor = max(0, min(self._cursor + lines, len(self.problems) - 1))
        self.refresh(Region(0, 0, *self.size))
        self.post_message(self.Moved())

    def render_line(self, y: int) -> Strip:
        palette, width = self.context.palette, self.size.width
        top = max(0, self._cursor - self.size.height + 3)
        place = y - 2 + top
        if y == 0:
            segment = Segment(cut(f"  {self._heading}", width, self.context.symbols), palette.strong)
        elif y > 1 and place < len(self.problems):
            segment = self._problem(place, width)
        else:
            segment = Segment(" " * width, palette.text)
        return Strip([segment])

    def _in_short(self, problem: Problem) -> str:
        """A problem without the folder, which the heading has."""
        return str(problem).removeprefix(f"{Path(self.file).parent}/")

    def _problem(self, place: int, width: int) -> Segment:
        here = place == self._cursor
        palette, symbols = self.context.palette, self.context.symbols
        text = f"{symbols.cursor if here else ' '} {plain(self._in_short(self.problems[place]), 1000)}"
        return Segment(cut(text, width, symbols), palette.text + palette.cursor if here else palette.text)


def _heading(problems: int, file: str, meanwhile: str) -> str:
    text = f"{problems} problem{'s'[: problems > 1]}" if problems else ""
    file = plain(file, 200) or "no config file: the targets come from the command line"
    return f"{file}: {', '.join(filter(None, (text, meanwhile)))}"


class ConfigView(View):
    """The list of problems, and the full text of the one under the cursor."""

    DEFAULT_CSS = "ConfigView Pane { height: 5; max-height: 40%; }"
    AUTO_FOCUS = "Problems"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("config.edit", "edit", "edit at this line"),
        bound("config.back", "app.view('overview')", "back"),
    ]

    def compose(self) -> ComposeResult:
        yield Header()
        yield Problems(self.dashboard.draw_context())
        yield Pane(focusable=False)
        yield Footer()

    def on_key(self) -> None:
        self.dashboard.message = ""

    @on(Problems.Moved)
    def board_changed(self) -> None:
        app, context = self.dashboard, self.dashboard.draw_context()
        self.draw_top(context)
        problems, layout = self.query_one(Problems), TextLayout(context.symbols, context.palette)
        live = app.travel.live
        problems.show(live.problems, live.config_file, self._meanwhile(), context)
        text = plain(str(problems.current), 2000) if problems.current else ""
        whole = Section(lambda width, _: layout.wrapped(text, width, context.palette.warn))
        self.query_one(Pane).show([whole], layout)
        hints = (("?", "help"), ("e", "edit"), ("ctrl+r", "reload"), ("esc", "back"), ("q", "quit"))
        self.draw_bottom(hints, "", context)

    def _meanwhile(self) -> str:
        """The config in force."""
        app = self.dashboard
        if app.follower.link is Link.LOST:
            return "no engine runs"
        return "the old config stays in force" if app.travel.live.problems else "in force"

    def action_edit(self) -> None:
        problem = self.query_one(Problems).current
        app = self.dashboard
        app.edit_at(problem.file if problem else app.board.config_file, problem.line if problem else 0)
