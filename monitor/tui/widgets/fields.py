"""A form: one line per key, problems below, and an input at the cursor.

::

    ▌ url              https://shop.example.com/health
      name
                       "Shop" is also the name of the endpoint at shop.toml:12
      interval         10s
    HTTP ──────────────────────────────────────────────
      method           GET

One input serves all lines: with a widget per line, all would have to be created and laid out again whenever
the kind of check changes. Inherited values and defaults are dim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input

from monitor.fields import Asked
from monitor.text import plain
from monitor.tui.data import curl_command
from monitor.tui.data.curl_command import CurlCommand
from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import Segments, TextLayout, fit
from monitor.tui.keys import bound
from monitor.tui.widgets.pane import Pane

_LABEL = 19
_PROBLEM = 400
"""Limit of a problem's text in characters."""
TITLES: Mapping[str, str] = {
    "expect": "Expect (violated: it fails)",
    "warn": "Warn (violated: degraded)",
}


class FieldInput(Input, inherit_bindings=False):
    """The input, placed over the line under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = Input.BINDINGS

    DEFAULT_CSS = """
    FieldInput, FieldInput:focus {
        position: absolute; height: 1; width: 1fr; border: none; padding: 0;
        background: $panel; color: $foreground;
    }
    """

    def __init__(self) -> None:
        super().__init__(select_on_focus=False)
        self.cursor_blink = False
        self.compact = True

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is typed here; Textual does not know the characters of two of them."""
        return key in ("minus", "plus") or super().check_consume_key(key, character)

    def _on_paste(self, event: events.Paste) -> None:
        # Textual calls the handlers of base classes as well, unless that is prevented.
        if command := curl_command.parse(event.text):
            event.stop()
            event.prevent_default()
            self.post_message(Fields.CurlPasted(command))


class Fields(Pane, inherit_bindings=False):
    """The lines of a form; ``texts`` has the typed texts by key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bound("form.next", "go(1)", "next field"),
        bound("form.previous", "go(-1)", "previous field"),
        bound("form.next_part", "part(1)", "next part"),
        bound("form.previous_part", "part(-1)", "previous part"),
    ]

    class Changed(Message):
        """A text changed."""

    class Moved(Message):
        """The cursor moved to another field."""

    class CurlPasted(Message):
        """A curl command was pasted."""

        def __init__(self, command: CurlCommand) -> None:
            super().__init__()
            self.command = command

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(focusable=False, id=id)
        self.texts: dict[str, str] = {}
        self._asked: Sequence[Asked] = ()
        self._problems: Mapping[str, str] = {}
        self._suggestions: Mapping[str, Sequence[str]] = {}
        self._at = 0
        self._places: list[int] = []
        """The line of each field."""

    def compose(self) -> ComposeResult:
        yield FieldInput()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys between parts to the screen where there is one part."""
        if action == "part":
            return len({one.part for one in self._asked}) > 1
        return super().check_action(action, parameters)

    @property
    def _input(self) -> FieldInput:
        return self.query_one(FieldInput)

    @property
    def current(self) -> Asked | None:
        """The field under the cursor."""
        return self._asked[self._at] if self._at < len(self._asked) else None

    def typed(self) -> dict[str, str]:
        """The typed texts of the present keys, in order."""
        self._keep()
        return {one.key: self.texts[one.key] for one in self._asked if self.texts.get(one.key, "").strip()}

    def begin(
        self, asked: Sequence[Asked], texts: Mapping[str, str], suggestions: Mapping[str, Sequence[str]]
    ) -> None:
        """Clear the form, and go to the first field."""
        self._asked, self.texts, self._suggestions = asked, dict(texts), suggestions
        self._problems = {}
        self._at = self.top = 0
        self._load()

    def ask(self, asked: Sequence[Asked]) -> None:
        """Show these keys. Texts of hidden keys are kept for their return."""
        self._keep()
        here = self.current
        self._asked = asked
        found = [at for at, one in enumerate(asked) if here and one.key == here.key]
        self._at = found[0] if found else 0
        if not found:
            self._load()

    def fill(self, asked: Sequence[Asked], texts: Mapping[str, str]) -> None:
        """Show these keys with these texts."""
        self.texts = dict(texts)
        self._load()
        self.ask(asked)

    def draw(self, problems: Mapping[str, str], layout: TextLayout) -> None:
        """Draw everything, with these problems by key."""
        self._problems = problems
        self.show([Section(lambda width, _: self._lines(width, layout))], layout)
        self._settle()

    def go_to(self, key: str) -> None:
        """Put the cursor on a field; the caller draws."""
        found = [at for at, one in enumerate(self._asked) if one.key == key]
        self._place(found[0] if found else self._at)

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────

    def _lines(self, width: int, layout: TextLayout) -> list[Segments]:
        lines: list[Segments] = []
        self._places = []
        for at, one in enumerate(self._asked):
            if at and one.part != self._asked[at - 1].part:
                lines.append(layout.heading(TITLES.get(one.part, one.part), width))
            self._places.append(len(lines))
            lines.append(self._line_of(at, width, layout))
            lines += self._problem(one.key, width, layout)
        return lines

    def _line_of(self, at: int, width: int, layout: TextLayout) -> Segments:
        one, palette = self._asked[at], layout.palette
        text, here = self.texts.get(one.key, ""), at == self._at
        label = one.key.rpartition(".")[2] if one.part in TITLES else one.key
        style = palette.bad if one.key in self._problems else palette.strong if here else palette.text
        value = (plain(text, width), palette.text) if text else (one.default, palette.dim)
        return [
            layout.segment(f"{layout.symbols.cursor if here else ' '} ", palette.accent),
            layout.segment(fit(label, _LABEL - 3).ljust(_LABEL - 2), style),
            layout.segment(fit(value[0], max(width - _LABEL, 0)), value[1]),
        ]

    def _problem(self, key: str, width: int, layout: TextLayout) -> list[Segments]:
        if key not in self._problems:
            return []
        indent = min(_LABEL, width // 2)
        lines = layout.wrapped(plain(self._problems[key], _PROBLEM), width - indent, layout.palette.warn)
        return [[layout.segment(" " * indent), *line] for line in lines]

    def _settle(self) -> None:
        """Scroll the line under the cursor into view, and place the input over it."""
        if not self._places or not self.size.height:
            return
        line, room = self._places[self._at], max(self.size.height - 1, 1)
        first = 0 if self._at == 0 else line - 1
        self._scroll(min(max(self.top, line - room + 1), max(first, 0)))
        self._input.styles.offset = (_LABEL, line - self.top)
        self._input.styles.width = max(self.size.width - _LABEL, 1)

    def on_resize(self) -> None:
        super().on_resize()
        self._settle()

    # ── the cursor and the input ────────────────────────────────────────────────────────────────

    def _load(self) -> None:
        """Copy the text under the cursor to the input."""
        one = self.current
        if one is None:
            return
        known = one.choices or self._suggestions.get(one.key, ())
        with self.prevent(Input.Changed):
            self._input.value = self.texts.get(one.key, "")
        self._input.cursor_position = len(self._input.value)
        self._input.placeholder = one.default or one.example
        self._input.suggester = SuggestFromList(known, case_sensitive=False) if known else None

    @on(Input.Changed)
    def _text_changed(self, message: Input.Changed) -> None:
        message.stop()
        self._keep()

    def _keep(self) -> None:
        """Take the input's text."""
        one, text = self.current, self._input.value
        if one is not None and self.texts.get(one.key, "") != text:
            self.texts[one.key] = text
            self.post_message(self.Changed())

    @on(Input.Submitted)
    def _go_on(self, message: Input.Submitted) -> None:
        message.stop()
        self.action_go(1)

    def _place(self, at: int) -> None:
        self._keep()
        self._at = max(0, min(at, len(self._asked) - 1))
        self._load()

    def _move(self, at: int) -> None:
        self._place(at)
        self.post_message(self.Moved())

    def action_go(self, steps: int) -> None:
        self._move((self._at + steps) % max(len(self._asked), 1))

    def action_part(self, steps: int) -> None:
        """Go to the start of the next or previous part."""
        parts = [one.part for one in self._asked]
        begins = [at for at, part in enumerate(parts) if not at or parts[at - 1] != part]
        others = [at for at in begins if (at - self._at) * steps > 0]
        at = (min if steps > 0 else max)(others, default=self._at)
        self.top = self._places[at] - 1  # with its heading
        self._move(at)

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.top
        if line in self._places:
            self._move(self._places.index(line))
        self._input.focus()
