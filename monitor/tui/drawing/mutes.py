"""The lines of the view of silences, acknowledgements and maintenance windows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.style import Style

from monitor.tui.data.moments import clock
from monitor.tui.drawing import words
from monitor.tui.drawing.columns import cut
from monitor.tui.drawing.text_layout import Segments, TextLayout
from monitor.tui.lists.mutes import MAINTENANCE, PLANNED, Mute

_TITLES = ("KIND", "COVERS", "ENDPOINTS", "WHEN", "LEFT", "BY", "REASON")
_LEAST = {"KIND": 12, "COVERS": 12, "WHEN": 16, "LEFT": 6, "REASON": 8, "ENDPOINTS": 9, "BY": 8}
"""Minimum widths; a narrow screen drops columns from the end of this list."""
_WIDEST = {"COVERS": 40, "BY": 16}
_RIGHT = frozenset({"ENDPOINTS", "LEFT"})

Widths = Mapping[str, int]


def fit(width: int, mutes: Sequence[Mute]) -> Widths:
    """The columns that a list of ``width`` cells has room for, and their widths."""
    sizes = dict(_LEAST)
    while _needed(sizes) > width and len(sizes) > 1:
        sizes.popitem()
    longest = {
        "COVERS": max((cell_len(mute.covers) for mute in mutes), default=0),
        "BY": max((cell_len(mute.by) for mute in mutes), default=0),
    }
    for title, most in _WIDEST.items():
        if title in sizes:
            wanted = min(longest[title], most) - sizes[title]
            sizes[title] += max(min(wanted, width - _needed(sizes)), 0)
    if "REASON" in sizes:
        sizes["REASON"] += width - _needed(sizes)
    return {title: min(sizes[title], width) for title in _TITLES if title in sizes}


def _needed(sizes: Widths) -> int:
    return sum(sizes.values()) + len(sizes) - 1


def titles(widths: Widths, layout: TextLayout) -> Segments:
    """The line above the list."""
    return _joined([(title, title, layout.palette.title) for title in widths], widths, layout)


def line(mute: Mute, widths: Widths, now: float, layout: TextLayout) -> Segments:
    """One line."""
    palette = layout.palette
    texts: Mapping[str, tuple[str, Style]] = {
        "KIND": (mute.kind, {PLANNED: palette.dim, MAINTENANCE: palette.accent}.get(mute.kind, palette.warn)),
        "COVERS": (mute.covers, palette.strong),
        "ENDPOINTS": (str(len(mute.handles)), palette.text),
        "WHEN": (_when(mute, now), palette.text),
        "LEFT": (
            "" if mute.at is None else words.span(max(mute.at - now, 0), with_seconds=False),
            palette.text,
        ),
        "BY": (mute.by, palette.dim),
        "REASON": (mute.note, palette.dim),
    }
    return _joined([(title, *texts[title]) for title in widths], widths, layout)


def _when(mute: Mute, now: float) -> str:
    if mute.kind == PLANNED:
        return "never" if mute.at is None else f"from {_moment(mute.at, now)}"
    if mute.at is None:
        return "until it is up" if mute.until_up else "until ended"
    return f"until {_moment(mute.at, now)}"


def _moment(at: float, now: float) -> str:
    if clock(at, "%x") == clock(now, "%x"):
        return clock(at, "%H:%M")
    return clock(at, "%a %H:%M" if at - now < 6 * 86400 else "%Y-%m-%d")


def _joined(cells: Sequence[tuple[str, str, Style]], widths: Widths, layout: TextLayout) -> Segments:
    parts: Segments = []
    for title, text, style in cells:
        width = widths[title]
        placed = text.rjust(width)[:width] if title in _RIGHT else cut(text, width, layout.symbols)
        parts += [layout.segment(placed, style), layout.segment(" ")]
    return parts[:-1]
