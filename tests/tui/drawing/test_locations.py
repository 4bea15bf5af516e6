"""The locations of a cluster, side by side."""

from __future__ import annotations

import pytest
from fake_source import NOW, info, row
from rich.cells import cell_len

from monitor.model import LocationResult, Status
from monitor.tui.data.board import Entry
from monitor.tui.drawing.column_layout import ColumnLayout, fit
from monitor.tui.drawing.columns import COLUMNS, DrawContext
from monitor.tui.drawing.locations import locations
from monitor.tui.drawing.text_layout import TextLayout
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import COLOURLESS

LAYOUT = TextLayout(UNICODE, COLOURLESS)


def found(location: str, status: str = "up", ms: float | None = 40.0, age: float = 1.0) -> LocationResult:
    return LocationResult(
        location=location, status=Status(status), checked_at=NOW - age, latency_ms=ms, message=f"{status}!"
    )


def entry(*results: LocationResult) -> Entry:
    return Entry(info(0), row(0, locations=results))


def drawn(one: Entry, width: int = 80, layout: TextLayout = LAYOUT) -> list[str]:
    (section,) = locations(one, NOW, layout=layout)
    return ["".join(part.text for part in line) for line in section.draw(width, 10)]


def test_each_location_has_a_line_with_its_latency_to_scale():
    eu, us = drawn(entry(found("eu"), found("us", "down", 80.0)))
    assert eu.split()[:4] == ["eu", UNICODE.states["up"], "up", "40.0ms"]
    assert eu.rstrip().endswith("up!")
    assert "DOWN" in us
    assert (eu.count("█"), us.count("█")) == (10, 20)


def test_a_result_that_is_overdue_says_nothing():
    (old,) = drawn(entry(found("eu", age=1000.0)))
    assert "inconclusive" in old


def test_without_a_cluster_there_is_no_section():
    assert locations(entry(), NOW, layout=LAYOUT) == []


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
@pytest.mark.parametrize("layout", [LAYOUT, TextLayout(ASCII, COLOURLESS)])
def test_lines_fit(width: int, layout: TextLayout):
    many = entry(found("eu"), found("a-very-long-name-of-a-location", "inconclusive", None))
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
    cells = COLUMNS["locations"].draw(entry(*results), width, DrawContext(UNICODE, COLOURLESS, NOW))
    text = "".join(cell.text for cell in cells)
    assert cell_len(text) == width
    assert text.rstrip() == told


def test_only_a_cluster_has_the_column():
    for located in (True, False):
        names = [one.column.name for one in fit(120, 20, ColumnLayout(), located=located)]
        assert ("locations" in names) is located
