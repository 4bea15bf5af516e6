"""Every key that works right now, and what the signs mean.

Made from the bindings of the screen below each time it is opened, so it is never stale.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.style import Style
from textual.app import ComposeResult
from textual.binding import ActiveBinding, BindingType
from textual.screen import Screen

from monitor.model import State
from monitor.tui.drawing.text_layout import Segments, TextLayout, beside
from monitor.tui.keys import bound
from monitor.tui.terminal.symbols import WORDS
from monitor.tui.view import View
from monitor.tui.widgets.footer import Footer, Hint
from monitor.tui.widgets.pane import Pane, Section

_HINTS: tuple[Hint, ...] = (("esc", "close"), ("j k", "scroll"), ("tab", "next section"))
_WIDE = 76
"""From this many cells on there are two columns."""
_KEY_WIDTH = 15
_SPELT = {"⏎": "enter", "↑": "up", "↓": "down", "←": "left", "→": "right"}

Group = tuple[str, list[tuple[str, str]]]
"""A title, and each binding's keys and description."""

_STATES = {
    State.PENDING: "not checked yet",
    State.UP: "the last checks passed",
    State.DEGRADED: "it passes, but a `warn` is violated",
    State.FAILING: "it fails, not yet often enough to be down",
    State.DOWN: "it failed `down_after` times in a row",
    State.UNREACHABLE: "something that it depends on is down",
    State.INCONCLUSIVE: "this machine could not check: neither up nor down",
    State.PAUSED: "not checked until resumed",
}


class HelpView(View):
    """The keys of the screen it was opened from, and the legend; kept and used again."""

    AUTO_FOCUS = "Pane"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("help.close", "close", "close"),
        bound("help.section", "section", "next section"),
    ]

    def compose(self) -> ComposeResult:
        yield Pane()
        yield Footer()

    def board_changed(self) -> None:
        if not self.is_mounted:
            return
        context, pane = self.dashboard.draw_context(), self.query_one(Pane)
        layout = TextLayout(context.symbols, context.palette)
        keys = groups(self._below())
        pane.show(
            [
                Section(lambda width, _: in_columns(keys, width, layout), "Keys"),
                Section(lambda width, _: legend(width, layout), "Signs"),
            ],
            layout,
        )
        self.query_one(Footer).draw(_HINTS, "", context)

    def on_resize(self) -> None:
        self.call_after_refresh(self.board_changed)

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
    """The bindings that are active on ``screen``: those of the focused part, the screen, everywhere."""
    found: dict[str, dict[str, list[str]]] = {}
    shown = [active for active in screen.active_bindings.values() if _is_told(active)]
    for active in shown:
        title = _title(active, screen)
        keys = found.setdefault(title, {}).setdefault(active.binding.description, [])
        keys.append(spelt(screen.app.get_key_display(active.binding)))
    return [
        (title, [(" ".join(dict.fromkeys(keys)), what) for what, keys in entries.items()])
        for title, entries in found.items()
    ]


def spelt(key: str) -> str:
    """A key's name in letters, as the footers have it."""
    for sign, word in _SPELT.items():
        key = key.replace(sign, word)
    return key


def _is_told(active: ActiveBinding) -> bool:
    binding = active.binding
    return bool(binding.description) and binding.show and active.enabled and not binding.system


def _title(active: ActiveBinding, screen: Screen[object]) -> str:
    if active.node is screen.app:
        return "Everywhere"
    return "This screen" if active.node is screen else "Moving"


def in_columns(found: Iterable[Group], width: int, layout: TextLayout) -> list[Segments]:
    """The groups under one another, or in two columns of nearly the same height."""
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
    """The blocks cut where both columns are most alike in height."""

    def uneven(at: int) -> int:
        return abs(sum(map(len, blocks[:at])) - sum(map(len, blocks[at:])))

    cut = min(range(len(blocks) + 1), key=uneven)
    return blocks[:cut], blocks[cut:]


def legend(width: int, layout: TextLayout) -> list[Segments]:
    """What every state's sign and every part of the sparkline means."""
    symbols, palette = layout.symbols, layout.palette
    entries = [
        (f"{symbols.states[state]} {WORDS[state]}", palette.states[state], what)
        for state, what in _STATES.items()
    ]
    entries += [
        (symbols.acknowledged, palette.text, "after a state: acknowledged, somebody knows"),
        (symbols.silenced, palette.text, "after a state: silenced, nobody is to be told"),
        (symbols.flapping, palette.text, "after a state: flapping, it keeps changing"),
        (symbols.bars, palette.good, "recent checks, newest at the right: least to greatest latency"),
        (symbols.failure, palette.bad, "in a sparkline or chart: this check failed"),
        (symbols.gap, palette.dim, "in a sparkline or chart: this check taught nothing"),
    ]
    return [line for sign, style, what in entries for line in _legend_line(sign, style, what, width, layout)]


def _legend_line(sign: str, style: Style, what: str, width: int, layout: TextLayout) -> list[Segments]:
    column = _KEY_WIDTH + 1
    first, *more = layout.wrapped(what, max(width - column, 1))
    head = [layout.segment(sign, style), layout.segment(" " * max(column - len(sign), 1))]
    return [[*head, *first], *([layout.segment(" " * column), *line] for line in more)]
