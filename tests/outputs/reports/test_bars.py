"""Time as a strip of bars."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from monitor.model.report import Bar, Report
from monitor.outputs.reports.bars import bars

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
