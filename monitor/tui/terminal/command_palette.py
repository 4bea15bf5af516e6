"""Textual's command palette, without the blinking cursor and with a fix."""

from __future__ import annotations

from textual.command import CommandList, CommandPalette
from textual.widgets import Input


class Palette(CommandPalette):
    """The palette. Its cursor does not blink: each blink would be sent over the line."""

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False

    def _action_command_list(self, action: str) -> None:
        # Textual's list raises KeyError if a page key arrives before the list has a size.
        if not action.startswith("page") or self.query_one(CommandList).size.height:
            super()._action_command_list(action)
