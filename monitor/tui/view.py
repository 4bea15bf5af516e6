"""What every screen of the dashboard shares: the board behind it, and patience with the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.screen import Screen

from monitor.tui.compositor import ThriftyCompositor

if TYPE_CHECKING:
    from monitor.tui.app import Dashboard


class View(Screen[None]):
    """A screen that shows the board.

    The app calls :meth:`board_changed` after every pull that brought something, and when the
    screen comes to the front. Nothing is sent while the terminal has not taken what it was sent
    before: what is dirty stays dirty, and only its newest state is painted.
    """

    def __init__(self, *, classes: str = "") -> None:
        super().__init__(classes=classes)
        self._compositor = ThriftyCompositor()

    @property
    def is_current(self) -> bool:
        """Whether the screen is in front. Textual would have those below it paint as well, for ever."""
        return self.app.screen_stack[-1:] == [self]

    @property
    def dashboard(self) -> Dashboard:
        return cast("Dashboard", self.app)

    def board_changed(self) -> None:
        """Bring the screen up to the board; touch only what looks different."""

    def on_screen_resume(self) -> None:
        self.board_changed()

    def _on_timer_update(self) -> None:
        if self.dashboard.terminal_is_busy():
            self._update_timer.pause()
        else:
            super()._on_timer_update()

    def terminal_is_free(self) -> None:
        """Paint what had to wait."""
        self._update_timer.resume()
