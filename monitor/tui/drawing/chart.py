"""Latency over time, in braille dots, blocks or ASCII. Pure.

::

    p50 41.2 ms · p95 88.0 ms · p99 120 ms · failed 2 of 120 · max 310 ms     legend, or the cursor's sample
            ✖   ✖  ▲                                                           failed, degraded, unknown
    400 ms ┤        ⡇
    200 ms ┤┄┄┄┄┄┄┄┄⡇┄┄┄┄┄┄┄┄┄┄┄┄┄┄                                            what `warn` allows
      0 ms ┤⣀⣀⡠⠤⠔⠒⠒⠁ ⠒⠤⣀                                                       least to greatest per column
            14:00      14:05      14:10

Over days and longer, the curve is the band from the 50th to the 95th percentile, from the history.

Each column spans the lowest and the highest latency of its time, so that a spike stays visible however many
samples share a column. The curve breaks where a check failed, was inconclusive, or is missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.segment import Segment

from monitor.syntax.duration import format_ms
from monitor.tui.data.moments import clock
from monitor.tui.data.window import PASSED, Window, measured
from monitor.tui.drawing.plot import Plot, outcome_style
from monitor.tui.drawing.text_layout import Segments, TextLayout, flowed, padded

_WORDS = {"u": "up", "g": "degraded", "d": "down", "i": "inconclusive"}


def chart(
    window: Window,
    width: int,
    height: int,
    *,
    layout: TextLayout,
    warn_ms: float | None = None,
    cursor: int | None = None,
    note: str = "",
) -> list[Segments]:
    """``height`` lines of at most ``width`` cells, with a ``note`` at the right end of the first.

    ``cursor`` is an index into ``window.points``.
    """
    if width < 1 or height < 1:
        return []
    room = width - len(note) - 2 if note else width
    heading = _clipped(_heading(window, max(room, 1), layout, warn_ms, cursor), max(room, 1))
    top = [_noted(heading, note, width, layout)]
    if height < 4 or not any(map(measured, window.points)):
        return (top + _empty(window, width, height - 1, layout))[:height]
    return top + Plot(window, width, height - 2, layout, warn_ms, cursor).lines()


def _noted(line: Segments, note: str, width: int, layout: TextLayout) -> Segments:
    if not note or width < len(note):
        return line
    return [
        *padded(line, width - len(note), layout.palette.text),
        layout.segment(note, layout.palette.accent),
    ]


def _clipped(line: Segments, width: int) -> Segments:
    return next(iter(Segment.split_and_crop_lines(line, width, pad=False, include_new_lines=False)), [])


def _why_empty(window: Window) -> str:
    if not window.points:
        return "no checks in this time"
    passed = any(point.outcome in PASSED for point in window.points)
    return "no latency is known in this time" if passed else "no check passed in this time"


def _empty(window: Window, width: int, height: int, layout: TextLayout) -> list[Segments]:
    text = _why_empty(window)
    blank: list[Segments] = [[] for _ in range(max(height, 0))]
    if blank:
        blank[height // 2] = [layout.segment(text.center(width)[:width], layout.palette.dim)]
    return blank


# ── the legend ──────────────────────────────────────────────────────────────────────────────────


def _heading(
    window: Window, width: int, layout: TextLayout, warn_ms: float | None, cursor: int | None
) -> Segments:
    if cursor is not None and cursor < len(window.points):
        return _sample(window, cursor, layout)
    chunks = [
        layout.line((name + " ", layout.palette.dim), value) for name, value in _summary(window, warn_ms)
    ]
    return next(iter(flowed(chunks, width, layout.segment(" · ", layout.palette.dim))), [])


def _summary(window: Window, warn_ms: float | None) -> Iterator[tuple[str, str]]:
    figures = window.figures()
    for name in ("p50", "p95", "p99"):
        value = getattr(figures, name)
        if value is not None:
            yield name, format_ms(value)
    yield "failed", f"{figures.failed} of {figures.checks}"
    if figures.maximum is not None:
        yield "max", format_ms(figures.maximum)
    if warn_ms is not None:
        yield "warn above", format_ms(warn_ms)


def _sample(window: Window, cursor: int, layout: TextLayout) -> Segments:
    point = window.points[cursor]
    value = format_ms(point.latency_ms) if point.latency_ms >= 0 else "no latency"
    return layout.line(
        (clock(point.at), layout.palette.strong),
        "  ",
        (_WORDS.get(point.outcome, point.outcome), outcome_style(point.outcome, layout)),
        "  ",
        (value, layout.palette.strong),
        (f"  check {cursor + 1} of {len(window.points)}", layout.palette.dim),
    )
