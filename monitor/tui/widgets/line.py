"""One line of the screen, painted only when it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

Drawing = Callable[[int], Iterable[Segment]]
"""Draws a line of ``width`` cells."""


class Line(Widget, can_focus=False):
    """Shows segments; the last one's style fills the rest of the width."""

    DEFAULT_CSS = "Line { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawing: Drawing = _nothing
        self._shown = Strip([])

    def show(self, segments: Iterable[Segment]) -> None:
        """Show ``segments``, for any width."""
        kept = list(segments)
        self.show_fitted(lambda _: kept)

    def show_fitted(self, drawing: Drawing) -> None:
        """Show the line that ``drawing`` returns for the width, now and after each resize."""
        self._drawing = drawing
        strip = self._draw()
        if strip != self._shown:
            self._shown = strip
            self.refresh()

    def _draw(self) -> Strip:
        segments = list(self._drawing(self.size.width))
        last = segments[-1].style if segments else None
        return Strip(segments).adjust_cell_length(self.size.width, last)

    def render_line(self, _y: int) -> Strip:
        if self._shown.cell_length != self.size.width:
            self._shown = self._draw()
        return self._shown


def _nothing(_width: int) -> list[Segment]:
    return []
