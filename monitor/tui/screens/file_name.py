"""The prompt for the name of a file to write: one line over the current screen."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from monitor.tui.widgets.prompt import Prompt


class FileNamePrompt(ModalScreen[str | None], inherit_css=False):  # a screen would hide the one below
    """The result is the name; None if cancelled."""

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
