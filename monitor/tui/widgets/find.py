"""Finds text in the panes of a screen: an input, and the keys from match to match."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual import on
from textual.message import Message
from textual.widgets import Input

from monitor.tui.widgets.pane import Pane
from monitor.tui.widgets.prompt import Prompt


class Place(NamedTuple):
    """A line with a match: the number of its pane, and the line's number there."""

    pane: int
    line: int


class Find(Prompt):
    """The input; each letter takes effect at once. The matches of all panes that scroll are one list."""

    class Moved(Message):
        """The search began, went to another match, or ended."""

    def __init__(self) -> None:
        super().__init__("text to find; enter keeps it, then n and N go from match to match")
        self._origin = self._here = Place(0, -1)

    @property
    def panes(self) -> Sequence[Pane]:
        """The visible panes that scroll."""
        return [pane for pane in self.screen.query(Pane) if pane.can_focus and pane.display]

    @property
    def words(self) -> str:
        """The text to find; empty if nothing is searched."""
        return next((pane.words for pane in self.panes if pane.words), "")

    @property
    def note(self) -> str:
        """The text to find and the number of the present match, for the bottom line."""
        places = self._places()
        at = sum(place <= self._here for place in places)
        return f"/{self.words} {at}/{len(places)}" if self.words else ""

    def begin(self) -> None:
        """Open the input."""
        here = next((at for at, pane in enumerate(self.panes) if pane.has_focus), 0)
        self._origin = Place(here, self.panes[here].top - 1)
        self.open(self.words)

    def seek(self, words: str) -> None:
        """Find ``words``, from the top of the pane where the search began; without any, stop."""
        for pane in self.panes:
            pane.find(words)
        self._here = self._origin
        self.step(1)

    def step(self, steps: int) -> None:
        """Go to the next match, or with -1 to the previous one; the first follows the last."""
        if places := self._places():
            later = [place for place in places if place > self._here]
            earlier = [place for place in places if place < self._here]
            self._here = [*later, places[0]][0] if steps > 0 else [places[-1], *earlier][-1]
            for at, pane in enumerate(self.panes):
                pane.reveal(self._here.line if at == self._here.pane else None)
        self.post_message(self.Moved())

    def _places(self) -> list[Place]:
        return [Place(at, line) for at, pane in enumerate(self.panes) for line in pane.matches]

    @on(Input.Changed)
    def _typed(self) -> None:
        self.seek(self.value)

    @on(Prompt.Closed)
    def _typed_to_the_end(self, message: Prompt.Closed) -> None:
        if not message.kept:
            self.seek("")
        self.panes[self._here.pane].focus()
