"""One line of the screen that is painted only when it looks different."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

Drawing = Callable[[int], Iterable[Segment]]
"""What to show in so many cells."""


class Line(Widget, can_focus=False):
    """Shows segments; the rest of its width is in the style of the last one."""

    DEFAULT_CSS = "Line { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawing: Drawing = _nothing
        self._shown = Strip([])

    def show(self, segments: Iterable[Segment]) -> None:
        """Let the line read ``segments`` from now on, whatever its width."""
        kept = list(segments)
        self.show_fitted(lambda _: kept)

    def show_fitted(self, drawing: Drawing) -> None:
        """Let the line read what ``drawing`` makes of its width, now and whenever that changes."""
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
