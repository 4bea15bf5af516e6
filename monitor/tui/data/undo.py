"""Edits of the config from this dashboard, and their undo."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from monitor.errors import LinkError
from monitor.link.edits import Edit, Edited, Undo
from monitor.tui.data.source import Source


class Edits:
    """Sends edits to the engine. ``say`` shows the outcome, then ``changed`` is called."""

    def __init__(self, source: Source, say: Callable[[str], None], changed: Callable[[], None]) -> None:
        self._source = source
        self._say = say
        self._changed = changed
        self._made: list[int] = []
        self._turn = asyncio.Lock()

    async def make(self, request: Edit) -> Edited:
        """Send an edit that can be undone."""
        async with self._turn:
            edited = await self._ask(request)
            self._made += [edited.edit] if edited.edit else []
        self._report(f"{edited.text} (u takes it back)" if edited.edit else edited.text)
        return edited

    async def undo(self) -> None:
        """Undo the newest edit from this dashboard."""
        async with self._turn:
            if not self._made:
                self._say("there is no change from this dashboard to undo")
                return
            edited = await self._ask(Undo(edit=self._made[-1]))
            if edited.ok:
                self._made.pop()
        self._report(edited.text)

    async def _ask(self, request: Edit) -> Edited:
        try:
            return await self._source.edit(request, Edited)
        except LinkError as error:
            return Edited(ok=False, text=f"not done: {error}")

    def _report(self, text: str) -> None:
        self._say(text)
        self._changed()
