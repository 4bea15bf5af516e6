"""One line of the screen that is painted only when it looks different."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget


class Line(Widget, can_focus=False):
    """Shows segments; the rest of its width is in the style of the last one."""

    DEFAULT_CSS = "Line { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown = Strip([])

    def show(self, segments: Iterable[Segment]) -> None:
        """Let the line read ``segments`` from now on."""
        strip = Strip(segments)
        if strip != self._shown:
            self._shown = strip
            self.refresh()

    def render_line(self, _y: int) -> Strip:
        last = next((segment.style for segment in reversed(list(self._shown))), None)
        return self._shown.adjust_cell_length(self.size.width, last)
