"""Navigation between views: by name, to one endpoint's detail or form, and back to the previous view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from monitor.syntax.keymap import KEYS

if TYPE_CHECKING:
    from monitor.tui.app import Dashboard
    from monitor.tui.data.board import Entry
    from monitor.tui.screens.bulk import BulkView
    from monitor.tui.screens.dependencies import DependenciesView
    from monitor.tui.screens.detail import DetailView
    from monitor.tui.screens.edit import EditView
    from monitor.tui.screens.form import FormView

VIEWS = frozenset(name.removeprefix("view.") for name in KEYS if name.startswith("view.")) - {"previous"}
"""The views that have a number; the others, such as the detail, are closed to go back."""


class Navigation:
    """Navigates one dashboard's screens."""

    def __init__(self, app: Dashboard) -> None:
        self._app = app
        self._here = self._before = "overview"

    def arrived(self) -> None:
        """Note which view is visible now."""
        view = self._app.view
        if view is not None and view.id in VIEWS and view.id != self._here:
            self._before, self._here = self._here, view.id

    def view(self, name: str) -> None:
        """Go to a view, and close the views above the overview."""
        while len(self._app.screen_stack) > 1:
            self._app.pop_screen()
        if name != "overview":
            self._app.push_screen(name)

    def previous(self) -> None:
        """Go to the previous view."""
        self.view(self._before)

    def detail(self, handle: int, at: float | None = None) -> None:
        """Open one endpoint's detail, optionally at a time in its history."""
        screen = cast("DetailView", self._app.get_screen("detail"))
        screen.look_at(handle, self._app.overview.shown_handles(), at)
        if self._app.screen is not screen:
            self._app.push_screen(screen)

    def new(self, like: int | None = None) -> None:
        """Open the form for a new endpoint, optionally filled in from another one."""
        screen = cast("FormView", self._app.get_screen("endpoint"))
        screen.begin(like)
        self._app.push_screen(screen)

    def edit(self, entries: Sequence[Entry]) -> None:
        """Open the form that changes one endpoint, or the one for several."""
        screen = cast("EditView | BulkView", self._app.get_screen("edit" if len(entries) == 1 else "bulk"))
        screen.begin(entries)
        self._app.push_screen(screen)

    def dependencies(self, handle: int) -> None:
        """Show one endpoint in the tree of dependencies."""
        self.view("dependencies")
        cast("DependenciesView", self._app.get_screen("dependencies")).point_at(handle)
