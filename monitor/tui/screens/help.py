"""All keys of the current screen, and the meaning of symbols and figures.

Built from the bindings of the screen below each time it opens, so it is never out of date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from rich.style import Style
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.screen import Screen

from monitor.model import State
from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import Segments, TextLayout, beside
from monitor.tui.keys import bound
from monitor.tui.terminal.symbols import WORDS
from monitor.tui.view import View
from monitor.tui.widgets.footer import Footer, Hint
from monitor.tui.widgets.header import Header
from monitor.tui.widgets.pane import Pane

_HINTS: tuple[Hint, ...] = (("esc", "close"), ("j k", "scroll"), ("tab", "next section"))
_WIDE = 76
"""Minimum width in cells for two columns."""
_KEY_WIDTH = 15
_TITLES = "This screen", "Moving", "Everywhere"
_SPELT = {"⏎": "enter", "↑": "up", "↓": "down", "←": "left", "→": "right"}

Group = tuple[str, list[tuple[str, str]]]
"""A title, and each binding's keys and description."""

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
    ("UP24H", "share of the known time of the last 24 hours that it was not down; C adds 1H, 7D, 30D"),
    ("LATENCY", "of the last check; P95: 95 % of the last 120 checks were as fast"),
    ("checks/s", "checks that ended in the last minute, per second"),
    ("late", "checks start late by so much: this machine is busy, or checks too much at a time"),
    ("delayed", "share of checks whose latency this machine may have made longer"),
    ("queued", "checks that are due and wait: `max_concurrency` are running"),
    ("slow line", "the terminal's delay"),
)


class HelpView(View):
    """The keys of the screen below, and the legend; created once and reused."""

    AUTO_FOCUS = "Pane"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("help.close", "close", "close"),
        bound("help.section", "section", "next section"),
    ]

    def compose(self) -> ComposeResult:
        yield Header()
        yield Pane()
        yield Footer()

    def board_changed(self) -> None:
        if self.is_mounted:
            app, context = self.dashboard, self.dashboard.draw_context()
            self.query_one(Header).draw(app.board, app.stats, app.flags(), context)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self._draw_keys()

    def _draw_keys(self) -> None:
        context = self.dashboard.draw_context()
        layout = TextLayout(context.symbols, context.palette)
        keys = groups(self._below())
        sections = [
            Section(lambda width, _: in_columns(keys, width, layout), "Keys"),
            Section(lambda width, _: legend(width, layout), "Signs and figures"),
        ]
        self.query_one(Pane).show(sections, layout)
        self.query_one(Footer).draw(_HINTS, "", context)

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw_keys)

    def _below(self) -> Screen[object]:
        stack = self.app.screen_stack
        place = stack.index(self) if self in stack else len(stack)
        return stack[max(place - 1, 0)]

    def action_close(self) -> None:
        self.query_one(Pane).action_scroll_to_line(0)
        self.dismiss()

    def action_section(self) -> None:
        self.query_one(Pane).next_section()


def groups(screen: Screen[object]) -> list[Group]:
    """The bindings that are active on ``screen``: the screen's own, then moving, then everywhere."""
    found: dict[str, dict[str, list[str]]] = {title: {} for title in _TITLES}
    for active in sorted(filter(_is_shown, screen.active_bindings.values()), key=_order(screen)):
        keys = found[_title(active, screen)].setdefault(active.binding.description, [])
        keys.append(spelt(screen.app.get_key_display(active.binding)))
    return [
        (title, [(" ".join(dict.fromkeys(keys)), text) for text, keys in entries.items()])
        for title, entries in found.items()
        if entries
    ]


def _order(screen: Screen[object]) -> Callable[[ActiveBinding], int]:
    """Sort key of a binding: a screen's own before inherited ones."""
    declared = [vars(kind).get("BINDINGS", ()) for kind in type(screen).__mro__]
    names = [binding.id for bindings in declared for binding in bindings if isinstance(binding, Binding)]
    return lambda active: names.index(active.binding.id) if active.binding.id in names else len(names)


def spelt(key: str) -> str:
    """A key's name as shown in footers."""
    for sign, word in _SPELT.items():
        key = key.replace(sign, word)
    return key


def _is_shown(active: ActiveBinding) -> bool:
    binding = active.binding
    return bool(binding.description) and binding.show and active.enabled and not binding.system


def _title(active: ActiveBinding, screen: Screen[object]) -> str:
    here, moving, everywhere = _TITLES
    if active.node is screen.app:
        return everywhere
    return here if active.node is screen else moving


def in_columns(found: Iterable[Group], width: int, layout: TextLayout) -> list[Segments]:
    """The groups under one another, or in two columns of similar height."""
    blocks = [_block(group, width if width < _WIDE else width // 2 - 2, layout) for group in found]
    if width < _WIDE:
        return _stacked(blocks)
    left, right = _halves(blocks)
    return beside(_stacked(left), _stacked(right), width // 2, layout.segment("  "))


def _block(group: Group, width: int, layout: TextLayout) -> list[Segments]:
    title, entries = group
    lines = [layout.line((title, layout.palette.title))]
    for keys, what in entries:
        first, *more = layout.wrapped(what, max(width - _KEY_WIDTH - 1, 1))
        lines.append([layout.segment(keys.ljust(_KEY_WIDTH) + " ", layout.palette.accent), *first])
        lines += [[layout.segment(" " * (_KEY_WIDTH + 1)), *line] for line in more]
    return lines


def _stacked(blocks: list[list[Segments]]) -> list[Segments]:
    lines: list[Segments] = []
    for block in blocks:
        lines += [[], *block] if lines else block
    return lines


def _halves(blocks: list[list[Segments]]) -> tuple[list[list[Segments]], list[list[Segments]]]:
    """The blocks, split where the two columns are closest in height."""

    def uneven(at: int) -> int:
        return abs(sum(map(len, blocks[:at])) - sum(map(len, blocks[at:])))

    cut = min(range(len(blocks) + 1), key=uneven)
    return blocks[:cut], blocks[cut:]


def legend(width: int, layout: TextLayout) -> list[Segments]:
    """The meaning of symbols and figures, side by side if there is room."""
    if width < _WIDE:
        return [*_signs(width, layout), [], *_figures(width, layout)]
    half = width // 2 - 2
    return beside(_signs(half, layout), _figures(half, layout), width // 2, layout.segment("  "))


def _figures(width: int, layout: TextLayout) -> list[Segments]:
    entries = [(figure, layout.palette.strong, meaning) for figure, meaning in _FIGURES]
    return _legend_lines(entries, width, layout)


def _signs(width: int, layout: TextLayout) -> list[Segments]:
    symbols, palette = layout.symbols, layout.palette
    entries = [
        (f"{symbols.states[state]} {WORDS[state]}", palette.states[state], meaning)
        for state, meaning in _STATES.items()
    ]
    entries += [
        (symbols.new, palette.accent, "before a state: down since you last looked; any key marks it as seen"),
        (symbols.acknowledged, palette.text, "after a state: acknowledged"),
        (symbols.silenced, palette.text, "after a state: silenced, it sends no alerts"),
        (symbols.flapping, palette.text, "after a state: flapping, it keeps changing"),
        (symbols.bars, palette.good, "recent checks, newest at the right: least to greatest latency"),
        (symbols.failure, palette.bad, "in a sparkline or chart: a failed check"),
        (symbols.gap, palette.dim, "in a sparkline or chart: an inconclusive check"),
    ]
    return _legend_lines(entries, width, layout)


def _legend_lines(
    entries: Iterable[tuple[str, Style, str]], width: int, layout: TextLayout
) -> list[Segments]:
    return [line for sign, style, text in entries for line in _legend_line(sign, style, text, width, layout)]


def _legend_line(sign: str, style: Style, what: str, width: int, layout: TextLayout) -> list[Segments]:
    column = _KEY_WIDTH + 1
    first, *more = layout.wrapped(what, max(width - column, 1))
    head = [layout.segment(sign, style), layout.segment(" " * max(column - len(sign), 1))]
    return [[*head, *first], *([layout.segment(" " * column), *line] for line in more)]
