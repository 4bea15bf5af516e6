"""Answers in parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.engine import paging
from monitor.engine.paging import AT_ONCE, page


def test_few_come_at_once():
    assert page([3, 1, 2], -1) == ([1, 2, 3], None)
    assert page([3, 1, 2], 2) == ([3], None)
    assert page([], -1) == ([], None)


@given(st.sets(st.integers(0, 10_000), max_size=4 * AT_ONCE))
def test_all_come_once_and_in_order(handles):
    got, after = [], -1
    while after is not None:
        part, after = page(handles, after)
        got += part
    assert got == sorted(handles)


@pytest.mark.parametrize(("after", "expected"), [(-1, ([1, 2], 2)), (2, ([3, 4], 4)), (4, ([], None))])
def test_a_full_part_may_have_more_behind_it(monkeypatch, after, expected):
    monkeypatch.setattr(paging, "AT_ONCE", 2)
    assert page([1, 2, 3, 4], after) == expected
