"""Rounding moments to the units of the summaries."""

import pytest

from monitor.store.grid import nearest, places, split, up


@pytest.mark.parametrize(("moment", "above", "next_to"), [(0, 0, 0), (1, 60, 0), (30, 60, 60), (60, 60, 60)])
def test_a_moment_is_rounded(moment: int, above: int, next_to: int):
    assert (up(moment, 60), nearest(moment, 60)) == (above, next_to)


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [(0, 3600, range(60)), (90, 300, range(2, 5)), (-500, 61, range(2)), (3600, 4000, range(60, 67))],
)
def test_the_parts_that_begin_in_a_window(since: int, until: int, found: range):
    assert places(0, 60, since, until) == found


@pytest.mark.parametrize(
    ("since", "until", "before", "whole", "after"),
    [
        (30, 200, (30, 60), (60, 180), (180, 200)),
        (60, 180, (60, 60), (60, 180), (180, 180)),
        (61, 119, (61, 119), (119, 119), (119, 119)),
        (61, 179, (61, 179), (179, 179), (179, 179)),
        (90, 30, (90, 30), (30, 30), (30, 30)),
    ],
)
def test_a_window_is_split_at_whole_units(since: int, until: int, before, whole, after):
    assert split(since, until, 60) == (before, whole, after)
