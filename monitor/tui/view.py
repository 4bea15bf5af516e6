"""What every screen of the dashboard shares: the board behind it, and patience with the terminal."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, ClassVar, cast

from textual.screen import Screen

from monitor.tui.drawing.text_layout import moment
from monitor.tui.terminal.compositor import ThriftyCompositor

if TYPE_CHECKING:
    from monitor.tui.app import Dashboard


class View(Screen[None]):
    """A screen that shows the board.

    The app calls :meth:`board_changed` after every pull that brought something, and when the
    screen comes to the front. Nothing is sent while the terminal has not taken what it was sent
    before: what is dirty stays dirty, and only its newest state is painted.
    """

    of_the_present: ClassVar[bool] = False
    """Whether it shows what is known of the present alone."""

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

    def pointed_at(self) -> float | None:
        """The time of what is under the cursor, where it has one: somebody may want to go back to it."""
        return None

    def on_screen_resume(self) -> None:
        if self.of_the_present:
            self.dashboard.travel.home()
        self.board_changed()

    # ── going back in time ──────────────────────────────────────────────────────────────────────

    def _stays(self) -> bool:
        if self.of_the_present:
            self.dashboard.say("of this, only the present is known")
        return self.of_the_present

    def action_travel(self) -> None:
        if self._stays():
            return
        from monitor.tui.screens.moment import MomentPrompt

        travel, now, at = self.dashboard.travel, self.dashboard.travel.live.now(), self.pointed_at()
        # To the second, and so that what happened then is seen.
        prompt = MomentPrompt(now, "" if at is None else moment(ceil(at), now))
        self.app.push_screen(prompt, lambda chosen: None if chosen is None else travel.go(chosen))

    def action_step(self, seconds: float) -> None:
        if not self._stays():
            self.dashboard.travel.step(seconds)

    def action_change(self, direction: int) -> None:
        if not self._stays():
            self.dashboard.travel.to_change(direction)

    def action_present(self) -> None:
        self.dashboard.travel.home()

    # ── patience ────────────────────────────────────────────────────────────────────────────────

    def _on_timer_update(self) -> None:
        if self.dashboard.terminal_is_busy():
            self._update_timer.pause()
        else:
            super()._on_timer_update()

    def terminal_is_free(self) -> None:
        """Paint what had to wait."""
        self._update_timer.resume()
