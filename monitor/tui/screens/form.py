"""The form for a new endpoint: the URL selects the kind of check and its keys."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import BindingType

from monitor.fields import Asked
from monitor.judge.verdict import in_words
from monitor.link.edits import Add, Edit, Form, GetForm, Judge, Judged, Try
from monitor.model import Result, State
from monitor.syntax.duration import format_ms
from monitor.text import plain
from monitor.tui.drawing.explained import status_style
from monitor.tui.drawing.phases import of_last, phases
from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import Segments, TextLayout
from monitor.tui.keys import bound
from monitor.tui.screens.fields_form import FieldsForm
from monitor.tui.widgets.fields import Fields


class FormView(FieldsForm):
    """The form for a new endpoint."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bound("form.try", "try", "try it: one check, nothing is saved"),
    ]
    hints = (
        ("ctrl+t", "try it"),
        ("ctrl+s", "save"),
        ("esc", "leave"),
        ("up down", "fields"),
        ("pgdn", "next part"),
        ("f1", "help"),
    )
    first = Form(kind="", file="", fields=(Asked(key="url", help="The URL to check."),))

    def __init__(self) -> None:
        super().__init__()
        self._like: int | None = None
        self._result: Result | None = None
        self._trying = False

    def begin(self, like: int | None) -> None:
        """Open a new form, optionally with another endpoint's texts."""
        self._like, self._result = like, None
        self._begin()

    def _title(self) -> str:
        kind = f"{self._form.kind} " * bool(self._form.kind)
        return f"new {kind}endpoint" + f" in {self._form.file}" * bool(self._form.file)

    def _sections(self, layout: TextLayout) -> list[Section]:
        """The trial check and its result come before everything else."""
        if self._trying:
            waiting = [layout.line(("trying … (esc gives up)", layout.palette.accent))]
            return [Section(lambda *_: waiting, "Trial")]
        if self._result is not None:
            result = self._result
            return [Section(lambda width, _: trial_result(result, width, layout=layout), "Trial")]
        return super()._sections(layout)

    def _go_on(self) -> None:
        self._result = None
        super()._go_on()

    @on(Fields.CurlPasted)
    def _take_curl_command(self, message: Fields.CurlPasted) -> None:
        """Fill the form in from a curl command."""
        command = message.command
        self._fields.fill(self._form.fields, {**self._fields.texts, **command.texts})
        self._set_to(self._judge)
        missing = ", ".join(command.left_out)
        self.dashboard.say("filled in from the curl command" + f", but for {missing}" * bool(missing))

    # ── requests to the engine ──────────────────────────────────────────────────────────────────

    async def _get_form(self) -> Form:
        return await self.dashboard.source.edit(GetForm(like=self._like), Form)

    async def _get_judged(self) -> Judged:
        texts = await self._to_ask()
        return await self.dashboard.source.edit(Judge(texts=texts, file=self._form.file), Judged)

    def _edit(self) -> Edit:
        return Add(texts=self._fields.typed(), file=self._form.file)

    def _saved(self) -> None:
        self.dashboard.overview.expect_new()

    async def _try(self) -> None:
        if self._form is self.first:
            await self._fill()
        texts = await self._to_ask()
        judged = await self.dashboard.source.edit(Try(texts=texts, file=self._form.file), Judged)
        self._problems, self._result = judged.problems, judged.result
        self._go_to_problem()

    async def _to_ask(self) -> dict[str, str]:
        """Show the keys of the URL's kind of check, and return their texts.

        Defaults are those of the typed group.
        """
        texts = self._fields.texts
        scheme, colon, _ = texts.get("url", "").partition(":")
        request = GetForm(url=scheme + colon, group=texts.get("group", "").strip(), file=self._form.file)
        form = await self.dashboard.source.edit(request, Form)
        if form.fields != self._form.fields:
            self._form = Form(kind=form.kind, file=self._form.file, fields=form.fields)
            self._fields.ask(form.fields)
        return self._fields.typed()

    def _stop(self) -> None:
        self._trying = False
        super()._stop()

    def _work_ended(self) -> None:
        self._trying = False

    # ── keys ────────────────────────────────────────────────────────────────────────────────────

    def action_try(self) -> None:
        self._go_on()
        self._set_to(self._try)
        self._trying = True
        self.board_changed()

    def action_leave(self) -> None:
        if self._trying:
            self._stop()
            self.board_changed()
        else:
            super().action_leave()


def trial_result(result: Result, width: int, *, layout: TextLayout) -> list[Segments]:
    """The result of a trial check in lines of ``width`` cells: its verdict, its reason, and its phases.

    ::

        up  41.7 ms  203.0.113.7:443  200 OK
        last    ▒▓▓▓▓▓▓██████████████████░░░░░░░░░░░░░░▚  41.7 ms
        ▒ dns 1.20 ms  ▓ connect 8.00 ms  █ tls 17.3 ms …
    """
    style = status_style(result.status, layout)
    sign = layout.symbols.states[State(result.status)]
    latency = "" if result.latency_ms is None else format_ms(result.latency_ms)
    reason = result.reason.value if result.reason else ""
    facts = filter(None, (latency, plain(result.address or ""), reason))
    lines = [layout.line((f"{sign} {result.status.value}", style), "  ", "  ".join(facts))]
    lines += layout.wrapped(plain(result.message), width)
    for failed in result.failed[1:]:
        lines += layout.wrapped(plain(in_words(failed)), width)
    return lines + (phases(of_last(result), {}, width, layout=layout) if result.phases_ms else [])
