"""The last result from each location of a cluster, side by side. Pure.

::

    eu  ● up      41.7 ms  ███████▌             200 OK
    us  ✖ DOWN    3.00 s   ████████████████████ connection refused
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from rich.style import Style

from monitor.model import LocationResult
from monitor.tui.data.board import Entry
from monitor.tui.drawing import words
from monitor.tui.drawing.columns import outcome
from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import Segments, TextLayout, fit
from monitor.tui.terminal.symbols import WORDS

_BAR = 20
_NAMES = 16
_WORD = 13


def locations(entry: Entry, now: float, *, layout: TextLayout) -> list[Section]:
    """A line for each location, with its latency to scale; none without a cluster."""
    found = entry.status.locations
    if not found:
        return []
    longest = max((one.latency_ms or 0.0 for one in found), default=0.0)
    name = min(max(len(one.location) for one in found), _NAMES)

    def draw(width: int, _height: int) -> list[Segments]:
        return [_line(one, entry, now, longest, name, width, layout) for one in found]

    return [Section(draw, "Locations", f"{len(found)}")]


def _line(
    one: LocationResult, entry: Entry, now: float, longest: float, name: int, width: int, layout: TextLayout
) -> Segments:
    palette = layout.palette
    state = outcome(one, entry, now)
    shown = f"{layout.symbols.states[state]} {WORDS[state]}"
    bar = _bar(one.latency_ms, longest, layout) if width >= 60 else ""
    parts = (
        (one.location.ljust(name + 2), palette.strong),
        (shown.ljust(_WORD + 2), palette.states[state]),
        (f"{words.latency(one.latency_ms):>8} {bar}", palette.text),
        (f" {one.message}", palette.dim),
    )
    return _cut(parts, width, layout)


def _cut(parts: Iterable[tuple[str, Style]], width: int, layout: TextLayout) -> Segments:
    """A line of ``parts``, the last of them cut where the room ends."""
    cut: list[tuple[str, Style]] = []
    for text, style in parts:
        cut.append((fit(text, width), style))
        width = max(width - cell_len(text), 0)
    return layout.line(*cut)


def _bar(ms: float | None, longest: float, layout: TextLayout) -> str:
    cells = round((ms or 0.0) / longest * _BAR) if longest else 0
    return (layout.symbols.bars[-1] * cells).ljust(_BAR)
