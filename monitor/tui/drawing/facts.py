"""One endpoint's state, figures and config, and its locations side by side. Pure.

::

    eu  ● up      41.7 ms  ███████▌             200 OK
    us  ✖ DOWN    3.00 s   ████████████████████ connection refused
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.style import Style

from monitor.link.figures import WINDOWS
from monitor.link.messages import Detail, EndpointInfo
from monitor.model import LocationResult, Slowdown, State
from monitor.model.report import Budget
from monitor.syntax.duration import format_duration, format_ms, format_validity
from monitor.text import plain
from monitor.tui.data.board import Entry
from monitor.tui.data.moments import moment
from monitor.tui.data.window import Window
from monitor.tui.drawing import words
from monitor.tui.drawing.certificate import expiry_style
from monitor.tui.drawing.columns import outcome
from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import Segments, TextLayout, fit, flowed
from monitor.tui.drawing.words import age, marks
from monitor.tui.terminal.symbols import WORDS

_RARELY = 30.0
"""Interval in seconds from which the next check's time is shown."""
_WHY = 2
"""Limit of the lines of a reason; the explanation has all of it."""
NARROW = 60
"""Below this width in cells the facts are listed under one another."""
_BAR = 20
_NAMES = 16
_WORD = 13


def headline(entry: Entry, width: int, *, layout: TextLayout, now: float) -> list[Segments]:
    """The state with its symbol, word and start, and why it is not up."""
    row = entry.status
    style = layout.palette.states[entry.severity]
    progress = f" {row.streak}/{row.needed}" if row.state is State.FAILING and row.needed else ""
    word = f" {layout.symbols.states[row.state]} {WORDS[row.state]}{progress} "
    facts = [f"since {moment(row.since, now)}", f"({age(now - row.since)})"]
    facts += [f"· {mark}" for mark in (*(["flapping"] if row.flapping else ()), *marks(row, now))]
    dim = layout.palette.dim
    chunks = [
        layout.line((word, style)),
        *(row for part in facts for row in layout.clipped(part, width, 1, dim)),
    ]
    lines = [*flowed(chunks, width, layout.segment(" ")), *_why(entry, width, layout)]
    return lines + (_slower(row.slower, now, width, layout) if row.slower else [])


def _slower(mark: Slowdown, now: float, width: int, layout: TextLayout) -> list[Segments]:
    text = f"{words.slower(mark, now)}: {format_ms(mark.ms)}, usually {format_ms(mark.usual_ms)}"
    return layout.wrapped(text, width, layout.palette.warn)


def _why(entry: Entry, width: int, layout: TextLayout) -> list[Segments]:
    row = entry.status
    blocked = layout.wrapped(words.blocked(entry), width) if entry.blocked_by else []
    reason = f"{row.reason.value}: " if row.reason else ""
    own = layout.clipped(reason + row.message, width, _WHY) if row.message or reason else []
    return own + blocked if entry.was_down else blocked + own


def measurements(
    entry: Entry,
    window: Window | None,
    width: int,
    *,
    layout: TextLayout,
    now: float,
    detail: Detail | None = None,
) -> list[Segments]:
    """The figures, side by side if ``width`` allows, else as a list.

    With a ``window``, includes its latency percentiles; with ``detail``, uptimes and the error budget.
    """
    rows = [(label, text) for label, text in _measured(entry, window, detail, now) if text]
    if width < NARROW:
        return [
            line
            for label, text in rows
            for line in layout.labelled(label, text, width, _style(label, entry, layout, now))
        ]
    chunks = [
        layout.line((label + " ", layout.palette.dim), (text, _style(label, entry, layout, now)))
        for label, text in rows
    ]
    return flowed(chunks, width, layout.segment("   "))


def _style(label: str, entry: Entry, layout: TextLayout, now: float) -> Style:
    days = entry.cert_days(now)
    return expiry_style(days, layout) if label == "cert" and days is not None else layout.palette.text


def about(
    entry: Entry, width: int, *, layout: TextLayout, dependents: Sequence[Entry] = ()
) -> list[Segments]:
    """The endpoint's config, each key with its label, and the endpoints that depend on it."""
    takes = [one.info.name for one in dependents]
    rows = [*_configured(entry.info), ("needed by", ", ".join(takes))]
    return [line for label, text in rows if text for line in layout.labelled(label, text, width)]


def _measured(
    entry: Entry, window: Window | None, detail: Detail | None, now: float
) -> Iterator[tuple[str, str]]:
    row, figures = entry.status, window.figures() if window else None
    yield "last", "" if row.latency_ms is None else format_ms(row.latency_ms)
    for name in ("p50", "p95", "p99"):
        value = getattr(figures, name, None)
        yield name, "" if value is None else format_ms(value)
    uptimes = dict(zip(WINDOWS, detail.uptimes, strict=False)) if detail else {}
    day = uptimes.get("24h", row.uptime)
    yield "uptime", "" if day is None else percentage(day)
    for name, share in _other_uptimes(day, list(uptimes.values())):
        yield f"uptime {name}", percentage(share)
    yield "budget", _budget(detail.budget) if detail else ""
    yield "checked", "" if row.checked_at is None else moment(row.checked_at, now)
    far = row.next_due is not None and entry.info.interval >= _RARELY
    yield "next", moment(row.next_due, now) if far and row.next_due is not None else ""
    days = entry.cert_days(now)
    yield "cert", "" if days is None else format_validity(days)


def _configured(info: EndpointInfo) -> Iterator[tuple[str, str]]:
    yield "type", info.kind
    yield "target", info.target
    yield "checked", f"every {format_duration(info.interval)}, within {format_duration(info.timeout)}"
    yield "down after", f"{info.down_after} failures, up after {info.up_after} passes"
    yield "group", info.group
    yield "tags", " ".join(info.tags)
    yield "depends on", ", ".join(info.depends_on)
    yield "runbook", info.runbook
    yield "about", info.description
    yield "config", f"{plain(info.file)}:{info.line}" if info.file else ""


def _other_uptimes(day: float | None, uptimes: Sequence[float | None]) -> Iterator[tuple[str, float]]:
    """The uptimes of the other windows, without those that say the same as the window before."""
    last = day
    for name, share in zip(WINDOWS, uptimes, strict=False):
        if share is not None and share != last and name != "24h":
            yield name, share
        last = day if name == "24h" else share


def _budget(budget: Budget) -> str:
    """The remaining error budget of 30 days; empty without an objective."""
    if budget.budget_s is None or budget.left_s is None:
        return ""
    left = words.span(abs(budget.left_s)) + (" left" if budget.left_s >= 0 else " over")
    burn = f", burning {budget.burn:.1f} ×" if budget.burn else ""
    return f"{left} of {words.span(budget.budget_s)} for {budget.objective:g} %{burn}"


def percentage(share: float) -> str:
    """A share of time in per cent, never rounded up to 100."""
    return "100 %" if share >= 1 else f"{min(share * 100, 99.999):.3f} %"


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
