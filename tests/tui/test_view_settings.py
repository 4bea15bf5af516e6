"""What is remembered of an operator's choices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.tui.drawing.column_layout import ColumnLayout
from monitor.tui.drawing.columns import COLUMNS
from monitor.tui.lists.arrangement import Arrangement
from monitor.tui.lists.order import GROUPINGS, SORTINGS
from monitor.tui.view_settings import ViewSettings, from_tables, to_tables

layouts = st.builds(
    ColumnLayout,
    st.permutations(list(COLUMNS)).map(tuple),
    st.frozensets(st.sampled_from(["latency", "cert", "detail"])),
    st.frozensets(st.sampled_from(["p95", "group"])),
)
view_settings = st.builds(
    ViewSettings,
    layouts,
    st.sampled_from(list(SORTINGS)),
    st.booleans(),
    st.sampled_from(GROUPINGS),
    st.booleans(),
    st.booleans(),
    st.text(max_size=5),
    st.text(max_size=5),
)


@given(view_settings)
def test_what_is_written_is_read_again(chosen):
    assert from_tables(to_tables(chosen)) == (chosen, "")


def test_nothing_written_is_nothing_chosen():
    assert from_tables({}) == (ViewSettings(), "")


WRONG = [
    ({"sort": {"by": 3}}, "Expected `str`"),
    ({"columns": "state"}, "Expected `object`"),
    ({"sort": {"by": "colour"}}, "there is no sorting 'colour'"),
    ({"sort": {"group": "x"}}, "there is no grouping 'x'"),
    ({"columns": {"order": ["name", "soul", "name"]}}, "there is no column 'soul'"),
]


@pytest.mark.parametrize(("tables", "told"), WRONG)
def test_what_means_nothing_is_told_and_the_rest_holds(tables, told):
    read, wrong = from_tables({"side_panel": False} | tables)
    assert told in wrong
    assert sorted(read.layout.order) == sorted(COLUMNS)
    assert (read.sort_by, read.grouping) == ("severity", "none")


def test_an_arrangement_goes_there_and_back():
    before = Arrangement(sort_by="latency", reverse=True, grouping="tag")
    chosen = ViewSettings.of(before, ColumnLayout().hide("recent"), side_panel=False)
    after = Arrangement()
    chosen.arrange(after)
    assert ViewSettings.of(after, chosen.layout, side_panel=False) == chosen
    assert after.sort_by == "latency"
