"""The legend of the curves, with figures. Pure.

::

       ENDPOINT            LATEST      P50      P95       MAX  FAILED
    ▌A ✖ api-eu                 -  40.1 ms  88.0 ms    310 ms  14 of 120
     B ● api-us           41.7 ms  40.0 ms  61.0 ms   88.0 ms  0 of 120
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from monitor.link.messages import Point
from monitor.syntax.duration import format_ms
from monitor.tui.data.board import Entry
from monitor.tui.data.moments import clock
from monitor.tui.data.window import Window, measured
from monitor.tui.drawing.columns import cut
from monitor.tui.drawing.overlay import Curve
from monitor.tui.drawing.text_layout import Segments, TextLayout, padded

_FIGURE = 9
"""Cells of a column of latencies."""
_FAILED = 12
_NAME = 12
"""Minimum width of a name in cells; columns are dropped to keep it."""
_RANK = ("FAILED", "P95", "P50", "MAX")
"""The columns; the first ones stay longest."""


@dataclass(frozen=True, slots=True)
class Row:
    """One endpoint; ``sample`` is the one at the cursor or the newest, None if there is none."""

    entry: Entry
    curve: Curve
    sample: Point | None
    wrong: str = ""
    """Why the engine returned no details."""


def legend(
    rows: Sequence[Row], selected: int, at: float | None, width: int, layout: TextLayout
) -> list[Segments]:
    """A line of titles, and one per row; ``at`` is the cursor's time, None for the newest samples."""
    latest = "LATEST" if at is None else clock(at)
    columns = _fitting(width)
    room = max(width - 5 - _FIGURE - 1 - sum(_width(column) + 1 for column in columns), 1)
    room = min(room, max([_NAME, *(cell_len(_name(row)) for row in rows)]))
    titles = "".join(f" {column:>{_width(column)}}" for column in columns)
    head = "     " + cut("ENDPOINT", room, layout.symbols) + f" {latest:>{_FIGURE}}{titles}"
    drawn = [_row(row, place == selected, columns, room, layout) for place, row in enumerate(rows)]
    return [
        padded(line, width, layout.palette.text)
        for line in [layout.line((head, layout.palette.title)), *drawn]
    ]


def _fitting(width: int) -> list[str]:
    shown = list(_RANK)
    while shown and 5 + _NAME + _FIGURE + 1 + sum(_width(column) + 1 for column in shown) > width:
        shown.pop()
    return [column for column in ("P50", "P95", "MAX", "FAILED") if column in shown]


def _width(column: str) -> int:
    return _FAILED if column == "FAILED" else _FIGURE


def _row(row: Row, here: bool, columns: Sequence[str], room: int, layout: TextLayout) -> Segments:
    palette, symbols, state = layout.palette, layout.symbols, row.entry.status.state
    figures = _figures(row.curve.window)
    cells = "".join(f" {figures[column]:>{_width(column)}}" for column in columns)
    return layout.line(
        (symbols.cursor if here else " ", palette.accent),
        (f"{row.curve.letter} ", row.curve.style),
        (symbols.states[state], palette.states[state]),
        (f" {cut(_name(row), room, symbols)}", palette.strong if here else palette.text),
        (f" {_latest(row.sample):>{_FIGURE}}", palette.bad if _failed(row.sample) else palette.text),
        (cells, palette.text),
    )


def _name(row: Row) -> str:
    return f"{row.entry.info.name} ({row.wrong})" if row.wrong else row.entry.info.name


def _failed(sample: Point | None) -> bool:
    return sample is not None and sample.outcome == "d"


def _latest(sample: Point | None) -> str:
    if sample is None:
        return "-"
    if not measured(sample):
        return "failed" if _failed(sample) else "unknown"
    return format_ms(sample.latency_ms)


def _figures(window: Window) -> dict[str, str]:
    figures = window.figures()
    latencies = {"P50": figures.p50, "P95": figures.p95, "MAX": figures.maximum}
    shown = {title: "-" if ms is None else format_ms(ms) for title, ms in latencies.items()}
    return shown | {"FAILED": f"{figures.failed} of {figures.checks}"}
