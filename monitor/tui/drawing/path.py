"""A network path: how far packets get, and each hop with its loss and round trips. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

from rich.style import Style

from monitor.judge.path_trace import conclusion
from monitor.model import NetworkPath, PathHop
from monitor.text import plain
from monitor.tui.data.moments import moment
from monitor.tui.drawing import words
from monitor.tui.drawing.text_layout import Segments, TextLayout, fit

_WIDE = 60
"""Width in cells from which the fastest and the slowest round trip are shown."""


def path(found: NetworkPath, now: float, width: int, layout: TextLayout) -> list[Segments]:
    """The conclusion, a line per hop, and the trace's protocol and time."""
    palette, reached = layout.palette, bool(found.hops) and found.hops[-1].is_target
    style = palette.good if reached else palette.bad if found.done else palette.dim
    said = conclusion(found) or ("nothing answered" if found.done else "tracing")
    lines = layout.wrapped(said if found.done else f"{said} …", width, style)
    lines += _table(found.hops, width, layout)
    asked = f"{found.protocol.upper()} to {plain(found.target)}, {moment(found.at, now)}"
    return lines + layout.wrapped(asked, width, palette.dim)


def _table(hops: Iterable[PathHop], width: int, layout: TextLayout) -> list[Segments]:
    rows = [(hop, _addresses(hop)) for hop in hops]
    longest = max((len(text) for _, text in rows), default=0)
    room = max(min(longest, width - (42 if width >= _WIDE else 20)), 8)
    return [line for hop, text in rows for line in _hop(hop, fit(text, room).ljust(room), width, layout)]


def _addresses(hop: PathHop) -> str:
    return " ".join(map(plain, hop.addresses)) or "no answer"


def _hop(hop: PathHop, address: str, width: int, layout: TextLayout) -> list[Segments]:
    palette = layout.palette
    line = layout.line(
        (f"{hop.ttl:>2} ", palette.dim),
        (address, palette.text if hop.addresses else palette.dim),
        (f" {f'{hop.loss:.0%}':>4}", _loss_style(hop, layout)),
        (f" {_trips(hop, width)}", palette.text),
    )
    style = palette.good if hop.is_target else palette.bad
    return [line, *(layout.wrapped(f"   {hop.answer}", width, style) if hop.answer else [])]


def _loss_style(hop: PathHop, layout: TextLayout) -> Style:
    return layout.palette.warn if hop.loss and hop.addresses else layout.palette.dim


def _trips(hop: PathHop, width: int) -> str:
    if not hop.trips_ms:
        return ""
    usual = words.latency(median(hop.trips_ms)).rjust(7)
    if width < _WIDE:
        return usual
    return f"{usual} {words.latency(min(hop.trips_ms)):>7} to {words.latency(max(hop.trips_ms))}"
