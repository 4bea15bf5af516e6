"""A Textual screen that waits for a slow terminal, and stays live under overlays."""

from __future__ import annotations

from typing import Protocol, cast

from textual.screen import ModalScreen, Screen

from monitor.tui.terminal.compositor import ThriftyCompositor


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
