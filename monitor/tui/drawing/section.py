"""A part of a pane. A value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from monitor.tui.drawing.text_layout import Segments


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a pane: ``draw`` makes its lines for a width and a height in cells."""

    draw: Callable[[int, int], list[Segments]]
    title: str = ""
    """The heading; empty for none."""
    note: str = ""
