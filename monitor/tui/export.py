"""Writing the rows of a view to a file whose name the operator chooses."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from monitor.errors import UsageError
from monitor.tui.data.table_file import Row, suggested_name, write_rows
from monitor.tui.screens.file_name import FileNamePrompt

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
