"""A report as one HTML file."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from monitor.model.report import Bar, Report
from monitor.outputs.reports.html import bars, write

VOID = {"meta"}


class Outline(HTMLParser):
    """The elements that are open, their texts, and everything that could reach a network."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        self.links += [
            f"{name}={value}" for name, value in attrs if name in ("src", "href", "action", "data")
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.texts.append(data)


def parsed(report: Report) -> tuple[Outline, str]:
    out = io.StringIO()
    write(report, out)
    outline = Outline()
    outline.feed(out.getvalue())
    outline.close()
    return outline, out.getvalue()


def test_every_element_is_closed_and_nothing_needs_a_network_or_javascript(month: Report):
    outline, html = parsed(month)
    assert outline.open == []
    assert outline.links == []
    assert "script" not in outline.found
    assert not re.search(r"url\(|@import|\son\w+=", html)


def test_hostile_names_and_causes_are_texts(month: Report):
    outline, html = parsed(month)
    assert "<script" not in html
    assert sum("<script>alert('x')</script>␛[31m" in text for text in outline.texts) == 2


def test_all_figures_are_there(month: Report):
    said = " ".join(parsed(month)[0].texts)
    for figure in ("99.860 %", "33.333 %", "-16m48s of 99.9 %", "2d, still open", "on it"):
        assert figure in said


def test_a_report_of_nothing_says_so(empty: Report):
    outline, _ = parsed(empty)
    assert "Nothing was monitored in this time." in outline.texts
    assert "0 incidents" in outline.texts


def test_a_cluster_has_a_table_of_locations(clustered: Report, month: Report):
    outline, text = parsed(clustered)
    assert outline.open == []
    assert {"By location", "ap", "eu", "us", "90.000 %"} <= set(outline.texts)
    assert "<script>" not in text
    assert "By location" not in parsed(month)[1]


# ---- bars


DAY = 86400.0


def bar(down: float = 0.0, known: float = DAY, maintenance: float = 0.0) -> Bar:
    uptime = 1 - down / known if known else None
    return Bar(start=0.0, end=DAY, uptime=uptime, known_s=known, down_s=down, maintenance_s=maintenance)


@pytest.mark.parametrize(
    ("one", "shapes"),
    [
        pytest.param(bar(), [("up", 0, 20)], id="up"),
        pytest.param(bar(down=DAY), [("down", 0, 20)], id="down"),
        pytest.param(bar(down=DAY / 2), [("down", 0, 10), ("up", 10, 10)], id="half down"),
        pytest.param(bar(down=1.0), [("down", 0, 5), ("up", 5, 15)], id="a second is seen"),
        pytest.param(bar(known=0, maintenance=DAY), [("maintenance", 10, 10)], id="maintenance"),
        pytest.param(bar(known=0), [("nothing", 18, 2)], id="unknown"),
    ],
)
def test_every_kind_of_time_has_its_own_shape(one: Bar, shapes: list[tuple[str, int, int]], month: Report):
    drawn = bars(replace(month.entries[0], bars=(one,)))
    found = re.findall(r'class="(\w+)" d="M0 (\d+)h4v(\d+)', drawn)
    assert [(kind, int(y), int(height)) for kind, y, height in found] == shapes


def test_downtime_says_when_and_how_long(month: Report):
    drawn = bars(month.entries[0])
    assert re.findall(r"<title>(.*?)</title>", drawn) == [
        "2026-01-04 01:00:00 +01:00: down 1h, uptime 95.833 %"
    ]
    assert 'aria-label="uptime over time: 99.860 %"' in drawn


def test_nothing_is_drawn_of_nothing(month: Report):
    assert bars(replace(month.entries[0], bars=())) == ""
