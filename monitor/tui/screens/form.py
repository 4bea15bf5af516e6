"""The form for a new endpoint, validated while typing.

::

    shop.toml  ✖ 2 DOWN  ● 141 up                                                  14:03  header
    new http endpoint in shop.toml
    ▌ url              https://shop.example.com/health                                    form
      name
      …
    Help ──────────────────────────────────────────────────────────                       or a trial
    From the start of one check to the start of the next. Default: 30s
     ctrl+t try  ctrl+s save  esc leave                                                   footer

The engine knows the keys, validates and checks; nothing is written before the endpoint is saved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from monitor.errors import LinkError
from monitor.fields import Asked
from monitor.link.edits import Add, Form, GetForm, Judge, Judged, Try
from monitor.model import Result
from monitor.text import plain
from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import Segments, TextLayout
from monitor.tui.drawing.trial import trial_result
from monitor.tui.keys import bound
from monitor.tui.view import View
from monitor.tui.widgets.fields import Fields
from monitor.tui.widgets.footer import Footer, Hint
from monitor.tui.widgets.header import Header, Notice
from monitor.tui.widgets.line import Line
from monitor.tui.widgets.pane import Pane

PAUSE = 0.3
"""Seconds without a key after which the texts are validated."""
_HINTS: tuple[Hint, ...] = (
    ("ctrl+t", "try it"),
    ("ctrl+s", "save"),
    ("esc", "leave"),
    ("up down", "fields"),
    ("pgdn", "next part"),
    ("f1", "help"),
)
_AT_FIRST = Form(kind="", file="", fields=(Asked(key="url", help="The URL to check."),))
"""Shown until the engine has sent its kinds of check."""


class FormView(View):
    """The form, created once and reused."""

    DEFAULT_CSS = """
    FormView #middle { height: 1fr; align-horizontal: center; }
    FormView #form { max-width: 72; }
    FormView #told { height: 7; }
    FormView.-short #told { height: 4; }
    FormView.-tiny #told { display: none; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (9, "-short"), (20, "-usual")]  # noqa: RUF012 - as Textual declares it
    AUTO_FOCUS = "FieldInput"
    of_the_present = True
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("form.try", "try", "try it: one check, nothing is saved"),
        bound("form.save", "save", "save it in the config"),
        bound("form.leave", "leave", "leave"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._form = _AT_FIRST
        self._like: int | None = None
        self._begun: Mapping[str, str] = {}
        """The initial texts."""
        self._problems: Mapping[str, str] = {}
        self._result: Result | None = None
        self._work: asyncio.Task[None] | None = None
        """The running validation or trial check; a new one cancels it."""
        self._looked_at: Mapping[str, str] = {}
        """The texts at its start."""
        self._trying = self._saving = False
        self._leaving = False
        self._forms = 0
        """Number of opened forms, so that the result of an earlier one is ignored."""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notice()
        with Horizontal(id="middle"), Vertical(id="form"):
            yield Line(id="title")
            yield Fields()
            yield Pane(focusable=False, id="told")
        yield Footer()

    def on_mount(self) -> None:
        self._show_form()

    def begin(self, like: int | None) -> None:
        """Open a new form, optionally with another endpoint's texts. Keys typed meanwhile are kept."""
        self._like = like
        if self.is_mounted:
            self._show_form()

    def _show_form(self) -> None:
        self._form, self._problems, self._result = _AT_FIRST, {}, None
        self._begun, self._leaving, self._saving = {}, False, False
        self._forms += 1
        self._fields.begin(_AT_FIRST.fields, {}, self._suggestions())
        self._set_to(self._fill)
        self.board_changed()

    async def _fill(self) -> None:
        """Load the form; texts typed meanwhile are kept."""
        form = await self.dashboard.source.edit(GetForm(like=self._like), Form)
        self._form, self._begun = form, form.texts
        self._fields.fill(form.fields, {**form.texts, **self._fields.typed()})

    def _end(self) -> None:
        if self.is_current:
            self.dismiss()

    def _suggestions(self) -> Mapping[str, Sequence[str]]:
        infos = [entry.info for entry in self.dashboard.board.entries.values()]
        return {
            "group": sorted({info.group for info in infos if info.group}),
            "depends_on": sorted(info.name for info in infos),
        }

    @property
    def _fields(self) -> Fields:
        return self.query_one(Fields)

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────

    def board_changed(self) -> None:
        if not self.is_mounted:
            return
        app, context = self.dashboard, self.dashboard.draw_context()
        layout = TextLayout(context.symbols, context.palette)
        self.query_one(Header).draw(app.board, app.stats, app.flags(), context)
        self.query_one(Notice).tell(app.notice(), context)
        kind = f"{self._form.kind} " * bool(self._form.kind)
        title = f"new {kind}endpoint" + f" in {plain(self._form.file)}" * bool(self._form.file)
        self.query_one("#title", Line).show(layout.line((title, layout.palette.strong)))
        self._fields.draw(self._problems, layout)
        what = "Trial" if self._trying or self._result else "Wrong" if "" in self._problems else "Help"
        self.query_one("#told", Pane).show(
            [Section(lambda width, _: self._told(width, layout), what)], layout
        )
        self.query_one(Footer).draw(_HINTS, "", context, app.message)

    def on_resize(self) -> None:
        self.call_after_refresh(self.board_changed)

    def _told(self, width: int, layout: TextLayout) -> list[Segments]:
        """The trial check's result, a problem elsewhere, or else the help of the field under the cursor."""
        if self._trying:
            return [layout.line(("trying … (esc gives up)", layout.palette.accent))]
        if self._result is not None:
            return trial_result(self._result, width, layout=layout)
        if "" in self._problems:
            return layout.wrapped(plain(self._problems[""], 1000), width, layout.palette.warn)
        one = self._fields.current
        return layout.wrapped(_help(one), width, layout.palette.dim) if one else []

    # ── typing ──────────────────────────────────────────────────────────────────────────────────

    @on(Fields.Moved)
    def _look_again(self) -> None:
        self._go_on()
        self.board_changed()

    @on(Fields.Changed)
    def _typed(self) -> None:
        if self._fields.typed() == self._looked_at:
            return  # a key arrived before
        self._go_on()
        one = self._fields.current
        self._problems = {key: told for key, told in self._problems.items() if one is None or key != one.key}
        self._set_to(self._judge)
        self.board_changed()

    @on(Fields.CurlPasted)
    def _take_curl_command(self, message: Fields.CurlPasted) -> None:
        """Fill the form in from a curl command."""
        command = message.command
        self._fields.fill(self._form.fields, {**self._fields.texts, **command.texts})
        self._set_to(self._judge)
        missing = ", ".join(command.left_out)
        self.dashboard.say("filled in from the curl command" + f", but for {missing}" * bool(missing))

    def _go_on(self) -> None:
        """Clear the last message: the operator continues."""
        self._leaving, self._result, self.dashboard.message = False, None, ""

    # ── requests to the engine ──────────────────────────────────────────────────────────────────

    def _set_to(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run ``work`` instead of the running one."""
        self._stop()
        self._looked_at = self._fields.typed()
        self._work = asyncio.create_task(self._told_of_trouble(work))

    def _stop(self) -> None:
        self._trying = False
        if self._work:
            self._work.cancel()
            self._work = None

    async def _told_of_trouble(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except LinkError as error:
            self._problems = {**self._problems, "": str(error)}
        self._trying = False
        self.board_changed()

    async def _judge(self) -> None:
        await asyncio.sleep(PAUSE)
        texts = await self._to_ask()
        judged = await self.dashboard.source.edit(Judge(texts=texts, file=self._form.file), Judged)
        self._problems = judged.problems

    async def _try(self) -> None:
        texts = await self._to_ask()
        judged = await self.dashboard.source.edit(Try(texts=texts, file=self._form.file), Judged)
        self._problems, self._result = judged.problems, judged.result
        self._go_to_problem()

    async def _to_ask(self) -> dict[str, str]:
        """Show the keys of the URL's kind of check, and return their texts.

        Defaults are those of the typed group.
        """
        if self._form is _AT_FIRST:
            await self._fill()
        texts = self._fields.texts
        scheme, colon, _ = texts.get("url", "").partition(":")
        request = GetForm(url=scheme + colon, group=texts.get("group", "").strip(), file=self._form.file)
        form = await self.dashboard.source.edit(request, Form)
        if form.fields != self._form.fields:
            self._form = Form(kind=form.kind, file=self._form.file, fields=form.fields)
            self._fields.ask(form.fields)
        return self._fields.typed()

    async def _save(self, form: int) -> None:
        edited = await self.dashboard.edits.make(Add(texts=self._fields.typed(), file=self._form.file))
        if form != self._forms:
            return
        self._saving = False
        if edited.ok:
            self.dashboard.overview.expect_new()
            self._end()
        else:
            self._problems = edited.problems
            self._go_to_problem()
            self.board_changed()

    def _go_to_problem(self) -> None:
        wrong = [one.key for one in self._form.fields if one.key in self._problems]
        if wrong:
            self._fields.go_to(wrong[0])

    # ── keys ────────────────────────────────────────────────────────────────────────────────────

    def action_try(self) -> None:
        self._go_on()
        self._set_to(self._try)
        self._trying = True
        self.board_changed()

    def action_save(self) -> None:
        if not self._saving:
            self._stop()
            self._saving, self._looked_at = True, self._fields.typed()
            self.dashboard.begin(self._save(self._forms))  # typing does not cancel a save

    @property
    def _warned(self) -> bool:
        """Whether the operator can see that nothing is saved yet."""
        return self._leaving and bool(self.dashboard.message)

    def action_leave(self) -> None:
        """Leave the form; ask once about unsaved texts."""
        if self._trying:
            self._stop()
            self.board_changed()
        elif (
            self._form.file
            and self._fields.typed() != self._begun
            and not (self._leaving and self.dashboard.message)
        ):
            self._leaving = True
            self.dashboard.say("nothing is saved: esc again leaves, ctrl+s saves")
        else:
            self._stop()
            self.dashboard.message = ""
            self._end()


def _help(one: Asked) -> str:
    """A field's description and its valid values."""
    more = (
        f"Default: {one.default}." if one.default else "",
        f"As in {one.example}." if one.example else "",
        f"One of {', '.join(one.choices)}." if one.choices else "",
    )
    return " ".join(filter(None, (one.help, *more)))
