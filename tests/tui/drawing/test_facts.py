from __future__ import annotations

import pytest
from fake_source import NOW, info, row
from rich.cells import cell_len

from monitor.link.messages import Detail, EndpointInfo, EndpointStatus, Point
from monitor.model import Acknowledgement, LocationResult, Reason, Slowdown, State, Status
from monitor.model.report import Budget
from monitor.tui.data.board import Entry
from monitor.tui.data.moments import clock
from monitor.tui.data.window import Window
from monitor.tui.drawing.column_layout import ColumnLayout, fit
from monitor.tui.drawing.columns import COLUMNS, DrawContext
from monitor.tui.drawing.facts import about, headline, locations, measurements, percentage
from monitor.tui.drawing.text_layout import TextLayout
from monitor.tui.terminal.symbols import ASCII, UNICODE, WORDS
from monitor.tui.terminal.theme import COLOURLESS, PALETTES

LAYOUT = TextLayout(UNICODE, PALETTES["dark"])
CARD = EndpointInfo(
    handle=1,
    id="x",
    name="X",
    kind="http",
    target="http://x/",
    group="shop",
    tags=("eu", "web"),
    runbook="https://wiki/x",
)


def entry(state=State.UP, **changes):
    return Entry(CARD, EndpointStatus(handle=1, state=state, since=NOW - 100, **changes))


def said(lines):
    return "\n".join("".join(segment.text for segment in line) for line in lines)


@pytest.mark.parametrize("state", State)
def test_every_state_has_sign_and_word(state):
    first = said(headline(entry(state), 80, layout=LAYOUT, now=NOW))
    assert f"{UNICODE.states[state]} {WORDS[state]}" in first


def test_the_headline_says_why_and_how_sure():
    row = entry(
        State.FAILING, streak=2, needed=3, reason=Reason.DNS_ERROR, message="no such name", flapping=True
    )
    text = said(headline(row, 80, layout=LAYOUT, now=NOW))
    assert "failing 2/3" in text
    assert "flapping" in text
    assert "dns_error: no such name" in text


def test_the_headline_says_which_phase_is_slower():
    row = entry(slower=Slowdown(phase="tls", since=NOW - 600, ms=68.0, usual_ms=17.0))
    text = said(headline(row, 80, layout=LAYOUT, now=NOW))
    assert f"tls 4 × slower since {clock(NOW - 600, '%H:%M')}: 68.0 ms, usually 17.0 ms" in text


@pytest.mark.parametrize("width", [30, 59, 60, 120])
def test_measurements_are_reported(width):
    points = [Point(NOW + n, "u", float(n)) for n in range(1, 101)]
    row = entry(latency_ms=41.7, uptime=0.9999, not_after=NOW + 5 * 86400)
    text = said(measurements(row, Window.of(points, None), width, layout=LAYOUT, now=NOW))
    for part in ("41.7 ms", "50.0 ms", "99.0 ms", "99.990 %", "5 days left"):
        assert part in text


@pytest.mark.parametrize(
    ("budget", "text"),
    [
        (Budget(), ""),
        (Budget(objective=99.9, budget_s=2592.0, left_s=2000.0), "33m20s left of 43m12s for 99.9 %"),
        (
            Budget(objective=99.9, budget_s=2592.0, left_s=-60.0, burn=12.34),
            "1m00s over of 43m12s for 99.9 %, burning 12.3 ×",
        ),
    ],
    ids=["no objective", "left", "overspent"],
)
def test_uptimes_and_the_error_budget_are_those_of_the_detail(budget, text):
    detail = Detail(
        handle=1, last=None, last_failure=None, last_good=None, points=(), phases_ms={},
        uptimes=(1.0, 0.9999, 0.5, None), budget=budget,
    )  # fmt: skip
    told = said(measurements(entry(), None, 120, layout=LAYOUT, now=NOW, detail=detail))
    assert "uptime 1h 100 %" in told
    assert "uptime 24h" not in told
    assert "uptime 7d 50.000 %" in told
    assert "uptime 30d" not in told
    assert text in told


@pytest.mark.parametrize(("due", "told"), [(NOW + 40, True), (None, False)])
def test_the_time_of_the_next_check_is_shown(due, told):
    text = said(measurements(entry(next_due=due), None, 120, layout=LAYOUT, now=NOW))
    assert ("next " in text) is told


def test_uptimes_of_a_detail_are_of_one_moment():
    detail = Detail(
        handle=1, last=None, last_failure=None, last_good=None, points=(), phases_ms={}, uptimes=(0.5,) * 4
    )
    told = said(measurements(entry(uptime=0.51), None, 120, layout=LAYOUT, now=NOW, detail=detail))
    assert told.count("uptime") == 1
    assert "uptime 50.000 %" in told


def test_what_the_config_says_is_reported():
    text = said(about(entry(), 60, layout=LAYOUT))
    for part in ("http://x/", "every 30s, within 10s", "shop", "eu web", "https://wiki/x"):
        assert part in text


@pytest.mark.parametrize(("share", "text"), [(1.0, "100 %"), (0.999999, "99.999 %"), (0.5, "50.000 %")])
def test_uptime_is_never_rounded_up_to_flawless(share, text):
    assert percentage(share) == text


def test_a_note_or_a_reason_that_does_not_fit_ends_in_an_ellipsis():
    mark = Acknowledgement(at=NOW - 9, by="ann", note="the switch in rack 7 is being replaced")
    row = entry(State.DOWN, acknowledged=mark, reason=Reason.BODY_MISMATCH, message="expected that " * 20)
    lines = said(headline(row, 42, layout=LAYOUT, now=NOW)).splitlines()
    assert all(len(line) <= 42 for line in lines)
    note, first, last = lines[-3:]
    assert note.startswith("· acknowledged by ann")
    assert note.endswith("…")
    assert first.startswith("body_mismatch: ")
    assert last.endswith("…")


# ---- locations side by side


COLOURLESS_LAYOUT = TextLayout(UNICODE, COLOURLESS)


def found(location: str, status: str = "up", ms: float | None = 40.0, age: float = 1.0) -> LocationResult:
    return LocationResult(
        location=location, status=Status(status), checked_at=NOW - age, latency_ms=ms, message=f"{status}!"
    )


def located(*results: LocationResult) -> Entry:
    return Entry(info(0), row(0, locations=results))


def drawn(one: Entry, width: int = 80, layout: TextLayout = COLOURLESS_LAYOUT) -> list[str]:
    (section,) = locations(one, NOW, layout=layout)
    return ["".join(part.text for part in line) for line in section.draw(width, 10)]


def test_each_location_has_a_line_with_its_latency_to_scale():
    eu, us = drawn(located(found("eu"), found("us", "down", 80.0)))
    assert eu.split()[:4] == ["eu", UNICODE.states["up"], "up", "40.0ms"]
    assert eu.rstrip().endswith("up!")
    assert "DOWN" in us
    assert (eu.count("█"), us.count("█")) == (10, 20)


def test_a_result_that_is_overdue_says_nothing():
    (old,) = drawn(located(found("eu", age=1000.0)))
    assert "inconclusive" in old


def test_without_a_cluster_there_is_no_section():
    assert locations(located(), NOW, layout=COLOURLESS_LAYOUT) == []


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
@pytest.mark.parametrize("layout", [COLOURLESS_LAYOUT, TextLayout(ASCII, COLOURLESS)])
def test_lines_fit(width: int, layout: TextLayout):
    many = located(found("eu"), found("a-very-long-name-of-a-location", "inconclusive", None))
    assert all(cell_len(line) <= width for line in drawn(many, width, layout))


@pytest.mark.parametrize(
    ("names", "width", "told"),
    [
        ("eu us ap", 14, "eu● us✖ ap●"),
        ("eu us ap", 9, "eu● +2"),
        ("eu us ap", 2, "+3"),
        ("eu", 14, "eu●"),
        ("", 14, ""),
    ],
)
def test_the_table_has_a_cell_for_each_location(names: str, width: int, told: str):
    results = [found(name, "down" if name == "us" else "up") for name in names.split()]
    cells = COLUMNS["locations"].draw(located(*results), width, DrawContext(UNICODE, COLOURLESS, NOW))
    text = "".join(cell.text for cell in cells)
    assert cell_len(text) == width
    assert text.rstrip() == told


def test_only_a_cluster_has_the_column():
    for located in (True, False):
        names = [one.column.name for one in fit(120, 20, ColumnLayout(), located=located)]
        assert ("locations" in names) is located
