"""A sketch of latencies, held against the exact percentiles."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge.sketch import Sketch

LATENCIES = st.lists(st.floats(0.001, 600_000), min_size=1, max_size=300)
SHARES = [0.0, 0.01, 0.5, 0.9, 0.95, 0.99, 1.0]


def exact(values: list[float], share: float) -> float:
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


@given(LATENCIES)
def test_percentiles_are_within_one_per_cent(values: list[float]):
    sketch = Sketch(values)
    for share in SHARES:
        assert sketch.percentile(share) == pytest.approx(exact(values, share), rel=0.01)
    assert sketch.percentile(1.0) == max(values)


@given(st.lists(LATENCIES, min_size=1, max_size=5))
def test_merging_is_the_same_as_counting_everything_at_once(parts: list[list[float]]):
    merged = Sketch()
    for part in parts:
        merged.merge(Sketch(part))
    whole = Sketch(value for part in parts for value in part)
    assert (merged.counts, merged.maximum, len(merged)) == (whole.counts, whole.maximum, len(whole))


@given(LATENCIES)
def test_a_sketch_survives_its_bytes(values: list[float]):
    sketch = Sketch(values)
    again = Sketch.decode(sketch.encode())
    assert again.counts == sketch.counts
    assert again.maximum == pytest.approx(sketch.maximum, abs=0.001)


def test_without_values_there_is_no_percentile():
    assert not Sketch()
    assert Sketch().percentile(0.5) is None
    assert Sketch.decode(Sketch().encode()).percentile(0.5) is None


def test_a_latency_of_nothing_counts():
    assert Sketch([0.0, -1.0]).percentile(0.5) == pytest.approx(0.0, abs=0.001)


def test_an_hour_of_a_steady_endpoint_is_small():
    values = [40 + 5 * math.sin(number) for number in range(360)]
    assert len(Sketch(values).encode()) < 120


def test_counts_may_be_larger_than_any_lane_of_32_bits():
    sketch = Sketch([5.0])
    for _ in range(40):
        again = Sketch.decode(sketch.encode())
        sketch.merge(again)
    assert sketch.counts == dict.fromkeys(sketch.counts, 2**40)
    assert Sketch.decode(sketch.encode()).counts == sketch.counts


def test_a_sketch_can_be_merged_into_itself():
    sketch = Sketch([1.0, 2.0])
    sketch.merge(sketch)
    assert sorted(sketch.counts.values()) == [2, 2]
