"""A period divided as calendars divide it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge.calendar import MOST, parts

HOUR, DAY = 3600.0, 86400.0


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
    lengths = [end - start for start, end in pairwise(parts(utc(*begins), utc(*begins) + 5 * DAY))]
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
    assert len(parts(since, since + length)) - 1 == pytest.approx(count, abs=1)


@given(
    since=st.floats(min_value=0, max_value=4e9),
    length=st.floats(min_value=0.001, max_value=100 * 365 * DAY),
)
def test_the_parts_cover_the_period_once(since: float, length: float):
    edges = parts(since, since + length)
    assert (edges[0], edges[-1]) == (since, since + length)
    assert all(start < end for start, end in pairwise(edges))
    assert len(edges) <= MOST + 1
