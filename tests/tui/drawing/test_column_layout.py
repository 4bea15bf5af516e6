"""Which columns fit, and where."""

import pytest

from monitor.tui.drawing.column_layout import FIXED, ColumnLayout, fit
from monitor.tui.drawing.columns import COLUMNS

SHOWN = [
    (200, "state name detail since recent latency p95 uptime group kind cert"),
    (140, "state name detail since recent latency uptime group"),
    (120, "state name detail since recent latency uptime"),
    (112, "state name detail since recent latency"),
    (80, "state name detail since recent latency"),
    (66, "state name detail since recent latency"),
    (60, "state name detail since latency"),
    (40, "state name detail"),
    (20, "state name"),
    (5, "state name"),
]


def names(width, layout):
    return [placed.column.name for placed in fit(width, 20, layout)]


@pytest.mark.parametrize(("width", "shown"), SHOWN)
def test_columns_go_one_by_one_as_the_screen_narrows(width, shown):
    assert names(width, ColumnLayout()) == shown.split()


@pytest.mark.parametrize("width", range(20, 260))
def test_columns_fill_the_width_exactly(width):
    for layout in (
        ColumnLayout(),
        ColumnLayout(hidden=frozenset()),
        ColumnLayout(hidden=frozenset({"detail", "recent"})),
    ):
        last = fit(width, 30, layout)[-1]
        assert last.x + last.width == width


@pytest.mark.parametrize("width", [112, 120, 140, 160, 200])
def test_a_cause_has_room_before_figures_have(width):
    widths = {placed.column.name: placed.width for placed in fit(width, 20, ColumnLayout())}
    assert widths["detail"] >= len("the certificate is not trusted: self-signed")


def test_a_group_is_not_cut_beside_blanks():
    widths = {one.column.name: one.width for one in fit(200, 20, ColumnLayout(), longest_group=24)}
    assert widths["group"] == 24


def test_eighty_columns_tell_a_name_and_a_reason():
    widths = {placed.column.name: placed.width for placed in fit(80, 30, ColumnLayout())}
    assert widths["name"] >= 16
    assert widths["detail"] >= len("connection refused")
    usual = {placed.column.name: placed.width for placed in fit(80, 16, ColumnLayout())}
    assert usual["detail"] >= len("expected status 2xx, got 503")


def test_what_is_asked_for_is_shown_in_little_room_as_well():
    assert names(80, ColumnLayout().show("cert"))[-1] == "cert"
    assert "target" in names(80, ColumnLayout().hide("recent").hide("detail").show("target"))


def test_what_is_hidden_is_gone_at_any_width():
    assert "latency" not in names(200, ColumnLayout().hide("latency"))
    assert names(200, ColumnLayout().hide("latency").show("latency")) == names(200, ColumnLayout())


@pytest.mark.parametrize("name", sorted(FIXED))
def test_nobody_can_do_without_state_and_name(name):
    assert ColumnLayout().hide(name) == ColumnLayout()


def test_a_column_changes_places_with_its_neighbour_and_stops_at_the_edge():
    layout = ColumnLayout().move("name", -1)
    assert names(80, layout)[:2] == ["name", "state"]
    assert layout.move("name", -1) == layout
    assert layout.move("name", 1) == ColumnLayout()


def test_a_layout_that_was_kept_is_made_to_fit_the_columns_that_there_are():
    old = ColumnLayout(("name", "state"), frozenset({"name", "gone"}), frozenset({"gone", "state"}))
    layout = old.completed()
    assert names(200, layout) == ["name", "state"]
    assert sorted(layout.order) == sorted(COLUMNS)
    assert layout.completed() == layout
    assert layout.where_roomy == frozenset()


def test_a_very_wide_table_shows_more_checks_and_no_blanks_beside_a_group():
    widths = {one.column.name: one.width for one in fit(260, 20, ColumnLayout(), longest_group=5)}
    assert (widths["recent"], widths["group"]) == (60, 8)
    assert widths["detail"] >= 60
