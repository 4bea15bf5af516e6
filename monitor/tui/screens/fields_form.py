"""A form over keys of the config, validated while typing.

::

    shop.toml  ✖ 2 DOWN  ● 141 up                                                  14:03  header
    new http endpoint in shop.toml
    ▌ url              https://shop.example.com/health                                    form
      name
      …
    Help ──────────────────────────────────────────────────────────
    From the start of one check to the start of the next. Default: 30s
                                                                                          results
    Change +3 −0 lines ────────────────────────────────────────────
    shop.toml:120
    + [[endpoints]]
     ctrl+t try  ctrl+s save  esc leave                                                   footer

The engine knows the keys, validates, and shows the lines of the config that would change. Nothing is written
before the form is saved.
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
from monitor.link.edits import Edit, Form, Judged
from monitor.text import plain
from monitor.tui.drawing.diff import diff
from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import Segments, TextLayout
from monitor.tui.keys import bound
from monitor.tui.view import View
from monitor.tui.widgets.fields import Fields
from monitor.tui.widgets.footer import Footer, Hint
from monitor.tui.widgets.header import Header, Notice
from monitor.tui.widgets.line import Line
from monitor.tui.widgets.pane import Pane

PAUSE = 0.3
"""Seconds without a key after which the texts are validated."""


class FieldsForm(View):
    """A form, created once and reused. A subclass knows what it asks the engine."""

    DEFAULT_CSS = """
    FieldsForm #middle { height: 1fr; align-horizontal: center; }
    FieldsForm #form { max-width: 72; }
    FieldsForm #results { height: 7; }
    FieldsForm.-tall #results { height: 16; }
    FieldsForm.-short #results { height: 4; }
    FieldsForm.-tiny #results { display: none; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (9, "-short"), (20, "-usual"), (40, "-tall")]  # noqa: RUF012 - as Textual declares it
    AUTO_FOCUS = "FieldInput"
    of_the_present = True
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("form.save", "save", "save it in the config"),
        bound("form.leave", "leave", "leave"),
    ]
    hints: ClassVar[tuple[Hint, ...]]
    first: ClassVar[Form]
    """Shown until the engine has sent its form."""

    def __init__(self) -> None:
        super().__init__()
        self._form = self.first
        self._begun: Mapping[str, str] = {}
        """The initial texts."""
        self._problems: Mapping[str, str] = {}
        self._judged = Judged()
        self._work: asyncio.Task[None] | None = None
        """The running validation or trial check; a new one cancels it."""
        self._looked_at: Mapping[str, str] = {}
        """The texts at its start."""
        self._saving = self._leaving = False
        self._forms = 0
        """Number of opened forms, so that the result of an earlier one is ignored."""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notice()
        with Horizontal(id="middle"), Vertical(id="form"):
            yield Line(id="title")
            yield Fields()
            yield Pane(focusable=False, id="results")
        yield Footer()

    # ── for subclasses ──────────────────────────────────────────────────────────────────────────

    async def _get_form(self) -> Form:
        """Ask the engine for the form."""
        raise NotImplementedError

    async def _get_judged(self) -> Judged:
        """Have the engine validate the typed texts."""
        raise NotImplementedError

    def _edit(self) -> Edit:
        """The edit that saves the typed texts."""
        raise NotImplementedError

    def _title(self) -> str:
        raise NotImplementedError

    # ── opening and closing ─────────────────────────────────────────────────────────────────────

    def on_mount(self) -> None:
        self._show_form()

    def _begin(self) -> None:
        """Open a new form. Keys typed before the engine answers are kept."""
        if self.is_mounted:
            self._show_form()

    def _show_form(self) -> None:
        self._form, self._problems, self._judged = self.first, {}, Judged()
        self._begun, self._leaving, self._saving = {}, False, False
        self._forms += 1
        self._fields.begin(self.first.fields, {}, self._suggestions())
        self._set_to(self._fill)
        self.board_changed()

    async def _fill(self) -> None:
        """Load the form; texts typed meanwhile are kept."""
        form = await self._get_form()
        self._form = form
        self._begun = {one.key: form.texts[one.key] for one in form.fields if one.key in form.texts}
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

    @property
    def _results(self) -> Pane:
        """Help, problems and the difference."""
        return self.query_one("#results", Pane)

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────

    def board_changed(self) -> None:
        if not self.is_mounted:
            return
        context = self.dashboard.draw_context()
        layout = TextLayout(context.symbols, context.palette)
        self.draw_top(context)
        self.query_one("#title", Line).show(layout.line((plain(self._title()), layout.palette.strong)))
        self._fields.draw(self._problems, layout)
        self._results.show(self._sections(layout), layout)
        self.draw_bottom(self.hints, "", context)

    def on_resize(self) -> None:
        self.call_after_refresh(self.board_changed)

    def _sections(self, layout: TextLayout) -> list[Section]:
        """A problem elsewhere, or the help of the field under the cursor; then what would change."""
        palette = layout.palette
        if "" in self._problems:
            trouble = plain(self._problems[""], 1000)
            return [Section(lambda width, _: layout.wrapped(trouble, width, palette.warn), "Wrong")]
        one = self._fields.current
        text = self._help(one) if one else ""
        help_ = Section(lambda width, _: layout.wrapped(text, width, palette.dim) if text else [], "Help")
        return [help_, *self._difference(layout)]

    def _help(self, one: Asked) -> str:
        """A field's description and its valid values."""
        more = (
            f"Default: {one.default}." if one.default else "",
            f"As in {one.example}." if one.example else "",
            f"One of {', '.join(one.choices)}." if one.choices else "",
        )
        return " ".join(filter(None, (one.help, *more)))

    def _difference(self, layout: TextLayout) -> list[Section]:
        judged = self._judged
        if not judged.hunks:
            return []

        def lines(width: int, _: int) -> list[Segments]:
            return diff(judged.hunks, width, layout)

        added, removed = judged.changed
        return [Section(lines, "Change", f"+{added} -{removed} lines")]

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
        self._problems = {key: text for key, text in self._problems.items() if one is None or key != one.key}
        self._set_to(self._judge)
        self.board_changed()

    def _go_on(self) -> None:
        """Clear the last message: the operator continues."""
        self._leaving, self.dashboard.message = False, ""

    # ── requests to the engine ──────────────────────────────────────────────────────────────────

    def _set_to(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run ``work`` instead of the running one."""
        self._stop()
        self._looked_at = self._fields.typed()
        self._work = asyncio.create_task(self._report_trouble(work))

    def _stop(self) -> None:
        if self._work:
            self._work.cancel()
            self._work = None

    async def _report_trouble(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except LinkError as error:
            self._problems = {**self._problems, "": str(error)}
        self._work_ended()
        self.board_changed()

    def _work_ended(self) -> None:
        """Called after a validation or a trial check that was not cancelled."""

    async def _judge(self) -> None:
        await asyncio.sleep(PAUSE)
        if self._form is self.first:
            await self._fill()
        self._judged = await self._get_judged()
        self._problems = self._judged.problems

    async def _save(self, form: int) -> None:
        edited = await self.dashboard.edits.make(self._edit())
        if form != self._forms:
            return
        self._saving = False
        if edited.ok:
            self._saved()
            self._end()
        else:
            self._problems = edited.problems
            self._go_to_problem()
            self.board_changed()

    def _saved(self) -> None:
        """Called after the form was saved."""

    def _go_to_problem(self) -> None:
        wrong = [one.key for one in self._form.fields if one.key in self._problems]
        if wrong:
            self._fields.go_to(wrong[0])

    # ── keys ────────────────────────────────────────────────────────────────────────────────────

    def action_save(self) -> None:
        if not self._saving:
            self._stop()
            self._saving, self._looked_at = True, self._fields.typed()
            self.dashboard.begin(self._save(self._forms))  # typing does not cancel a save

    def action_leave(self) -> None:
        if self._may_leave("esc again leaves"):
            self._end()

    def may_quit(self) -> bool:
        return self._may_leave("again quits")

    def _may_leave(self, again: str) -> bool:
        """Whether the form may be left; asks once about unsaved texts."""
        changed = self._form.file and self._fields.typed() != self._begun
        if changed and not (self._leaving and self.dashboard.message):
            self._leaving = True
            self.dashboard.say(f"nothing is saved: {again}, ctrl+s saves")
            return False
        self._stop()
        self.dashboard.message = ""
        return True


class ChangesForm(FieldsForm):
    """A form over keys that the config has already: only those that the operator changes are written."""

    def _changes(self) -> dict[str, str]:
        """The changed texts by key; empty for a key to remove."""
        typed = self._fields.typed()
        keys = dict.fromkeys((*self._begun, *typed))
        return {key: typed.get(key, "") for key in keys if typed.get(key, "") != self._begun.get(key, "")}

    def action_save(self) -> None:
        if self._changes():
            super().action_save()
        else:
            self.dashboard.say("nothing is changed yet: type a value into a field")
