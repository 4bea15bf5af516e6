"""A Textual screen that waits for a slow terminal, sends it little, and stays live under overlays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, cast

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.screen import ModalScreen, Screen


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
    """Textual's compositor, with partial updates limited to the changed cells.

    Textual sends each line from the left edge of the widget to the end of the change. Our lines are as wide
    as the terminal, so most of those cells have not changed.
    """

    def render_partial_update(self) -> ChopsUpdate | None:
        update = super().render_partial_update()
        return update and Cells(update.chops, update.spans, update.chop_ends)

    def take_dirty(self) -> list[Region]:
        """Take the regions to paint: the caller paints them."""
        regions = list(self._dirty_regions)
        self._dirty_regions.clear()
        return regions


class Host(Protocol):
    """The part of the app that painting needs."""

    def terminal_is_busy(self) -> bool:
        """Whether output is waiting for the terminal."""


class PatientScreen(Screen[None]):
    """A screen of the dashboard.

    Nothing is sent while the terminal is busy: dirty regions stay dirty, and only their newest state is
    painted. Under an overlay the screen stays live: the overlay paints the changed regions for it.
    """

    def __init__(self, *, classes: str = "") -> None:
        super().__init__(classes=classes)
        self._compositor: ThriftyCompositor = ThriftyCompositor()

    @property
    def is_current(self) -> bool:
        """Whether the screen is visible: in front, or with only overlays above it.

        Textual also counts the screen below an opaque one, and would keep painting it.
        """
        return visible_screen(self.app.screen_stack) is self

    def _compositor_refresh(self) -> None:
        if self.app.screen is self:
            super()._compositor_refresh()
        elif regions := self._compositor.take_dirty():
            self.app.screen.refresh(*regions)
            self._dirty_widgets.clear()

    def _on_timer_update(self) -> None:
        if cast("Host", self.app).terminal_is_busy():
            self._update_timer.pause()
        else:
            super()._on_timer_update()

    def terminal_is_free(self) -> None:
        """Paint the postponed updates."""
        self._update_timer.resume()


def visible_screen(stack: list[Screen[object]]) -> Screen[object] | None:
    """The topmost screen of ``stack`` that is not an overlay; None if there is none."""
    return next((screen for screen in reversed(stack) if not isinstance(screen, ModalScreen)), None)
