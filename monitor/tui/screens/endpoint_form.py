"""The form for one endpoint: the URL selects the kind of check and its keys, and a trial makes one check."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import BindingType

from monitor.fields import Asked
from monitor.judge.verdict import in_words
from monitor.link.edits import Form, Judged
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


class EndpointForm(FieldsForm):
    """The form for one endpoint. A subclass makes a new one or changes one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bound("form.try", "try", "try it: one check, nothing is saved"),
    ]
    first = Form(kind="", file="", fields=(Asked(key="url", help="The URL to check."),))

    def __init__(self) -> None:
        super().__init__()
        self._result: Result | None = None
        self._trying = False

    async def _get_fields(self, url: str, group: str) -> Form:
        """Ask the engine for the keys of the kind of check that ``url`` selects."""
        raise NotImplementedError

    async def _get_tried(self) -> Judged:
        """Have the engine check the typed endpoint once."""
        raise NotImplementedError

    def _show_form(self) -> None:
        self._result = None
        super()._show_form()

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

    async def _try(self) -> None:
        if self._form is self.first:
            await self._fill()
        await self._show_kind()
        judged = await self._get_tried()
        self._problems, self._result = judged.problems, judged.result
        self._go_to_problem()

    async def _show_kind(self) -> None:
        """Show the keys of the URL's kind of check, with the defaults of the typed group."""
        texts = self._fields.texts
        scheme, colon, _ = texts.get("url", "").partition(":")
        form = await self._get_fields(scheme + colon, texts.get("group", "").strip())
        if form.fields != self._form.fields:
            self._form = Form(kind=form.kind, file=self._form.file, fields=form.fields)
            self._fields.ask(form.fields)

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
