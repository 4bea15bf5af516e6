"""An entry's time as a strip of bars, drawn in SVG.

Colour never stands alone: downtime is the part of a bar that reaches down from its top, maintenance is a
bar of half the height, and time that nothing is known of is a line at the bottom.
"""

from __future__ import annotations

from html import escape

from monitor.model.report import Bar, Entry
from monitor.outputs.reports.words import moment, per_cent, span

_WIDTH, _GAP, _HEIGHT = 4, 1, 20
_LEAST = 5
"""Height of any downtime, so that a minute of a day can be seen."""


def bars(entry: Entry) -> str:
    """The strip; empty if there is nothing to draw."""
    if not entry.bars:
        return ""
    shapes: dict[str, list[str]] = {}
    for place, bar in enumerate(entry.bars):
        for kind, y, height in _shapes(bar):
            shapes.setdefault(kind, []).append(f"M{place * (_WIDTH + _GAP)} {y}h{_WIDTH}v{height}h-{_WIDTH}z")
    paths = "".join(f'<path class="{kind}" d="{"".join(drawn)}"/>' for kind, drawn in shapes.items())
    titles = "".join(_title(place, bar) for place, bar in enumerate(entry.bars) if bar.down_s)
    width = len(entry.bars) * (_WIDTH + _GAP) - _GAP
    label = escape(f"uptime over time: {per_cent(entry.uptime)}")
    return (
        f'<svg viewBox="0 0 {width} {_HEIGHT}" preserveAspectRatio="none" role="img"'
        f' aria-label="{label}">{paths}{titles}</svg>'
    )


def _shapes(bar: Bar) -> list[tuple[str, int, int]]:
    """Kind, top and height of the parts of a bar."""
    if not bar.known_s:
        return (
            [("maintenance", _HEIGHT // 2, _HEIGHT // 2)]
            if bar.maintenance_s
            else [("nothing", _HEIGHT - 2, 2)]
        )
    down = round(_HEIGHT * bar.down_s / bar.known_s)
    if bar.down_s:
        down = min(max(down, _LEAST), _HEIGHT)
    return [
        (kind, y, height) for kind, y, height in (("down", 0, down), ("up", down, _HEIGHT - down)) if height
    ]


def _title(place: int, bar: Bar) -> str:
    """An invisible bar that shows its description when the pointer is over it."""
    text = escape(f"{moment(bar.start)}: down {span(bar.down_s)}, uptime {per_cent(bar.uptime)}")
    x = place * (_WIDTH + _GAP)
    return (
        f'<rect x="{x}" width="{_WIDTH}" height="{_HEIGHT}" fill="transparent"><title>{text}</title></rect>'
    )
