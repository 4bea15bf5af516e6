"""The form for several endpoints: interval, timeout, group and tags, changed alike and undone as one.

::

    edit 8 endpoints: svc-00, svc-05, svc-10 and 5 more
    ▌ interval         30s
      timeout
      group            shop
      tags             +night
    Help ──────────────────────────────────────────────────────────
    From the start of one check to the start of the next. In force: 5s | 10s.

    Change +8 -8 lines ────────────────────────────────────────────
    shop.toml:66  svc-05
    - interval = "10s"
    + interval = "30s"
     ctrl+s save  esc leave  up down fields  pgdn scroll

A field has the text that all of them have in the config; where they differ, it is empty and names what is in
force. Only fields that the operator changes are written, and an emptied one is taken out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from monitor.fields import Asked
from monitor.link.edits import BulkEdit, Edit, Form, GetBulkForm, JudgeBulk, Judged
from monitor.tui.data.board import Entry
from monitor.tui.keys import bound
from monitor.tui.screens.fields_form import ChangesForm

_NAMED = 3


class BulkView(ChangesForm):
    """The form for several endpoints."""

    DEFAULT_CSS = """
    BulkView #form { max-width: 100; }
    BulkView Fields { height: 7; }
    BulkView.-short #results, BulkView.-usual #results, BulkView.-tall #results { height: 1fr; }
    BulkView.-short Fields { height: 5; }
    BulkView.-tiny Fields { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("form.scroll_down", "scroll_results(1)", "scroll down"),
        bound("form.scroll_up", "scroll_results(-1)", "scroll up"),
    ]
    hints = (
        ("ctrl+s", "save"),
        ("esc", "leave"),
        ("up down", "fields"),
        ("pgdn", "scroll"),
        ("f1", "help"),
    )
    first = Form(kind="", file="", fields=(Asked(key="interval", help="From one check to the next."),))

    def __init__(self) -> None:
        super().__init__()
        self._handles: tuple[int, ...] = ()
        self._names: Sequence[str] = ()

    def begin(self, entries: Sequence[Entry]) -> None:
        """Open the form for these endpoints."""
        self._handles = tuple(one.info.handle for one in entries)
        self._names = [one.info.name for one in entries]
        self._begin()

    def _title(self) -> str:
        more = len(self._names) - _NAMED
        named = ", ".join(self._names[:_NAMED]) + f" and {more} more" * (more > 0)
        return f"edit {len(self._names)} endpoints: {named}"

    def _help(self, one: Asked) -> str:
        return f"{one.help} In force: {one.default or 'none'}."

    async def _get_form(self) -> Form:
        return await self.dashboard.source.edit(GetBulkForm(handles=self._handles), Form)

    async def _get_judged(self) -> Judged:
        request = JudgeBulk(handles=self._handles, texts=self._changes())
        return await self.dashboard.source.edit(request, Judged)

    def _edit(self) -> Edit:
        return BulkEdit(handles=self._handles, texts=self._changes())

    def action_scroll_results(self, pages: int) -> None:
        self._results.action_scroll_pages(pages)
