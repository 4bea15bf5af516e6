"""A one-line input, hidden until opened: enter accepts the text, escape drops it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input


class Prompt(Input):
    """The input; hidden while closed."""

    DEFAULT_CSS = """
    Prompt, Prompt:focus {
        display: none; height: 1; border: none; padding: 0 1; width: 1fr;
        background: $panel; color: $foreground;
    }
    Prompt.open { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "drop", "drop the text")]

    class Closed(Message):
        """The input was closed; ``kept`` is False if the text was dropped."""

        def __init__(self, prompt: Prompt, kept: bool) -> None:
            super().__init__()
            self.prompt = prompt
            self.kept = kept

        @property
        def control(self) -> Widget:
            return self.prompt

    def __init__(self, placeholder: str, *, id: str | None = None) -> None:
        super().__init__(placeholder=placeholder, select_on_focus=False, id=id)
        self.cursor_blink = False
        self.compact = True

    def open(self, text: str = "") -> None:
        """Open the input with ``text``."""
        self.value = text
        self.cursor_position = len(text)
        self.add_class("open")
        self.focus()

    async def action_submit(self) -> None:
        self.action_keep()

    def action_keep(self) -> None:
        self._close(kept=True)

    def action_drop(self) -> None:
        self._close(kept=False)

    def _close(self, *, kept: bool) -> None:
        self.remove_class("open")
        self.post_message(self.Closed(self, kept))
