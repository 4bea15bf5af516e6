"""Writing the rows of a view to a file whose name the operator chooses."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from monitor.errors import UsageError
from monitor.tui.data.table_file import Row, suggested_name, write_rows
from monitor.tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from monitor.tui.app import Dashboard


def export(app: Dashboard, view: str, rows: Sequence[Row]) -> None:
    """Ask for the name of a file, and write the rows of a view to it."""

    def write(name: str | None) -> None:
        if name is not None:
            app.begin(_write(app, name, rows))

    app.push_screen(FileNamePrompt(suggested_name(view, app.board.now())), write)


async def _write(app: Dashboard, name: str, rows: Sequence[Row]) -> None:
    try:
        path = await asyncio.to_thread(write_rows, name, rows)
    except UsageError as error:
        app.say(f"not written: {error}")
    else:
        app.say(f"{len(rows)} rows written to {path}")


class FileNamePrompt(ModalScreen[str | None], inherit_css=False):  # a screen would hide the one below
    """The prompt for the name: one line over the current screen. The result is None if cancelled."""

    DEFAULT_CSS = """
    FileNamePrompt { layout: vertical; align: left bottom; background: transparent; color: $foreground; }
    FileNamePrompt Static { height: 1; padding: 0 1; background: $panel; color: $foreground; }
    """
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, suggested: str) -> None:
        super().__init__()
        self._suggested = suggested

    def compose(self) -> ComposeResult:
        yield Static("a new file that ends in .csv or .json; enter writes it, esc does not", markup=False)
        yield Prompt("a name that ends in .csv or .json")

    def on_mount(self) -> None:
        self.query_one(Prompt).open(self._suggested)

    @on(Prompt.Closed)
    def _answered(self, message: Prompt.Closed) -> None:
        name = message.prompt.value.strip()
        self.dismiss(name if message.kept and name else None)
