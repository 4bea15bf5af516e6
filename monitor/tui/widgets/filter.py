"""Where a filter is typed: every letter counts at once, enter keeps it, escape drops it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class FilterInput(Input):
    """One line that shows itself when asked for."""

    DEFAULT_CSS = """
    FilterInput, FilterInput:focus {
        display: none; height: 1; border: none; padding: 0 1; width: 1fr;
        background: $panel; color: $foreground;
    }
    FilterInput.open { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "drop", "drop the filter"),
        Binding("down,up", "keep", "keep the filter"),
    ]

    class Closed(Message):
        """Typing ended; ``kept`` is False when the filter is to be dropped."""

        def __init__(self, kept: bool) -> None:
            super().__init__()
            self.kept = kept

    def __init__(self) -> None:
        super().__init__(
            placeholder="words  glob*  !not  group:shop  state:down  latency>200  cert<14  ~regex",
            select_on_focus=False,
        )
        self.cursor_blink = False
        self.compact = True

    def open(self, text: str) -> None:
        """Begin to type, with ``text`` already there."""
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
        self.post_message(self.Closed(kept))
