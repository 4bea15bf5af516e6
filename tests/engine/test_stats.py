"""How far the engine's numbers can be trusted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.engine.stats import MINUTE, Meter


def test_nothing_started_is_nothing_late():
    meter = Meter(0.0)
    assert (meter.per_second(100.0), meter.late_p99_ms(100.0)) == (0.0, 0.0)


@pytest.mark.parametrize("pace", [1, 10, 100])
def test_the_pace_is_that_of_the_last_minute(pace: int):
    meter = Meter(0.0)
    for number in range(300 * pace):
        meter.started(number / pace, 0.0)
    assert meter.per_second(300.0) == pytest.approx(pace, rel=0.1)


def test_the_pace_of_the_first_seconds_is_over_those_seconds():
    meter = Meter(0.0)
    for number in range(50):
        meter.started(number / 10, 0.0)
    assert meter.per_second(5.0) == pytest.approx(10.0)
    assert Meter(5.0).per_second(5.0) == 0.0


@given(st.floats(1.01e-4, 90.0))
def test_lateness_is_told_to_fifteen_per_cent(late_by: float):
    meter = Meter(0.0)
    for _ in range(100):
        meter.started(1.0, late_by)
    assert late_by * 1000 <= meter.late_p99_ms(1.0) * (1 + 1e-9) <= late_by * 1000 * 1.15 * (1 + 1e-6)


def test_one_in_a_hundred_may_be_later():
    meter = Meter(0.0)
    for number in range(1000):
        meter.started(1.0, 5.0 if number % 200 == 0 else 0.001)
    assert meter.late_p99_ms(1.0) < 1.2
    for _ in range(50):
        meter.started(1.0, 5.0)
    assert meter.late_p99_ms(1.0) > 4000


def test_lateness_too_small_or_too_great_to_tell_apart_is_still_told():
    meter = Meter(0.0)
    meter.started(1.0, 0.0)
    meter.started(1.0, -1e-9)
    assert meter.late_p99_ms(1.0) == 0.0
    for _ in range(10):
        meter.started(1.0, 86400.0)
    assert meter.late_p99_ms(1.0) > 90_000


def test_what_is_older_than_a_minute_is_forgotten():
    meter = Meter(0.0)
    meter.started(1.0, 30.0)
    for second in range(10, 200):
        meter.started(float(second), 0.0)
    assert meter.late_p99_ms(199.0) == 0.0
    assert meter.per_second(199.0 + MINUTE + 10) == pytest.approx(0.0)
    assert meter.late_p99_ms(199.0 + MINUTE + 10) == 0.0


def test_the_memory_is_bounded():
    meter = Meter(0.0)
    for second in range(10_000):
        meter.started(float(second), 0.001 * (second % 7))
    assert len(meter._slices) < 20


def test_the_share_of_delayed_checks_is_of_the_last_minute():
    meter = Meter(0.0)
    assert meter.delayed_share(0.0) == 0.0
    for second in range(10):
        meter.started(float(second), 0.0)
    meter.delayed()
    assert meter.delayed_share(9.0) == pytest.approx(0.1)
    for second in range(10, 120, 10):
        meter.started(float(second), 0.0)
    assert meter.delayed_share(120.0) == 0.0


def test_checks_of_other_machines_count_but_are_not_late():
    meter = Meter(0.0)
    meter.started(0.5, 0.1)
    for _ in range(9):
        meter.received(1.0)
    assert meter.per_second(1.0) == pytest.approx(10.0)
    assert meter.late_p99_ms(1.0) == pytest.approx(100.0, rel=0.2)
