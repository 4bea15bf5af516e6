"""The form that changes one endpoint of the config.

::

    edit "Shop front" in shop.toml:12
    ▌ url              https://shop.example.com/health
      name             Shop front
      interval         10s
      expect.status    200
    Not set ───────────────────────────────────────────────────────
      timeout          10s
    Help ──────────────────────────────────────────────────────────
    From the start of one check to the start of the next. Default: 30s
    Change +1 -1 lines ────────────────────────────────────────────
    shop.toml:16  Shop front
    - interval = "30s"   # slow
    + interval = "10s"   # slow
     ctrl+s save  ctrl+t try it  ctrl+e in $EDITOR  esc leave

The fields have the texts of the config, with ``${…}`` as it is written there. Only keys that the operator
changes are written, and an emptied one is removed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import msgspec
from textual.binding import BindingType

from monitor.fields import Asked
from monitor.link.edits import Edit, Form, GetForm, Judge, Judged, Modify, Try
from monitor.tui.data.board import Entry
from monitor.tui.keys import bound
from monitor.tui.screens.endpoint_form import EndpointForm
from monitor.tui.screens.fields_form import ChangesForm

_NOT_SET = "Not set"


class EditView(ChangesForm, EndpointForm):
    """The form that changes one endpoint."""

    DEFAULT_CSS = """
    EditView.-usual #results { height: 9; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("form.editor", "editor", "edit the config in $EDITOR at this endpoint", priority=True),
    ]
    hints = (
        ("ctrl+s", "save"),
        ("ctrl+t", "try it"),
        ("ctrl+e", "$EDITOR"),
        ("esc", "leave"),
        ("up down", "fields"),
        ("pgdn", "next part"),
        ("f1", "help"),
    )
    _entry: Entry

    def begin(self, entries: Sequence[Entry]) -> None:
        """Open the form for this endpoint."""
        (self._entry,) = entries
        self._begin()

    def _title(self) -> str:
        info = self._entry.info
        place = f" in {Path(info.file).name}:{info.line}" if info.file else ""
        return f'edit "{info.name}"{place}'

    def _help(self, one: Asked) -> str:
        note = ""
        if one.key == "name" and not self._fields.texts.get("id", "").strip():
            note = f' A new name begins a new history, unless id = "{self._entry.info.id}" is set.'
        return super()._help(one) + note

    async def _get_form(self) -> Form:
        form = await self.dashboard.source.edit(GetForm(of=self._handle), Form)
        return _set_first(form, form.texts)

    async def _get_fields(self, url: str, group: str) -> Form:
        form = await self.dashboard.source.edit(GetForm(of=self._handle, url=url, group=group), Form)
        return _set_first(form, self._begun) if form.kind else self._form  # while the URL is half typed

    async def _get_judged(self) -> Judged:
        await self._show_kind()
        return await self.dashboard.source.edit(Judge(of=self._handle, texts=self._changes()), Judged)

    async def _get_tried(self) -> Judged:
        return await self.dashboard.source.edit(Try(of=self._handle, texts=self._changes()), Judged)

    def _edit(self) -> Edit:
        return Modify(handle=self._handle, texts=self._changes())

    def _saved(self) -> None:
        if self._has_new_id():  # for the engine, it is another endpoint
            self.dashboard.overview.expect_new()
            self.dashboard.navigation.view("overview")

    def _has_new_id(self) -> bool:
        before, now = self._begun, self._fields.typed()
        if "id" in now:
            return now["id"] != self._entry.info.id
        made_from = "name" if "name" in now else "url"
        return "id" in before or now.get(made_from) != before.get(made_from)

    @property
    def _handle(self) -> int:
        """The endpoint's handle; an engine that was restarted has given it another one."""
        own = self._entry.info
        infos = (entry.info for entry in self.dashboard.board.entries.values())
        return next((info.handle for info in infos if info.id == own.id), own.handle)

    def action_editor(self) -> None:
        """Leave the form for the editor; ask once about unsaved texts."""
        if self._may_leave("ctrl+e again opens the editor"):
            self._end()
            self.dashboard.edit(self._entry)


def _set_first(form: Form, texts: Mapping[str, str]) -> Form:
    """``form`` with the fields first that have one of ``texts``, as they are in the config."""
    own = [replace(one, part="") for one in form.fields if one.key in texts]
    others = [one if one.part else replace(one, part=_NOT_SET) for one in form.fields if one.key not in texts]
    return msgspec.structs.replace(form, fields=(*own, *others))
