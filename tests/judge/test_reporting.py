"""Figures of a report, against counts by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge.availability import Seconds
from monitor.judge.reporting import MOST_PARTS, Measured, Period, calendar_parts, duration, report
from monitor.judge.sketch import Sketch
from monitor.model import Ending, Incident
from monitor.model.report import By, Entry

DAY = 86400.0
PERIOD = Period(since=10 * DAY, until=40 * DAY, now=41 * DAY)


def incident(began: float, ended: float | None, ending: Ending = Ending.RECOVERED) -> Incident:
    return Incident(
        id=f"{began}",
        endpoint="a",
        handle=0,
        name="A",
        began=began,
        ended=ended,
        ending=None if ended is None else ending,
    )


def measured(id: str = "a", **given: Any) -> Measured:
    return Measured(id=id, name=id.upper(), **given)


def only(*members: Measured, by: By = "endpoint") -> Entry:
    (entry,) = report(members, PERIOD, by).entries
    return entry


def test_sums_and_uptime_are_of_the_period():
    entry = only(measured(checks=9, failed=2, seconds=Seconds(up=99.0, down=1.0, maintenance=5, unknown=7)))
    assert (entry.checks, entry.failed, entry.uptime) == (9, 2, 0.99)
    assert (entry.known_s, entry.down_s, entry.maintenance_s, entry.unknown_s) == (100.0, 1.0, 5, 7)


def test_figures_that_nothing_is_known_for_are_none():
    entry = only(measured(seconds=Seconds(unknown=30 * DAY)))
    assert entry.uptime is None
    assert (entry.longest_s, entry.mttr_s, entry.mtbf_s) == (None, None, None)
    assert (entry.latency_ms.p50, entry.latency_ms.max) == (None, None)
    assert (entry.slo.objective, entry.slo.budget_s, entry.slo.left_s, entry.slo.burn) == (None,) * 4


@pytest.mark.parametrize(
    ("incidents", "longest", "mttr", "mtbf"),
    [
        pytest.param([incident(11 * DAY, 12 * DAY)], DAY, DAY, 100.0, id="one"),
        pytest.param(
            [incident(11 * DAY, 12 * DAY), incident(20 * DAY, 23 * DAY)], 3 * DAY, 2 * DAY, 50.0, id="two"
        ),
        pytest.param([incident(8 * DAY, 11 * DAY)], 3 * DAY, 3 * DAY, None, id="began before the period"),
        pytest.param([incident(39 * DAY, None)], DAY, None, 100.0, id="open"),
        pytest.param([incident(39 * DAY, 40.5 * DAY)], DAY, None, 100.0, id="ended after the period"),
        pytest.param([incident(20 * DAY, 21 * DAY, Ending.PAUSED)], DAY, None, 100.0, id="paused: no repair"),
    ],
)
def test_durations_of_incidents(
    incidents: list[Incident], longest: float, mttr: float | None, mtbf: float | None
):
    entry = only(measured(incidents=incidents, seconds=Seconds(up=100.0)))
    assert (entry.incidents, entry.longest_s, entry.mttr_s, entry.mtbf_s) == (
        len(incidents),
        longest,
        mttr,
        mtbf,
    )


def test_an_open_incident_lasts_until_now():
    assert duration(incident(39 * DAY, None), PERIOD.now) == 2 * DAY
    assert duration(incident(39 * DAY, 39.5 * DAY), PERIOD.now) == DAY / 2


def test_an_error_budget_is_the_downtime_that_the_objective_allows_over_the_period():
    slo = only(measured(slo=99.9, seconds=Seconds(up=29 * DAY, down=600.0))).slo
    assert slo.objective == 99.9
    assert slo.budget_s == pytest.approx(2592.0)
    assert slo.left_s == pytest.approx(1992.0)
    assert slo.burn is None


@pytest.mark.parametrize(
    ("last_hour", "burn"),
    [
        (Seconds(up=3600.0), 0.0),
        (Seconds(up=3596.4, down=3.6), 1.0),
        (Seconds(up=1800.0, down=1800.0), 500.0),
        (Seconds(up=90.0, down=10.0, unknown=3500.0), 100.0),
        (Seconds(unknown=3600.0), None),
    ],
)
def test_the_burn_rate_is_of_the_known_part_of_the_last_hour(last_hour: Seconds, burn: float | None):
    assert only(measured(slo=99.9, last_hour=last_hour)).slo.burn == (
        burn if burn is None else pytest.approx(burn)
    )


def test_a_group_has_the_sums_of_its_members_and_the_worst_budget():
    entry = only(
        measured(
            "a", group="g", checks=1, seconds=Seconds(up=90.0, down=10.0), latencies=Sketch([1.0]), slo=99.0
        ),
        measured("b", group="g", checks=2, seconds=Seconds(up=100.0), latencies=Sketch([9.0, 9.0]), slo=50.0),
        measured("c", group="g", checks=4, seconds=Seconds(unknown=5.0)),
        by="group",
    )
    assert (entry.id, entry.name, entry.group, entry.tags) == (None, "g", "g", ())
    assert (entry.checks, entry.uptime, entry.down_s, entry.unknown_s) == (7, 0.95, 10.0, 5.0)
    assert entry.latency_ms.p50 == pytest.approx(9.0, rel=0.01)
    assert entry.slo.objective == 99.0


def test_an_endpoint_counts_for_each_of_its_tags_and_once_in_the_total():
    members = [
        measured("a", tags=("x", "y"), checks=1),
        measured("b", tags=("y",), checks=2),
        measured("c", checks=4),
    ]
    found = report(members, PERIOD, "tag")
    assert [(one.name, one.tags, one.checks) for one in found.entries] == [
        ("x", ("x",), 1),
        ("y", ("y",), 3),
        ("", (), 4),
    ]
    assert found.total.checks == 7


def test_endpoints_without_a_group_come_last():
    members = [measured("a"), measured("b", group="z"), measured("c", group="k")]
    assert [one.name for one in report(members, PERIOD, "group").entries] == ["k", "z", ""]


def test_incidents_are_listed_oldest_first():
    members = [
        measured("a", incidents=[incident(30 * DAY, None)]),
        measured("b", incidents=[incident(20 * DAY, None)]),
    ]
    assert [one.began for one in report(members, PERIOD, "endpoint").incidents] == [20 * DAY, 30 * DAY]


def test_bars_are_the_sums_of_the_parts():
    period = Period(since=0.0, until=20.0, now=20.0, parts=(0.0, 10.0, 20.0))
    members = [
        measured("a", group="g", parts=(Seconds(up=10.0), Seconds(up=5.0, down=5.0))),
        measured("b", group="g", parts=(Seconds(unknown=10.0), Seconds(maintenance=10.0))),
    ]
    first, second = report(members, period, "group").entries[0].bars
    assert (first.start, first.end, first.uptime, first.known_s) == (0.0, 10.0, 1.0, 10.0)
    assert (second.uptime, second.down_s, second.maintenance_s) == (0.5, 5.0, 10.0)


# ---- a period divided as calendars divide it


HOUR = 3600.0


def utc(*moment: int) -> float:
    return datetime(*moment, tzinfo=UTC).timestamp()  # type: ignore[misc,arg-type]


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("begins", "short", "length"),
    # Berlin's clocks went forward on 2026-03-29 and back on 2026-10-25.
    [((2026, 3, 26, 23), 2, 23 * HOUR), ((2026, 10, 22, 22), 2, 25 * HOUR)],
)
def test_a_day_with_a_change_of_clocks_is_as_long_as_it_is(
    begins: tuple[int, ...], short: int, length: float
):
    lengths = [end - start for start, end in pairwise(calendar_parts(utc(*begins), utc(*begins) + 5 * DAY))]
    assert lengths[short] == length
    assert [one for place, one in enumerate(lengths[:4]) if place != short] == [DAY] * 3


@pytest.mark.parametrize(
    ("length", "count"),
    [
        (HOUR, 60),
        (2 * HOUR, 12),
        (10 * HOUR, 60),
        (DAY, 24),
        (48 * HOUR, 48),
        (30 * DAY, 30),
        (400 * DAY, 58),
    ],
)
def test_the_parts_fit_the_length(length: float, count: int):
    since = utc(2026, 1, 1)
    assert len(calendar_parts(since, since + length)) - 1 == pytest.approx(count, abs=1)


@given(
    since=st.floats(min_value=0, max_value=4e9),
    length=st.floats(min_value=0.001, max_value=100 * 365 * DAY),
)
def test_the_parts_cover_the_period_once(since: float, length: float):
    edges = calendar_parts(since, since + length)
    assert (edges[0], edges[-1]) == (since, since + length)
    assert all(start < end for start, end in pairwise(edges))
    assert len(edges) <= MOST_PARTS + 1
