"""A stretch of history in numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.link.messages import Point
from monitor.tui.data.window import Window, measured, percentile

POINTS = [Point(float(at), "u", at * 1.0) for at in range(100)]


@pytest.mark.parametrize(
    ("span", "end", "first", "last"),
    [(10.0, None, 89, 99), (None, None, 0, 99), (10.0, 50.0, 40, 50), (1000.0, None, 0, 99)],
)
def test_it_holds_the_points_of_its_span(
    span: float | None, end: float | None, first: int, last: int
) -> None:
    window = Window.of(POINTS, span, end)
    assert (window.points[0].at, window.points[-1].at) == (first, last)


def test_without_points_it_is_empty_and_still_has_a_width() -> None:
    window = Window.of([], None)
    assert window.points == ()
    assert window.end > window.start


@pytest.mark.parametrize(
    ("outcome", "ms", "counts"),
    [("u", 5.0, True), ("g", 5.0, True), ("d", 5.0, False), ("i", -1.0, False), ("u", -1.0, False)],
)
def test_only_checks_that_passed_have_a_latency_that_counts(outcome: str, ms: float, counts: bool) -> None:
    point = Point(0.0, outcome, ms)
    assert measured(point) is counts
    assert Window.of([point], None).latencies() == ([ms] if counts else [])


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 100))
def test_a_percentile_is_one_of_the_values_and_rises(values: list[float], share: float) -> None:
    ordered = sorted(values)
    assert percentile(ordered, share) in ordered
    assert percentile(ordered, 0) <= percentile(ordered, share) <= percentile(ordered, 100) == ordered[-1]
