"""Points gathered into steps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.link.messages import Point
from monitor.web.series import series, starts


def test_each_step_counts_its_checks_and_failures():
    points = [
        Point(0.0, "u", 10.0),
        Point(5.0, "d", -1.0),
        Point(9.9, "g", 30.0),
        Point(10.0, "i", -1.0),
        Point(99.0, "u", 1.0),
    ]
    first, second, third = series(points, 0.0, 25.0, 10.0)
    assert (first["checks"], first["failed"]) == (3, 1)
    assert first["latency_ms"] == {"p50": 10.0, "p90": 30.0, "p95": 30.0, "p99": 30.0, "max": 30.0}
    assert (second["checks"], second["failed"], second["latency_ms"]) == (0, 0, None)
    assert third["at"] == "1970-01-01T00:00:20.000Z"


@pytest.mark.parametrize(
    ("until", "step", "found"),
    [
        (10.0, 3.0, [0.0, 3.0, 6.0, 9.0]),
        (9.0, 3.0, [0.0, 3.0, 6.0]),
        (10.0, 7.0, [0.0, 7.0]),
        (3.0, 7.0, [0.0]),
        (0.7, 0.7 / 3, [0.0, 0.7 / 3, 1.4 / 3]),
    ],
)
def test_steps_begin_with_the_window_and_the_last_one_ends_with_it(
    until: float, step: float, found: list[float]
):
    assert starts(0.0, until, step) == pytest.approx(found)


@given(
    moments=st.lists(st.floats(0.0, 1000.0), max_size=50),
    until=st.floats(1.0, 1000.0),
    step=st.floats(0.7, 500.0),
)
def test_no_check_in_the_window_is_lost_or_counted_twice(moments: list[float], until: float, step: float):
    points = [Point(at, "u", 1.0) for at in moments]
    counted = sum(one["checks"] for one in series(points, 0.0, until, step))
    assert counted == sum(at < until for at in moments)
