"""All keys of the current screen by topic, and on a second page the meaning of symbols and figures.

Built from the bindings of the screen below each time it opens, so it is never out of date.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.style import Style
from textual.app import ComposeResult
from textual.binding import ActiveBinding, BindingType
from textual.screen import Screen

from monitor.model import State
from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import Segments, TextLayout, beside, flowed
from monitor.tui.keys import bound
from monitor.tui.lists.key_topics import Group, Key, Line, grouped
from monitor.tui.terminal.symbols import WORDS
from monitor.tui.view import View
from monitor.tui.widgets.footer import Footer, Hint
from monitor.tui.widgets.header import Header
from monitor.tui.widgets.pane import Pane

_CLOSE: Hint = ("esc", "close")
_SCROLL: Hint = ("j k", "scroll")
_WIDE = 76
"""Minimum width in cells for two columns."""
_ROOMY = 50
"""Minimum width in cells of a column that lists every key of an action."""
_KEY_WIDTH, _FEW_WIDTH = 17, 9
"""Width in cells of the keys in such a column, and in a narrow one."""
_SIGN_WIDTH = 15

_STATES = {
    State.PENDING: "not checked yet",
    State.UP: "the last checks passed",
    State.DEGRADED: "passes, but violates a `warn`",
    State.FAILING: "fails, not yet often enough to be down",
    State.DOWN: "failed `down_after` times in a row",
    State.UNREACHABLE: "fails while an endpoint that it depends on is down",
    State.INCONCLUSIVE: "this machine could not check: neither up nor down",
    State.PAUSED: "not checked until resumed",
}
_FIGURES = (
    ("SINCE", "age of the present state"),
    ("UP24H", "share of the last 24 hours that it was not down; C: 1H, 7D, 30D"),
    ("LATENCY", "of the last check; P95: as fast were 95 % of the last 120"),
    ("checks/s", "finished checks, each second of the last minute"),
    ("late", "checks begin late by so much: this machine has too much to do"),
    ("delayed", "share of checks whose latency this machine may have prolonged"),
    ("queued", "checks that are due and wait, as `max_concurrency` are running"),
    ("slow line", "the terminal's delay"),
)


class HelpView(View):
    """The keys of the screen below, and the legend; created once and reused."""

    AUTO_FOCUS = "Pane"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("help.close", "close", "close"),
        bound("help.section", "turn", "keys, or signs and figures"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._page = 0
        """The keys, or the signs; on a large screen, both are shown."""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Pane()
        yield Footer()

    def board_changed(self) -> None:
        if self.is_mounted:
            self.draw_top(self.dashboard.draw_context())

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self._draw_keys()

    def _draw_keys(self) -> None:
        context = self.dashboard.draw_context()
        layout = TextLayout(context.symbols, context.palette)
        keys, signs, pane = groups(self._below()), _signs_section(layout), self.query_one(Pane)
        room = pane.size.height - len(signs.draw(*pane.size)) - 2
        together = len(in_columns(keys, pane.size.width, room, layout)) <= room
        room = room if together else pane.size.height
        pages = Section(lambda width, _: in_columns(keys, width, room, layout)), signs
        pane.show(pages if together else pages[self._page : self._page + 1], layout)
        turn = () if together else (("tab", "keys" if self._page else signs.title.casefold()),)
        self.query_one(Footer).draw((*turn, _SCROLL, _CLOSE), "", context)

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw_keys)

    def _below(self) -> Screen[object]:
        stack = self.app.screen_stack
        place = stack.index(self) if self in stack else len(stack)
        return stack[max(place - 1, 0)]

    def action_close(self) -> None:
        self._page = 0
        self.query_one(Pane).action_scroll_to_line(0)
        self.dismiss()

    def action_turn(self) -> None:
        self._page = 1 - self._page
        self.query_one(Pane).action_scroll_to_line(0)
        self._draw_keys()


def _signs_section(layout: TextLayout) -> Section:
    return Section(lambda width, _: legend(width, layout), "Signs and figures")


def groups(screen: Screen[object]) -> list[Group]:
    """The bindings that work on ``screen``, by topic."""
    found: dict[str, Key] = {}
    for active in filter(_is_shown, screen.active_bindings.values()):
        binding = active.binding
        key = found.setdefault(binding.id or binding.description, Key(binding.description))
        key.keys.append(screen.app.get_key_display(binding))
    return grouped(found)


def _is_shown(active: ActiveBinding) -> bool:
    binding = active.binding
    return bool(binding.description) and binding.show and active.enabled and not binding.system


def in_columns(found: Iterable[Group], width: int, height: int, layout: TextLayout) -> list[Segments]:
    """The groups under one another, or in two columns of similar height; blank lines go first."""
    two = width >= _WIDE
    blocks = [_block(group, width // 2 - 2 if two else width, layout) for group in found]
    columns = _halves(blocks) if two else (blocks, [])
    loose = max(sum(map(len, column)) + len(column) - 1 for column in columns) <= height
    left, right = (_stacked(column, loose=loose) for column in columns)
    return beside(left, right, width // 2, layout.segment("  ")) if two else left


def _block(group: Group, width: int, layout: TextLayout) -> list[Segments]:
    lines = [layout.line((group.title, layout.palette.title))]
    if group.flowed:
        chunks = [
            layout.line((one.few, layout.palette.accent), (f" {one.text}", layout.palette.text))
            for one in group.lines
        ]
        return lines + flowed(chunks, width, layout.segment("  "))
    for one in group.lines:
        lines += _key_line(one, width, layout)
    return lines


def _key_line(line: Line, width: int, layout: TextLayout) -> list[Segments]:
    column, keys = (_KEY_WIDTH, line.keys) if width >= _ROOMY else (_FEW_WIDTH, line.few)
    first, *more = layout.wrapped(line.text, max(width - column - 1, 1))
    drawn = [layout.segment(keys.ljust(column) + " ", layout.palette.accent), *first]
    return [drawn, *([layout.segment(" " * (column + 1)), *rest] for rest in more)]


def _stacked(blocks: list[list[Segments]], *, loose: bool) -> list[Segments]:
    lines: list[Segments] = []
    for block in blocks:
        lines += [[], *block] if lines and loose else block
    return lines


def _halves(blocks: list[list[Segments]]) -> tuple[list[list[Segments]], list[list[Segments]]]:
    """The blocks, split where the two columns are closest in height."""

    def uneven(at: int) -> int:
        return abs(sum(map(len, blocks[:at])) - sum(map(len, blocks[at:])))

    cut = min(range(len(blocks) + 1), key=uneven)
    return blocks[:cut], blocks[cut:]


def legend(width: int, layout: TextLayout) -> list[Segments]:
    """The meaning of symbols and figures, side by side if there is room."""
    if width < 2 * _ROOMY + 20:
        return [*_signs(width, layout), *_figures(width, layout)]
    half = width // 2 - 2
    return beside(_signs(half, layout), _figures(half, layout), width // 2, layout.segment("  "))


def _figures(width: int, layout: TextLayout) -> list[Segments]:
    entries = [(figure, layout.palette.strong, meaning) for figure, meaning in _FIGURES]
    return _legend_lines(entries, width, layout)


def _signs(width: int, layout: TextLayout) -> list[Segments]:
    symbols, palette = layout.symbols, layout.palette
    marks = f"{symbols.acknowledged} {symbols.silenced} {symbols.flapping}"
    entries = [
        (f"{symbols.states[state]} {WORDS[state]}", palette.states[state], meaning)
        for state, meaning in _STATES.items()
    ]
    entries += [
        (symbols.new, palette.accent, "before a state: down since you last pressed a key"),
        (marks, palette.text, "after a state: acknowledged, silenced, flapping"),
        (symbols.bars, palette.good, "recent checks, newest at the right: least to greatest latency"),
        (f"{symbols.failure} {symbols.gap}", palette.bad, "in charts: a failed check, an inconclusive check"),
    ]
    return _legend_lines(entries, width, layout)


def _legend_lines(
    entries: Iterable[tuple[str, Style, str]], width: int, layout: TextLayout
) -> list[Segments]:
    return [line for sign, style, text in entries for line in _legend_line(sign, style, text, width, layout)]


def _legend_line(sign: str, style: Style, what: str, width: int, layout: TextLayout) -> list[Segments]:
    column = _SIGN_WIDTH + 1
    first, *more = layout.wrapped(what, max(width - column, 1))
    head = [layout.segment(sign, style), layout.segment(" " * max(column - len(sign), 1))]
    return [[*head, *first], *([layout.segment(" " * column), *line] for line in more)]
