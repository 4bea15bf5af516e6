"""Medians of phases, against the exact ones."""

import statistics

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.store.phases import Phases, by_place, decode, encode, merged, of_check, of_rows
from monitor.trace import Phase

NAMES = [str(phase) for phase in Phase]
CHECKS = st.lists(st.dictionaries(st.sampled_from(NAMES), st.floats(0.001, 1e6), min_size=1), max_size=60)
HOUR, MINUTE = 3_600_000, 60_000


def rows_of(checks: list[dict[str, float]]) -> list[bytes]:
    return [row for row in map(of_check, checks) if row is not None]


def exact(checks: list[dict[str, float]]) -> dict[str, float]:
    named = {name: [one[name] for one in checks if name in one] for name in NAMES}
    return {name: statistics.median_low(values) for name, values in named.items() if values}


@given(CHECKS)
def test_a_median_is_within_its_error_of_the_exact_one(checks: list[dict[str, float]]):
    assert of_rows(rows_of(checks)).medians() == pytest.approx(exact(checks), rel=0.0251)


@given(CHECKS, st.lists(st.integers(0, HOUR - 1), min_size=60, max_size=60))
def test_the_minutes_of_an_hour_merge_into_the_hour_after_a_way_through_bytes(
    checks: list[dict[str, float]], moments: list[int]
):
    rows = rows_of(checks)
    minutes = by_place(zip(moments, rows, strict=False), 0, MINUTE)
    again = decode(encode(minutes))
    assert {place: part.counts for place, part in again.items()} == {
        place: part.counts for place, part in minutes.items()
    }
    assert merged(again.values()).counts == of_rows(rows).counts


def test_merging_changes_no_part():
    one, two = of_rows(rows_of([{"dns": 1.0}])), of_rows(rows_of([{"dns": 9.0}]))
    merged([one, two, one])
    assert sum(one.counts[0].values()) == sum(two.counts[0].values()) == 1


@pytest.mark.parametrize(
    ("phases_ms", "known"),
    [
        ({}, {}),
        ({"a phase of a newer agent": 5.0}, {}),
        ({"tls": 0.0}, {"tls": 0.001}),
        ({"tls": -3.0}, {"tls": 0.001}),
        ({"tls": 1e300, "made up": 1.0}, {"tls": 1e7}),
    ],
)
def test_durations_that_make_no_sense_are_bounded(phases_ms: dict[str, float], known: dict[str, float]):
    row = of_check(phases_ms)
    assert of_rows([row] if row else []).medians() == pytest.approx(known, rel=0.026)


def test_a_phase_that_a_newer_version_wrote_is_left_out():
    row = msgspec.msgpack.encode([0, 300, len(NAMES), 300])
    assert list(decode(encode({0: of_rows([row])}))[0].medians()) == ["dns"]


def test_nothing_has_no_medians():
    assert not Phases()
    assert Phases().medians() == {}
    assert decode(encode({})) == {}


def test_other_percentiles_and_the_number_of_checks():
    phases = of_rows(rows_of([{"dns": float(ms), "tls": 1.0} for ms in range(1, 100)] + [{"tls": 1.0}]))
    assert phases.percentiles(0.9) == pytest.approx({"dns": 90.0, "tls": 1.0}, rel=0.0251)
    assert phases.checks() == 100
    assert Phases().checks() == 0
