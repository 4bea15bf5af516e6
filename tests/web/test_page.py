"""The status page."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from monitor.model import Acknowledgement
from monitor.web import page
from monitor.web.page import _bar, day_bounds, percent

NOW = 1769860800.0


async def test_problems_come_first_and_nothing_foreign_is_markup(site: Any, http: httpx.AsyncClient):
    await site.down()
    (first, *_) = site.service.engine.endpoints.values()
    mark = Acknowledgement(at=1.0, by="ann", note="<script>alert(1)</script>\u202e" + "x" * 5000)
    site.service.engine._publish(site.service.engine.tracker.acknowledge(first, mark, NOW))
    answer = await http.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    text = answer.text
    assert "<h1>1 down</h1>" in text
    assert "Nobody &lt;b&gt;" in text
    assert "<b>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\ufffdxxx" in text
    assert "x" * 1000 not in text
    assert text.index("Nobody") < text.index("Off")
    assert "connection refused" in text


async def test_its_policy_allows_its_own_style_and_script_and_nothing_else(http: httpx.AsyncClient):
    policy = (await http.get("/")).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert policy.count("sha256-") == 2


async def test_each_endpoint_has_a_bar_for_each_day(site: Any, http: httpx.AsyncClient):
    await site.down()
    text = (await http.get("/")).text
    rows = re.findall(r"<div class=days.*?</div>", text)
    assert [row.count("<i ") for row in rows] == [90, 90, 90]
    assert rows[0].rstrip().endswith("0 %'></i></div>")
    assert "not known" in rows[1]


async def test_today_is_known_after_the_first_check(site: Any, http: httpx.AsyncClient):
    first = re.findall(r"<div class=days.*?</div>", (await http.get("/")).text)
    assert all("not known" in row for row in first)
    await site.down()
    rows = re.findall(r"<div class=days.*?</div>", (await http.get("/")).text)
    assert rows[0].rstrip().endswith("0 %'></i></div>")


@pytest.mark.parametrize(
    ("query", "status"), [("?page=1", 200), ("?page=2", 404), ("?page=0", 404), ("?page=x", 404)]
)
async def test_pages_that_are_not_there_are_not_found(http: httpx.AsyncClient, query: str, status: int):
    assert (await http.get(f"/{query}")).status_code == status


async def test_very_many_endpoints_are_on_several_pages(http: httpx.AsyncClient, monkeypatch: Any):
    monkeypatch.setattr(page, "PER_PAGE", 2)
    first, second = (await http.get("/")).text, (await http.get("/?page=2")).text
    assert first.count("<li ") == 2
    assert second.count("<li ") == 1
    assert "<a href='?page=2'>" in first


@pytest.mark.parametrize(
    ("share", "told"),
    [(1.0, "100 %"), (0.999999, "99.99 %"), (0.5, "50 %"), (0.0, "0 %"), (0.99995, "99.99 %")],
)
def test_a_share_is_rounded_down(share: float, told: str):
    assert percent(share) == told


def test_a_day_of_which_nothing_is_known_has_no_colour():
    assert _bar(None, NOW).startswith("<i title=")
    assert "class=a" in _bar(1.0, NOW)
    assert "class=b" in _bar(0.995, NOW)
    assert "class=c" in _bar(0.95, NOW)
    assert "class=d" in _bar(0.5, NOW)


def test_days_are_those_of_the_calendar_and_the_last_one_is_today():
    bounds = day_bounds(NOW)
    assert len(bounds) == page.DAYS + 1
    assert bounds[-2] <= NOW < bounds[-1]
    assert bounds == sorted(set(bounds))
