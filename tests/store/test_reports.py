"""A report of a scripted month, held against what was worked out by hand."""

from __future__ import annotations

import math
from contextlib import closing
from pathlib import Path

import pytest
from scripted_month import (
    API,
    DB,
    DB_THERE,
    SHOP,
    SINCE,
    TRUTH,
    UNTIL,
    UPTIMES,
    latency,
    local,
    moments,
    result,
    write_month,
)

from monitor.judge.reporting import Period, calendar_parts
from monitor.link.figures import WINDOWS
from monitor.model import Result, Status
from monitor.model.events import LocationChecked
from monitor.model.report import Entry, Report
from monitor.store.batch import Batch
from monitor.store.files import connect
from monitor.store.reader import Reader
from monitor.store.recording import Recording
from monitor.store.reports import report_of
from monitor.syntax.selection import compile_selection

MONTH = Period(since=SINCE, until=UNTIL, now=UNTIL + 600)


@pytest.fixture
def path(month: Path) -> Path:
    return month


def report(path: Path, period: Period = MONTH, *select: str, by: str = "endpoint") -> Report:
    with Reader(path) as reader:
        return report_of(reader, period, compile_selection(select), by)  # type: ignore[arg-type]


def entries(path: Path, period: Period = MONTH, *select: str, by: str = "endpoint") -> dict[str, Entry]:
    return {one.name: one for one in report(path, period, *select, by=by).entries}


@pytest.mark.parametrize("name", TRUTH)
def test_every_figure_is_as_worked_out_by_hand(path: Path, name: str):
    entry = entries(path)[name]
    assert {key: getattr(entry, key) for key in TRUTH[name]} == pytest.approx(TRUTH[name])


def test_the_uptimes_of_hour_day_week_and_month_are_as_worked_out_by_hand(path: Path, tmp_path: Path):
    live = write_month(tmp_path / "month.db")
    with Reader(path) as reader:
        stored = {one.id: reader.availability(one) for one in reader.endpoints()}
    for name, truth in UPTIMES.items():
        assert live.of(name, UNTIL) == pytest.approx(truth, abs=1e-9)
        uptimes = [stored[name].seconds(UNTIL - window, UNTIL).uptime for window in WINDOWS.values()]
        assert uptimes == pytest.approx(truth, abs=1e-9)


def test_latency_percentiles_are_within_1_per_cent_of_exact(path: Path):
    shop = entries(path)["shop"].latency_ms
    exact = sorted(
        latency("shop", at) for at in moments() if at >= SINCE and result("shop", at).status is Status.UP
    )
    for share, shown in ((0.5, shop.p50), (0.9, shop.p90), (0.95, shop.p95), (0.99, shop.p99)):
        assert shown == pytest.approx(exact[math.ceil(share * len(exact)) - 1], rel=0.01)
    assert shop.max == exact[-1]


def test_error_budgets(path: Path):
    shop, api, db = (entries(path)[name].slo for name in ("shop", "api", "db"))
    # 743 hours are 2,674,800 seconds.
    assert (shop.objective, shop.budget_s, shop.left_s) == pytest.approx((99.9, 2674.8, -925.2))
    assert (api.objective, api.budget_s, api.left_s) == pytest.approx((99.0, 26748.0, 23148.0))
    assert (shop.burn, api.burn) == pytest.approx((0.0, 100.0))
    assert db.objective is None


def test_incidents_begin_with_the_first_failed_check_and_end_with_the_first_passed_one(path: Path):
    found = [(one.endpoint, one.began, one.ended, one.failed) for one in report(path).incidents]
    assert found == [
        ("shop", local("03-10 10:00"), local("03-10 10:30"), 6),
        ("shop", local("03-16 03:30"), local("03-16 04:00"), 6),
        ("shop", local("03-30 01:50"), local("03-30 03:20"), 6),
        ("api", local("03-31 23:00"), None, 12),
    ]


def test_an_incident_in_maintenance_is_listed_and_counts_in_no_figure(path: Path):
    made = report(path)
    assert [one.began for one in made.incidents if one.id in made.in_maintenance] == [local("03-16 03:30")]
    assert made.total.incidents == len(made.incidents) - 1
    day = entries(path, Period(since=local("03-16 00:00"), until=local("03-17 00:00"), now=UNTIL))["shop"]
    assert (day.uptime, day.incidents, day.longest_s, day.mttr_s, day.mtbf_s) == (1.0, 0, None, None, None)


def test_a_group_has_the_sums_and_the_worst_budget(path: Path):
    front = entries(path, by="group")["front"]
    both = [TRUTH["shop"], TRUTH["api"]]
    for key in ("checks", "failed", "known_s", "down_s", "unknown_s", "incidents"):
        assert getattr(front, key) == pytest.approx(sum(one[key] or 0 for one in both))
    assert front.longest_s == 3600.0
    assert front.slo.objective == 99.9


def test_a_tag_has_its_endpoints_and_one_line_is_for_those_without(path: Path):
    found = entries(path, by="tag")
    assert list(found) == ["eu", "web", ""]
    assert found["web"].checks == TRUTH["shop"]["checks"] + TRUTH["api"]["checks"]  # type: ignore[operator]
    assert found[""].checks == TRUTH["db"]["checks"]


@pytest.mark.parametrize(
    ("select", "names"),
    [
        (["group:front"], ["shop", "api"]),
        (["tag:eu", "db"], ["shop", "db"]),
        (["id:a*"], ["api"]),
        (["nobody"], []),
    ],
)
def test_a_selection_selects(path: Path, select: list[str], names: list[str]):
    assert list(entries(path, MONTH, *select)) == names


def test_an_endpoint_counts_only_where_the_config_had_it(path: Path):
    start, end = (local(moment) for moment in DB_THERE)
    before = Period(since=SINCE, until=start, now=UNTIL)
    after = Period(since=end, until=UNTIL, now=UNTIL)
    assert "db" not in entries(path, before)
    assert "db" not in entries(path, after)
    assert "db" in entries(path, Period(since=end - 60, until=UNTIL, now=UNTIL))


def test_the_day_of_the_clock_change_has_23_hours(path: Path):
    edges = calendar_parts(SINCE, UNTIL)
    shop = entries(path, Period(since=SINCE, until=UNTIL, now=UNTIL, parts=edges))["shop"]
    assert len(shop.bars) == len(edges) - 1
    assert sum(bar.down_s for bar in shop.bars) == pytest.approx(3600.0)
    assert sum(bar.known_s for bar in shop.bars) == pytest.approx(TRUTH["shop"]["known_s"])


def test_a_window_of_minutes_is_exact(path: Path):
    shop = entries(path, Period(since=local("03-31 10:02"), until=local("03-31 10:58"), now=UNTIL))["shop"]
    assert (shop.checks, shop.known_s) == (11, 56 * 60)


def test_a_year_without_a_history_is_unknown(path: Path):
    assert entries(path, Period(since=SINCE - 400 * 86400, until=SINCE - 300 * 86400, now=UNTIL)) == {}


def test_the_order_is_that_in_which_they_were_first_seen(path: Path):
    assert [one.id for one in report(path).entries] == [SHOP.id, API.id, DB.id]


def test_each_location_has_figures_of_its_own_and_the_uptime_is_the_verdicts(tmp_path: Path):
    with closing(connect(tmp_path / "h.db")) as database:
        database.execute("BEGIN")
        Recording(database).write(
            Batch(events=[*located("shop", "us"), *located("api", "ap"), *located("api", "us")])
        )
        database.execute("COMMIT")
    period = Period(since=0, until=1000, now=1000)
    found = entries(tmp_path / "h.db", period)
    (us,) = found["shop"].locations
    assert (us.location, us.checks, us.failed, us.inconclusive, us.success_rate) == (
        "us",
        10,
        2,
        1,
        7 / 9 // 1e-8 * 1e-8,
    )
    assert us.latency_ms.p50 == pytest.approx(40, rel=0.01)
    assert [one.location for one in found["api"].locations] == ["ap", "us"]
    (all_of,) = entries(tmp_path / "h.db", period, by="group").values()
    assert [(one.location, one.checks) for one in all_of.locations] == [("ap", 10), ("us", 20)]
    later = Period(since=2000, until=3000, now=3000)
    assert entries(tmp_path / "h.db", later)["shop"].locations == ()


def located(id: str, location: str) -> list[LocationChecked]:
    letters = "uuuduuduui"
    return [
        LocationChecked(at=at, endpoint=id, location=location, result=said(id, at, letter))
        for at, letter in zip(range(10, 110, 10), letters, strict=True)
    ]


def said(id: str, at: float, letter: str) -> Result:
    status = {"u": Status.UP, "d": Status.DOWN, "i": Status.INCONCLUSIVE}[letter]
    latency = 40.0 if status is Status.UP else None
    return Result(endpoint=id, status=status, reason=None, message="", checked_at=at, latency_ms=latency)
