"""Partial updates that send only the changed cells of a region.

Textual sends each line from the left edge of the widget to the end of the change. Our lines are as wide as
the terminal, so most of those cells have not changed.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region


class Cells(ChopsUpdate):
    """The cells of the changed spans, and no others."""

    def render_segments(self, console: Console) -> str:
        return "".join(self._pieces(console))

    def _pieces(self, console: Console) -> Iterator[str]:
        for y, first, last in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=True):
                left, right = max(x, first), min(end, last)
                if strip is not None and left < right:
                    yield Control.move_to(left, y).segment.text
                    yield strip.crop(left - x, right - x).render(console)


class ThriftyCompositor(Compositor):
    """Textual's compositor, with partial updates limited to the changed cells."""

    def render_partial_update(self) -> ChopsUpdate | None:
        update = super().render_partial_update()
        return update and Cells(update.chops, update.spans, update.chop_ends)

    def take_dirty(self) -> list[Region]:
        """Take the regions to paint: the caller paints them."""
        regions = list(self._dirty_regions)
        self._dirty_regions.clear()
        return regions
