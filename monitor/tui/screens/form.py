"""The form for a new endpoint."""

from __future__ import annotations

from monitor.link.edits import Add, Edit, Form, GetForm, Judge, Judged, Try
from monitor.tui.screens.endpoint_form import EndpointForm


class FormView(EndpointForm):
    """The form for a new endpoint."""

    hints = (
        ("ctrl+t", "try it"),
        ("ctrl+s", "save"),
        ("esc", "leave"),
        ("up down", "fields"),
        ("pgdn", "next part"),
        ("f1", "help"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._like: int | None = None

    def begin(self, like: int | None) -> None:
        """Open a new form, optionally with another endpoint's texts."""
        self._like = like
        self._begin()

    def _title(self) -> str:
        kind = f"{self._form.kind} " * bool(self._form.kind)
        return f"new {kind}endpoint" + f" in {self._form.file}" * bool(self._form.file)

    async def _get_form(self) -> Form:
        return await self.dashboard.source.edit(GetForm(like=self._like), Form)

    async def _get_fields(self, url: str, group: str) -> Form:
        request = GetForm(url=url, group=group, file=self._form.file)
        return await self.dashboard.source.edit(request, Form)

    async def _get_judged(self) -> Judged:
        await self._show_kind()
        request = Judge(texts=self._fields.typed(), file=self._form.file)
        return await self.dashboard.source.edit(request, Judged)

    async def _get_tried(self) -> Judged:
        request = Try(texts=self._fields.typed(), file=self._form.file)
        return await self.dashboard.source.edit(request, Judged)

    def _edit(self) -> Edit:
        return Add(texts=self._fields.typed(), file=self._form.file)

    def _saved(self) -> None:
        self.dashboard.overview.expect_new()
