"""The top line: the title, counts by state, and the engine's health.

Figures are rounded so that they do not flicker, and the clock has no seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10

from rich.segment import Segment
from rich.style import Style

from monitor.link.messages import EngineStats
from monitor.model import State
from monitor.tui.data.board import Board
from monitor.tui.data.moments import clock
from monitor.tui.drawing.columns import DrawContext, cut
from monitor.tui.lists.order import SEVERITY
from monitor.tui.terminal.symbols import WORDS
from monitor.tui.widgets.line import Line

_LATE, _VERY_LATE = 50, 250
"""Lateness in milliseconds from which it is shown, and from which it is a warning."""
_DELAYED, _MOST_DELAYED = 0.05, 0.25
"""Share of delayed checks from which it is shown, and from which it is a warning."""
_YOUNG = 10.0
"""Seconds after its start during which an engine may have no figures yet."""

Part = tuple[str, Style]
_Version = tuple[Sequence[Part], Sequence[Part]]
"""The left and the right part."""


@dataclass(frozen=True, slots=True)
class Flags:
    """The dashboard's own warnings, in short."""

    bad: Sequence[str] = ()
    notes: Sequence[str] = ()
    states_at: str = ""
    """The displayed moment, while the past is shown."""
    old: bool = False
    """Whether the engine does not answer, so that its figures are old."""


class Header(Line):
    """The header. As the width shrinks parts are dropped; the worst state and the flags stay longest."""

    def draw(self, board: Board, stats: EngineStats, flags: Flags, context: DrawContext) -> None:
        """Draw as much as fits."""
        when = _as_of(flags, context) or _clock(context)
        right = _flags(flags, context) + when
        unknown = flags.states_at or flags.old or not board.revision  # … or the engine has not answered yet
        figures = [] if unknown else _figures(stats, context, young=_young(board, context))
        title = [(f" {board.title or 'monitor'}", context.palette.bar + Style(bold=True))]
        full, short = _counts(board, context, words=True), _counts(board, context, words=False)
        versions: Sequence[_Version] = (
            (title + full, figures + right),
            (title + full, right),
            (full, right),
            (title + short, right),
            (short, right),
            (short, _as_of(flags, context) or _flags(flags, context)),
            *([(short[:1], when), ([], when)] if flags.states_at else [(short, [])]),
        )
        self.show_fitted(lambda width: _fitted(versions, width, context))


def _fitted(versions: Sequence[_Version], width: int, context: DrawContext) -> Iterable[Segment]:
    """The first version that fits, else the last."""
    left, right = next((one for one in versions if _width(*one) <= width), versions[-1])
    return _line(left, right, width, context)


def _line(left: Sequence[Part], right: Sequence[Part], width: int, context: DrawContext) -> Iterable[Segment]:
    bar = context.palette.bar
    space = Segment(" " * max(width - _width(left, right) + 2, 1), bar)
    return [*_joined(left, bar), space, *_joined(right, bar)]


def _joined(parts: Sequence[Part], bar: Style) -> Iterable[Segment]:
    for text, style in parts:
        yield Segment(text, style)
        yield Segment("  ", bar)


def _width(*sides: Sequence[Part]) -> int:
    return sum(Segment(text).cell_length + 2 for side in sides for text, _ in side)


def _counts(board: Board, context: DrawContext, *, words: bool) -> list[Part]:
    counts = board.counts()
    return [_count(state, counts[state], context, words=words) for state in SEVERITY if counts[state]]


def _count(state: State, count: int, context: DrawContext, *, words: bool) -> Part:
    sign, style = context.symbols.states[state], context.palette.states[state]
    text = f"{sign} {count} {WORDS[state]}" if words else f"{sign}{count}"
    return text, style if style.bgcolor != context.palette.text.bgcolor else _on_bar(style, context)


def _on_bar(style: Style, context: DrawContext) -> Style:
    return context.palette.bar + Style(color=style.color, bold=style.bold)


def _young(board: Board, context: DrawContext) -> bool:
    return context.now - board.started_at < _YOUNG


def _figures(stats: EngineStats, context: DrawContext, *, young: bool) -> list[Part]:
    """The engine's figures; lateness only if it is notable."""
    late, rate, delayed = stats.lateness_p99_ms, stats.checks_per_second, stats.delayed
    dim, warn = _on_bar(context.palette.dim, context), _on_bar(context.palette.warn, context)
    parts = []
    if rate or not young:
        parts.append((f"{_rounded(rate)} checks/s", dim))
    if late >= _LATE:
        parts.append((_lateness(late), warn if late >= _VERY_LATE else dim))
    if delayed >= _DELAYED:
        parts.append((f"{_rounded(delayed * 100)}% delayed", warn if delayed >= _MOST_DELAYED else dim))
    if stats.queued:
        parts.append((f"{stats.queued} queued", warn))
    return parts


def _lateness(ms: float) -> str:
    limit = next((limit for limit in (100, 200, 500, 1000) if ms < limit), None)
    return f"late <{limit}ms" if limit else f"late {_rounded(ms / 1000)}s"


def _rounded(number: float) -> str:
    """Two significant digits."""
    if number < 0.05:
        return "0"
    digits = 1 - floor(log10(number))
    return f"{round(number, digits):g}" if digits > 0 else f"{round(number, digits):.0f}"


def _flags(flags: Flags, context: DrawContext) -> list[Part]:
    bad = [(context.symbols.text(text), context.palette.states[State.DOWN]) for text in flags.bad]
    return bad + [
        (context.symbols.text(text), _on_bar(context.palette.warn, context)) for text in flags.notes
    ]


def _as_of(flags: Flags, context: DrawContext) -> list[Part]:
    style = context.palette.states[State.DEGRADED] + Style(reverse=True, bold=True)
    return [(f" {context.symbols.text(flags.states_at)} ", style)] if flags.states_at else []


def _clock(context: DrawContext) -> list[Part]:
    return [(clock(context.now, "%H:%M UTC" if context.utc else "%H:%M"), context.palette.bar)]


class Notice(Line):
    """One line for the current warning or the displayed moment; hidden if there is none."""

    DEFAULT_CSS = "Notice { display: none; }"

    def show_text(self, text: str, context: DrawContext) -> None:
        """Show ``text``; an empty one hides the line."""
        if self.display != bool(text):
            self.display = bool(text)
        style = context.palette.warn if context.past else context.palette.bad
        self.show_fitted(lambda width: [Segment(cut(f" {text}", width, context.symbols), style)])
