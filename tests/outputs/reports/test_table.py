"""A report as people read it in a terminal."""

from __future__ import annotations

import io

from monitor.judge.reporting import Measured, Period, report
from monitor.model.report import Report
from monitor.outputs.reports.table import write


def lines(report: Report) -> list[str]:
    out = io.StringIO()
    write(report, out)
    return out.getvalue().splitlines()


def test_the_worst_comes_first(month: Report):
    header, odd, shop, quiet = (line.split() for line in lines(month)[:4])
    assert header[:3] == ["ENDPOINT", "UPTIME", "DOWN"]
    assert "33.333" in odd
    assert shop[:6] == ["Shop", "front", "99.860", "%", "1h", "1"]
    assert quiet[:3] == ["Quiet", "-", "-"]


def test_the_period_and_all_gaps_are_stated(month: Report):
    said = "\n".join(lines(month))
    assert "2026-01-01 01:00:00 +01:00 to 2026-01-31 01:00:00 +01:00 (30d)" in said
    assert "uptime 93.797 %, 2 incidents, down 2d1h, maintenance 2h, unknown 57d" in said


def test_incidents_are_listed_with_their_marks(month: Report):
    *_, closed, still_open = lines(month)
    assert closed == (
        "2026-01-04 13:00:00 +01:00  SHOP: 1h, status_mismatch, 503 Service Unavailable,"
        " acknowledged by ann: on it"
    )
    assert "ODD: 2d, still open, status_mismatch" in still_open


def test_endpoints_without_a_group_have_words_for_a_name():
    grouped = report([Measured(id="a", name="A")], Period(since=0.0, until=1.0, now=1.0), "group")
    assert lines(grouped)[1].startswith("(no group)")


def test_a_report_of_nothing_is_short(empty: Report):
    assert lines(empty)[1] == "uptime -, 0 incidents, down 0s, maintenance 0s, unknown 0s"


def test_each_location_has_a_line_below_the_endpoints(clustered: Report):
    shown = lines(clustered)
    start = next(number for number, line in enumerate(shown) if "LOCATION" in line)
    ap, eu, us = (line.split() for line in shown[start + 1 : start + 4])
    assert ap[-11:-6] == ["ap", "100", "10", "90.000", "%"]
    assert eu[:5] == ["eu", "100", "0", "100", "%"]
    assert us == ["us", "4", "0", "-", "-", "-", "-"]


def test_without_a_cluster_there_is_no_table_of_locations(month: Report):
    assert not any("LOCATION" in line for line in lines(month))
