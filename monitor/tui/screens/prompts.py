"""Prompts of one line over the current screen: for a moment, for a note, and for the name of a file."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from monitor.tui.data.moments import MomentError, parse_moment, zone
from monitor.tui.widgets.prompt import Prompt

NOTE_HELP = 'a note, or none; "for 2h …" ends it then; enter acknowledges, esc does not'


class MomentPrompt(ModalScreen[float | None], inherit_css=False):  # a screen would hide the one below
    """The prompt for a moment to go to. The result is in seconds since the epoch; None if cancelled."""

    DEFAULT_CSS = """
    MomentPrompt { layout: vertical; align: left bottom; background: transparent; color: $foreground; }
    MomentPrompt Static { height: auto; padding: 0 1; background: $panel; color: $warning; display: none; }
    MomentPrompt Static.wrong { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, now: float, suggested: str) -> None:
        super().__init__()
        self._now = now
        self._suggested = suggested

    def compose(self) -> ComposeResult:
        yield Static(markup=False)
        yield Prompt(f"a time{zone()}: 03:12   03:12:30   -15m   yesterday 23:50   2026-01-31 03:12   now")

    def on_mount(self) -> None:
        self.query_one(Prompt).open(self._suggested)

    @on(Prompt.Changed)
    def _typed(self) -> None:
        self.query_one(Static).remove_class("wrong")

    @on(Prompt.Closed)
    def _typed_to_the_end(self, message: Prompt.Closed) -> None:
        if not message.kept:
            self.dismiss(None)
            return
        try:
            self.dismiss(parse_moment(message.prompt.value, self._now))
        except MomentError as error:
            wrong = self.query_one(Static)
            wrong.update(str(error))
            wrong.add_class("wrong")
            message.prompt.open(message.prompt.value)


class NotePrompt(ModalScreen[str | None], inherit_css=False):  # a screen would hide the one below
    """The prompt for the note of an acknowledgement. The result may be empty; None if cancelled."""

    DEFAULT_CSS = """
    NotePrompt { layout: vertical; align: left bottom; background: transparent; color: $foreground; }
    """
    BINDINGS: ClassVar[list[BindingType]] = []

    def compose(self) -> ComposeResult:
        yield Prompt(NOTE_HELP)

    def on_mount(self) -> None:
        self.query_one(Prompt).open("")

    @on(Prompt.Closed)
    def _answered(self, message: Prompt.Closed) -> None:
        self.dismiss(message.prompt.value.strip() if message.kept else None)


class FileNamePrompt(ModalScreen[str | None], inherit_css=False):  # a screen would hide the one below
    """The prompt for the name of a new file. The result is None if cancelled."""

    DEFAULT_CSS = """
    FileNamePrompt { layout: vertical; align: left bottom; background: transparent; color: $foreground; }
    FileNamePrompt Static { height: 1; padding: 0 1; background: $panel; color: $foreground; }
    """
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, suggested: str) -> None:
        super().__init__()
        self._suggested = suggested

    def compose(self) -> ComposeResult:
        yield Static("a new file that ends in .csv or .json; enter writes it, esc does not", markup=False)
        yield Prompt("a name that ends in .csv or .json")

    def on_mount(self) -> None:
        self.query_one(Prompt).open(self._suggested)

    @on(Prompt.Closed)
    def _answered(self, message: Prompt.Closed) -> None:
        name = message.prompt.value.strip()
        self.dismiss(name if message.kept and name else None)
