"""Figures as people read them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from monitor.model import Cause, Incident
from monitor.model.report import Budget, Report
from monitor.outputs.reports.words import (
    budget_left,
    count,
    incidents,
    lasted,
    moment,
    per_cent,
    shared,
    span,
)


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (None, "-"),
        (1.0, "100 %"),
        (0.99999999, "99.999 %"),
        (0.99999, "99.999 %"),
        (0.9995, "99.950 %"),
        (0.29, "29.000 %"),
        (0.0, "0.000 %"),
    ],
)
def test_a_share_is_rounded_down(share: float | None, said: str):
    assert per_cent(share) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "-"),
        (0.0, "0s"),
        (0.25, "250ms"),
        (59.4, "59s"),
        (3599.9, "59m59s"),
        (3600.0, "1h"),
        (90061.0, "1d1h"),
        (86400.0 * 400, "400d"),
        (-90.0, "-1m30s"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float | None, said: str):
    assert span(seconds) == said


def test_a_moment_is_local_with_its_offset():
    assert moment(1769860800.0) == "2026-01-31 13:00:00 +01:00"
    assert moment(1785499200.0) == "2026-07-31 14:00:00 +02:00"


def test_a_budget_says_of_which_objective():
    assert budget_left(Budget()) == "-"
    assert budget_left(Budget(objective=99.9, budget_s=2592.0, left_s=-1008.0)) == "-16m48s of 99.9 %"


def test_incidents_in_maintenance_are_counted_apart(month: Report):
    first, *_ = month.incidents
    planned = replace(month, in_maintenance=frozenset({first.id}))
    others = count(len(month.incidents) - 1, "incident")
    assert incidents(planned) == f"{others} and 1 in maintenance"
    assert incidents(month) == count(len(month.incidents), "incident")
    assert lasted(first, planned) == f"{lasted(first, month)}, in maintenance"


def test_a_noun_is_singular_for_one():
    assert (count(1, "incident"), count(1200, "incident")) == ("1 incident", "1,200 incidents")


def test_a_common_cause_is_named_with_the_number_of_endpoints():
    alone = Incident(id="1", endpoint="a", handle=0, name="A", began=0.0)
    cause = Cause(kind="address", value="10.0.0.1", count=3)
    assert [shared(alone), shared(replace(alone, common_cause=cause))] == [
        "",
        "3 endpoints: address 10.0.0.1",
    ]
