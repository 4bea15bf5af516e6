"""The prompt for the note of an acknowledgement: one line over the current screen."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen

from monitor.tui.widgets.prompt import Prompt

NOTE_HELP = 'a note, or none; "for 2h …" ends it then; enter acknowledges, esc does not'


class NotePrompt(ModalScreen[str | None], inherit_css=False):  # a screen would hide the one below
    """The result is the note, which may be empty; None if cancelled."""

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
