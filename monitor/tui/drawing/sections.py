"""The sections of one endpoint's detail; screens choose and arrange them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from rich.style import Style

from monitor.judge.path_trace import conclusion
from monitor.link.messages import CheckProgress, Detail
from monitor.model import Certificate, Heartbeat, Incident, NetworkPath, PathHop, Result
from monitor.syntax.duration import format_duration
from monitor.text import plain
from monitor.tui.data.board import Entry
from monitor.tui.data.moments import clock, moment
from monitor.tui.data.timeline import SPAN_NAMES, Timeline
from monitor.tui.data.window import Window, measured
from monitor.tui.drawing import words
from monitor.tui.drawing.certificate import certificate
from monitor.tui.drawing.chart import chart
from monitor.tui.drawing.explained import explained, remembered
from monitor.tui.drawing.facts import about, headline, measurements
from monitor.tui.drawing.incidents import incident_lines
from monitor.tui.drawing.phases import of_last, of_present, phases
from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import Segments, TextLayout, fit
from monitor.tui.drawing.words import age
from monitor.tui.lists.order import PROBLEMS

_INCIDENTS = 10
"""Limit of listed incidents."""
_EMPTY_ROWS = 3
"""Lines of a chart without a curve, where it stands among other text."""
_WIDE = 60
"""Width in cells from which the fastest and the slowest round trip are shown."""


def summary(
    entry: Entry,
    window: Window | None,
    wrong: str,
    now: float,
    *,
    layout: TextLayout,
    detail: Detail | None = None,
) -> Section:
    """State and figures; with a ``window`` its percentiles; ``wrong``: why details are missing."""

    def draw(width: int, _height: int) -> list[Segments]:
        lines = headline(entry, width, layout=layout, now=now)
        lines += layout.wrapped(wrong, width, layout.palette.warn) if wrong else []
        return lines + measurements(entry, window, width, layout=layout, now=now, detail=detail)

    return Section(draw)


def latency(
    entry: Entry, timeline: Timeline, *, layout: TextLayout, rows: int | None = None, past: bool = False
) -> Section:
    """The chart, at most ``rows`` lines high; None: as high as possible. An empty one needs few."""
    window = timeline.window()
    rows = rows if rows is None or any(map(measured, window.points)) else min(rows, _EMPTY_ROWS)
    cursor, warn_ms = timeline.cursor(window), entry.info.warn_latency_ms

    def draw(width: int, height: int) -> list[Segments]:
        span = timeline.span_in_words(past=past)
        return chart(window, width, rows or height, layout=layout, warn_ms=warn_ms, cursor=cursor, note=span)

    return Section(draw)


def where_time_goes(
    detail: Detail | None, *, layout: TextLayout, timeline: Timeline | None = None
) -> list[Section]:
    """The phases of the last check, or of the one in progress, beside the medians.

    The medians are those of the chart, if the history has them, and else of the newest checks.
    """
    if detail is None:
        return []
    figures = timeline.window().summarised if timeline else None
    charted = figures.phases_ms if figures else None
    check, medians = detail.in_progress, charted or detail.phases_ms
    measured = of_present(check) if check else of_last(detail.last)
    of_span = f" of {SPAN_NAMES[timeline.zoom]}" if timeline and charted else ""
    doing = _doing(check) if check else f"{measured.label} (median{of_span})"
    drawn = Section(lambda width, _: phases(measured, medians, width, layout=layout), "Phases", doing)
    return [drawn] if check or medians or measured.phases_ms else []


def _doing(check: CheckProgress) -> str:
    """The current phase of a check in progress."""
    phase = plain(check.phase, 16)
    return f"checking: {phase} …" if phase else "checking …"


def explanation(
    entry: Entry,
    detail: Detail | None,
    now: float,
    *,
    layout: TextLayout,
    past: bool = False,
    cursor: float | None = None,
) -> Section:
    """The explained failure; for the ``past``, as far as known.

    ``cursor`` is the time of the sample under the chart's cursor, if there is one.
    """
    info, draw = entry.info, remembered if past else explained
    failed, good = (detail.last_failure, detail.last_good) if detail else (None, None)
    known = {result.checked_at for result in (failed, good) if result}
    note = "" if cursor is None or cursor in known else f"not of the sample at {clock(cursor)}"
    return Section(lambda width, _: draw(failed, good, info, now, width, layout=layout), "Explained", note)


def last_time(incident: Incident | None, now: float, *, layout: TextLayout) -> list[Section]:
    """The last incident with the same reason: its time, length and note."""
    if incident is None:
        return []
    return [Section(lambda width, _: incident_lines(incident, now, width, layout), "Last time this happened")]


def in_question(
    entry: Entry,
    detail: Detail | None,
    now: float,
    *,
    layout: TextLayout,
    past: bool = False,
    before: Incident | None = None,
    cursor: float | None = None,
    timeline: Timeline | None = None,
) -> list[Section]:
    """Phases, explanation and path under one another, the more important first.

    ``before`` is the last incident with the same reason.
    """
    measured = where_time_goes(detail, layout=layout, timeline=timeline)
    why = [
        explanation(entry, detail, now, layout=layout, past=past, cursor=cursor),
        *last_time(before, now, layout=layout),
        *route(detail, now, layout=layout),
    ]
    waited_for = detail is not None and detail.in_progress
    return [*why, *measured] if entry.status.state in PROBLEMS and not waited_for else [*measured, *why]


def route(detail: Detail | None, now: float, *, layout: TextLayout) -> list[Section]:
    """The network path, if it was traced: the last one, or that of the failure that is shown."""
    found = detail and (detail.path or _path_of(detail.last_failure))
    return [Section(lambda width, _: path(found, now, width, layout), "Path")] if found else []


def _path_of(failure: Result | None) -> NetworkPath | None:
    return failure.explanation.path if failure and failure.explanation else None


def incidents(entry: Entry, every: Iterable[Incident], now: float, *, layout: TextLayout) -> list[Section]:
    """The endpoint's incidents, newest first, if any."""
    own = [one for one in every if one.endpoint == entry.info.id]
    own.sort(key=lambda one: one.began, reverse=True)
    more = f"the last {_INCIDENTS} of {len(own)}" if len(own) > _INCIDENTS else ""

    def draw(width: int, _height: int) -> list[Segments]:
        return [line for one in own[:_INCIDENTS] for line in incident_lines(one, now, width, layout)]

    return [Section(draw, "Incidents", more)] if own else []


def secured(detail: Detail | None, now: float, *, layout: TextLayout) -> list[Section]:
    """The certificate, if there is one."""
    found = _newest_certificate(detail)
    drawn = Section(lambda width, _: certificate(found, now, width, layout=layout), "Certificate")
    return [drawn] if found else []


def reporting(detail: Detail | None, now: float, *, layout: TextLayout) -> list[Section]:
    """The heartbeats, for an endpoint that has them."""
    found = detail.last.heartbeat if detail and detail.last else None
    if found is None:
        return []
    return [Section(lambda width, _: heartbeat(found, now, width, layout), "Heartbeat")]


def heartbeat(beat: Heartbeat, now: float, width: int, layout: TextLayout) -> list[Segments]:
    """The last heartbeat, the next one due, and the last run; ages and times left are as of ``now``."""
    late = now > beat.due_at + beat.grace_s
    return [
        line
        for label, text in _heartbeat_facts(beat, now)
        for line in layout.labelled(
            label, text, width, layout.palette.bad if label == "due" and late else layout.palette.text
        )
    ]


def _heartbeat_facts(beat: Heartbeat, now: float) -> Iterator[tuple[str, str]]:
    if beat.heard_at is None:
        yield "heard", "not yet"
    else:
        yield "heard", f"{age(now - beat.heard_at)} ago ({moment(beat.heard_at, now)})"
    yield "due", _due(beat, now)
    if beat.note:
        yield "message", plain(beat.note)
    if beat.started_at is not None:
        yield "running", f"for {age(now - beat.started_at)}"
    if beat.run_s is not None:
        yield "last run", f"took {format_duration(round(beat.run_s, 1))}" + ", and failed" * beat.failed


def _due(beat: Heartbeat, now: float) -> str:
    left = beat.due_at - now
    when = f"in {age(left)}" if left > 0 else f"{age(-left)} ago"
    return f"{when}, with {format_duration(beat.grace_s)} of grace" if beat.grace_s else when


def configured(entry: Entry, *, layout: TextLayout, dependents: Sequence[Entry] = ()) -> Section:
    """The endpoint's config, and the endpoints that depend on it."""
    return Section(lambda width, _: about(entry, width, layout=layout, dependents=dependents), "Config")


def _newest_certificate(detail: Detail | None) -> Certificate | None:
    results = (detail.last, detail.last_good, detail.last_failure) if detail else ()
    return next((result.certificate for result in results if result and result.certificate), None)


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
