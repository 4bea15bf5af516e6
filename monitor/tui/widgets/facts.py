"""What one endpoint is and how it is doing, in few lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.duration import format_duration, format_ms
from monitor.model import State
from monitor.tui.board import Entry
from monitor.tui.symbols import WORDS
from monitor.tui.widgets.certificate import expiry, expiry_style
from monitor.tui.widgets.pen import Line, Pen, flowed, moment
from monitor.tui.widgets.window import Window, percentile

NARROW = 60
"""Below this many cells the facts stand under one another, each with its label."""


def headline(entry: Entry, width: int, *, pen: Pen, now: float) -> list[Line]:
    """The state with its sign, word and beginning, and why it is not up."""
    row = entry.row
    style = pen.palette.states[row.state]
    progress = f" {row.streak}/{row.needed}" if row.state is State.FAILING and row.needed else ""
    word = f" {pen.symbols.states[row.state]} {WORDS[row.state]}{progress} "
    marks = [mark for mark, on in (("flapping", row.flapping), ("acknowledged", row.acknowledged)) if on]
    since = f" since {moment(row.since, now)}" + "".join(f" · {mark}" for mark in marks)
    first = pen.line((word, style), (since, pen.palette.dim))
    return [first, *(_why(entry, width, pen))]


def _why(entry: Entry, width: int, pen: Pen) -> list[Line]:
    row = entry.row
    reason = f"{row.reason.value}: " if row.reason else ""
    return pen.wrapped(reason + row.message, width)[:2] if row.message or reason else []


def facts(entry: Entry, window: Window, width: int, *, pen: Pen, now: float) -> list[Line]:
    """The endpoint's measurements and config: flowing when ``width`` is ample, else as a list."""
    rows = [(label, text) for label, text in _rows(entry, window, now) if text]
    if width < NARROW:
        lines = [line for label, text in rows for line in pen.labelled(label, text, width)]
    else:
        chunks = [pen.line((label + " ", pen.palette.dim), text) for label, text in rows]
        lines = flowed(chunks, width, pen.segment("   "))
    return lines + _expiring(entry, now, pen)


def _rows(entry: Entry, window: Window, now: float) -> Iterator[tuple[str, str]]:
    card, row = entry.card, entry.row
    values = window.latencies()
    yield "last", "" if row.latency_ms is None else format_ms(row.latency_ms)
    for name, share in (("p50", 50), ("p95", 95), ("p99", 99)):
        yield name, format_ms(percentile(values, share)) if values else ""
    yield "uptime", "" if row.uptime is None else percentage(row.uptime)
    yield "checked", "" if row.checked_at is None else moment(row.checked_at, now)
    yield "every", f"{format_duration(card.interval)}, within {format_duration(card.timeout)}"
    yield "type", card.kind
    yield "target", card.target
    yield "group", card.group
    yield "tags", " ".join(card.tags)
    yield "needs", ", ".join(card.depends_on)
    yield "runbook", card.runbook
    yield "about", card.description


def _expiring(entry: Entry, now: float, pen: Pen) -> list[Line]:
    days = entry.cert_days(now)
    if days is None:
        return []
    return [pen.line(("certificate ", pen.palette.dim), (expiry(days), expiry_style(days, pen)))]


def percentage(share: float) -> str:
    """A share of time in per cent; never rounded up to a flawless 100."""
    return "100 %" if share >= 1 else f"{min(share * 100, 99.999):.3f} %"
