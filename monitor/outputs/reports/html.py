"""A report as one HTML file: no network, no JavaScript, for screens of any size and for paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files
from typing import TextIO

from monitor.model import Incident
from monitor.model.report import Bar, Entry, LocationEntry, Report
from monitor.outputs.reports import words
from monitor.outputs.reports.words import moment, per_cent, span
from monitor.text import plain

_WIDTH, _GAP, _HEIGHT = 4, 1, 20
_LEAST = 5
"""Height of any downtime, so that a minute of a day can be seen."""


def write(report: Report, out: TextIO) -> None:
    # Text that the stream's encoding lacks must not end the program.
    out.writelines(
        part.encode("ascii", "xmlcharrefreplace").decode("ascii") + "\n" for part in _document(report)
    )


_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Content security policy: even an unescaped text could not run or fetch anything."""


def _document(report: Report) -> Iterator[str]:
    style = files("monitor.outputs.reports").joinpath("report.css").read_text(encoding="utf-8")
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>Uptime {_text(words.period(report))}</title>\n<style>\n{style}</style>\n</head>\n<body>"
    yield f"<header><h1>Uptime report</h1><p>{_text(words.period(report))}</p></header>\n<main>"
    yield from _tiles(report)
    yield from _entries(report)
    yield from _locations(report)
    yield from _incidents(report)
    yield _EXPLAINED
    made = f"Made by monitor on {_text(words.moment(report.generated_at))}."
    yield f"</main>\n<footer><p>{made}</p></footer>\n</body>\n</html>"


def _text(text: str, limit: int = 300) -> str:
    return escape(plain(text, limit))


def _tiles(report: Report) -> Iterator[str]:
    total = report.total
    tiles = (
        ("Uptime", words.per_cent(total.uptime)),
        ("Down", words.span(total.down_s)),
        ("Incidents", f"{total.incidents:,}"),
        ("Maintenance", words.span(total.maintenance_s)),
        ("Unknown", words.span(total.unknown_s)),
    )
    yield '<dl class="tiles">'
    yield from (f"<div><dt>{name}</dt><dd>{_text(figure)}</dd></div>" for name, figure in tiles)
    yield "</dl>"


# ── entries ─────────────────────────────────────────────────────────────────────────────────────

_COLUMNS = ("Uptime", "Over time", "Down", "Incidents", "Longest", "p50", "p95", "p99", "Error budget left")


def _entries(report: Report) -> Iterator[str]:
    if not report.entries:
        yield "<p>Nothing was monitored in this time.</p>"
        return
    yield '<table class="entries">'
    yield f"<thead>{_row([report.by.capitalize(), *_COLUMNS], 'th')}</thead>\n<tbody>"
    yield from (_entry(entry, report) for entry in words.worst_first(report))
    yield "</tbody></table>"


def _row(cells: Iterable[str], tag: str) -> str:
    scope = ' scope="col"' if tag == "th" else ""
    return f"<tr>{''.join(f'<{tag}{scope}>{_text(cell)}</{tag}>' for cell in cells)}</tr>"


def _entry(entry: Entry, report: Report) -> str:
    latencies = entry.latency_ms
    figures = (
        ("Uptime", words.per_cent(entry.uptime), _mood(entry.down_s > 0, known=entry.uptime is not None)),
        ("Down", words.span(entry.down_s) if entry.known_s else words.NOTHING, ""),
        ("Incidents", str(entry.incidents), ""),
        ("Longest", words.span(entry.longest_s), ""),
        ("p50", words.latency(latencies.p50), ""),
        ("p95", words.latency(latencies.p95), ""),
        ("p99", words.latency(latencies.p99), ""),
        ("Error budget left", words.budget_left(entry.slo), _mood((entry.slo.left_s or 0) < 0)),
    )
    cells = [
        f'<td data-label="{label}"{_class(mood)}>{_text(figure)}</td>' for label, figure, mood in figures
    ]
    cells.insert(1, f'<td class="over-time">{bars(entry)}</td>')
    return f'<tr><th scope="row">{_name(entry, report)}</th>{"".join(cells)}</tr>'


def _mood(bad: bool, known: bool = True) -> str:
    return "unknown" if not known else "bad" if bad else ""


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def _name(entry: Entry, report: Report) -> str:
    more = [entry.group or "", *entry.tags] if report.by == "endpoint" else []
    small = " · ".join(filter(None, more))
    return _text(words.name_of(entry, report)) + (f"<small>{_text(small)}</small>" if small else "")


# ── locations ───────────────────────────────────────────────────────────────────────────────────

_BY_LOCATION = ("Location", "Checks", "Failed", "Success rate", "p50", "p95", "p99")


def _locations(report: Report) -> Iterator[str]:
    located = [entry for entry in words.worst_first(report) if entry.locations]
    if not located:
        return
    yield "<h2>By location</h2>"
    yield '<table class="locations">'
    yield f"<thead>{_row([report.by.capitalize(), *_BY_LOCATION], 'th')}</thead>\n<tbody>"
    for entry in located:
        yield from (_location(entry, one, report) for one in entry.locations)
    yield "</tbody></table>"
    yield (
        "<p>The quorum decides whether an endpoint is down, and uptimes come from its verdicts."
        " A location's success rate is the share of its own checks that passed.</p>"
    )


def _location(entry: Entry, one: LocationEntry, report: Report) -> str:
    latencies = one.latency_ms
    figures = (
        one.location,
        f"{one.checks:,}",
        f"{one.failed:,}",
        words.per_cent(one.success_rate),
        *map(words.latency, (latencies.p50, latencies.p95, latencies.p99)),
    )
    cells = "".join(
        f'<td data-label="{label}">{_text(figure)}</td>'
        for label, figure in zip(_BY_LOCATION, figures, strict=True)
    )
    return f'<tr><th scope="row">{_text(words.name_of(entry, report))}</th>{cells}</tr>'


# ── incidents ───────────────────────────────────────────────────────────────────────────────────


def _incidents(report: Report) -> Iterator[str]:
    yield f"<h2>{words.incidents(report)}</h2>"
    if not report.incidents:
        return
    yield '<table class="incidents">'
    yield f"<thead>{_row(('Began', 'Endpoint', 'Lasted', 'Cause', 'Failed checks'), 'th')}</thead>\n<tbody>"
    yield from (_incident(incident, report) for incident in reversed(report.incidents))
    yield "</tbody></table>"


def _incident(incident: Incident, report: Report) -> str:
    mark = words.acknowledged(incident)
    reason = f"<small>{_text(incident.reason)}</small>" if incident.reason else ""
    noted = f"<small>{_text(mark)}</small>" if mark else ""
    shared = f"<small>{_text(words.shared(incident))}</small>" if incident.common_cause else ""
    return (
        f"<tr><td>{_text(words.moment(incident.began))}</td>"
        f'<th scope="row">{_text(incident.name)}</th>'
        f"<td{_class(_mood(incident.ended is None))}>{_text(words.lasted(incident, report))}</td>"
        f"<td>{_text(incident.cause)}{reason}{shared}{noted}</td>"
        f'<td data-label="Failed checks">{incident.failed:,}</td></tr>'
    )


_EXPLAINED = """<section class="explained">
<h2>How to read this</h2>
<p>Uptime is one minus the time in incidents divided by the known time, rounded down. An incident begins with
the start of the first failed check that made the endpoint down, and ends with the start of the first passed
check that ended it. Time counts as unknown, and neither for nor against the endpoint, while nobody was
checking, while it was paused or not confirmed yet, and while this machine or something that the endpoint
depends on was at fault. Maintenance is left out as well: an incident that lies wholly in it is listed, and
counts in no figure. The longest and the mean duration count from an incident's beginning, also where that is
before the period.</p>
<p>Latencies are over passed checks. The error budget is the downtime that the objective allows over the whole
period. A group or tag has the sums of its endpoints, and the budget of the one that has the least left.</p>
</section>"""


def bars(entry: Entry) -> str:
    """An entry's time as a strip of bars, drawn in SVG; empty if there is nothing to draw.

    Colour never stands alone: downtime is the part of a bar that reaches down from its top, maintenance is a
    bar of half the height, and time that nothing is known of is a line at the bottom.
    """
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
