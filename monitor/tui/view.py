"""The base of the dashboard's screens: it shows the board and goes back in time."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from monitor.tui.data.table_file import Row
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.terminal.screen import PatientScreen
from monitor.tui.widgets.footer import Footer, Hint
from monitor.tui.widgets.header import Header, Notice

if TYPE_CHECKING:
    from monitor.tui.app import Dashboard


class _Top(NamedTuple):
    """The texts of a screen itself in its header and notice."""

    notice: str = ""
    notes: Sequence[str] = ()
    trouble: str = ""


class View(PatientScreen):
    """A screen that shows the board.

    The app calls :meth:`board_changed` after every pull with changes, also under an open overlay, and when
    the screen comes to the front.
    """

    of_the_present: ClassVar[bool] = False
    """Whether it shows data that exist only for the present."""

    @property
    def dashboard(self) -> Dashboard:
        return cast("Dashboard", self.app)

    def board_changed(self) -> None:
        """Update the screen from the board; repaint only differences."""

    _top = _Top()

    def draw_top(
        self, context: DrawContext, notice: str = "", notes: Sequence[str] = (), *, trouble: str = ""
    ) -> None:
        """Draw the header with its flags and ``notes``, and the notice below it on screens that have one.

        The notice is the dashboard's own, unless another one is given; without either, it is ``trouble``.
        """
        self._top = _Top(notice, notes, trouble)
        app = self.dashboard
        self.query_one(Header).draw(app.board, app.stats, app.flags(notes), context)
        for line in self.query(Notice):
            line.show_text(notice or app.notice() or trouble, context)

    def draw_bottom(self, hints: Sequence[Hint], note: str, context: DrawContext) -> None:
        """Draw the footer: the last message, or ``hints``; ``note`` at the right."""
        self.query_one(Footer).draw(hints, note, context, self.dashboard.message)

    def flags_changed(self) -> None:
        """Draw the header and the notice again, and nothing else."""
        if self.is_mounted:
            notice, notes, trouble = self._top
            self.draw_top(self.dashboard.draw_context(), notice, notes, trouble=trouble)

    def may_quit(self) -> bool:
        """Whether the dashboard may quit now; asks once where something unsaved would be lost."""
        return True

    def pointed_at(self) -> float | None:
        """The time of the row under the cursor, if it has one, as a target for time travel."""
        return None

    def rows_as_shown(self) -> Sequence[Row] | None:
        """The filtered rows, for a file; None if the screen has no such rows."""
        return None

    def on_screen_resume(self) -> None:
        if self.of_the_present:
            self.dashboard.travel.home()
        self.dashboard.navigation.arrived()
        self.board_changed()

    # ── going back in time ──────────────────────────────────────────────────────────────────────

    def _stays(self) -> bool:
        if self.of_the_present:
            self.dashboard.say("of this, only the present is known")
        return self.of_the_present

    def action_travel(self) -> None:
        if self._stays():
            return
        at = self.pointed_at()
        # Rounded up to the second, so that the event at that time is included.
        self.dashboard.ask_for_moment(None if at is None else ceil(at))

    def action_step(self, seconds: float) -> None:
        if not self._stays():
            self.dashboard.travel.step(seconds)

    def action_change(self, direction: int) -> None:
        if not self._stays():
            self.dashboard.travel.to_change(direction)

    def action_present(self) -> None:
        self.dashboard.travel.home()
