"""Screens whose list can be filtered by words."""

from __future__ import annotations

from textual import on
from textual.widgets import Input

from monitor.tui.view import View
from monitor.tui.widgets.filter import FilterInput
from monitor.tui.widgets.listing import Listing
from monitor.tui.widgets.prompt import Prompt


def has_words(text: str, words: str) -> bool:
    """Whether ``text`` contains all ``words``, ignoring case."""
    folded = text.casefold()
    return all(word in folded for word in words.casefold().split())


class Filtered(View):
    """Lists the rows that contain all ``filter_words``; going back clears them first."""

    filter_words = ""

    @property
    def listing(self) -> Listing[object]:
        """The filtered list."""
        return self.query_one(Listing)

    def set_filter(self, words: str) -> None:
        """Filter by ``words``; without any, show everything."""
        self.filter_words = words
        self.board_changed()

    @property
    def filter_note(self) -> str:
        """The filter as text for the bottom line."""
        return f"/{self.filter_words}" if self.filter_words else ""

    def on_resize(self) -> None:
        self.call_after_refresh(self.board_changed)

    @on(Input.Changed, "FilterInput")
    def _filter_changed(self, message: Input.Changed) -> None:
        self.set_filter(message.value)

    @on(Prompt.Closed, "FilterInput")
    def _filter_closed(self, message: Prompt.Closed) -> None:
        self.set_filter(message.prompt.value if message.kept else "")
        self.listing.focus()

    def action_filter(self) -> None:
        self.query_one(FilterInput).open(self.filter_words)

    def action_back(self) -> None:
        if self.filter_words:
            self.set_filter("")
        else:
            self.dismiss()
