"""The axes of a latency chart, and the dots between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.link.messages import Point
from monitor.tui.drawing.axes import Axes, Scale
from monitor.tui.drawing.text_layout import TextLayout, width_of
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import COLOURLESS, PALETTES

LAYOUT = TextLayout(UNICODE, PALETTES["dark"])
POOR = TextLayout(ASCII, COLOURLESS)


@given(st.floats(1e-3, 1e7), st.integers(1, 60))
def test_a_scale_holds_the_most_and_has_few_round_ticks(most: float, rows: int) -> None:
    scale = Scale.of(most, rows)
    assert scale.top >= most * (1 - 1e-9)
    assert 1 <= len(scale.ticks()) <= max(rows, 2) + 1
    assert float(f"{scale.step:.1g}") == pytest.approx(scale.step)


@pytest.mark.parametrize(("top", "label"), [(1.0, "0.5 ms"), (500.0, "250 ms"), (4000.0, "2 s")])
def test_ticks_share_one_unit(top: float, label: str) -> None:
    assert Scale(top, top / 2).label(top / 2) == label


def test_time_runs_to_the_right() -> None:
    axes = Axes(0.0, 19.0, 1.0, 60, 10, LAYOUT)
    columns = [axes.column(float(at)) for at in range(20)]
    assert columns == sorted(columns)
    assert columns[0] == 0
    assert columns[-1] == axes.columns - 1


def test_latency_grows_upwards() -> None:
    axes = Axes(0.0, 1.0, 100.0, 60, 10, LAYOUT)
    rows = [axes.row(ms) for ms in (0.0, 50.0, 100.0)]
    assert rows[0] == 0
    assert rows == sorted(set(rows))
    assert rows[-1] < axes.rows


def drawn(points: list[Point], layout: TextLayout) -> set[tuple[int, int]]:
    axes = Axes(0.0, 10.0, 10.0, 60, 5, layout)
    masks = axes.masks(points)
    return {(row, column) for row in range(5) for column in range(axes.columns) if masks[row][column]}


@pytest.mark.parametrize("layout", [LAYOUT, POOR])
def test_a_curve_joins_its_points_and_breaks_at_a_failure(layout: TextLayout) -> None:
    whole = drawn([Point(0.0, "u", 1.0), Point(5.0, "u", 9.0), Point(10.0, "u", 1.0)], layout)
    broken = drawn([Point(0.0, "u", 1.0), Point(5.0, "d", -1.0), Point(10.0, "u", 1.0)], layout)
    assert len({column for _, column in whole}) == Axes(0.0, 10.0, 10.0, 60, 5, layout).columns
    assert len(broken) == 2


def test_ticks_stand_beside_their_lines() -> None:
    axes = Axes(0.0, 60.0, 100.0, 60, 9, LAYOUT)
    told = ["".join(segment.text for segment in axes.beside(row)).strip() for row in range(9)]
    assert told[0] == "0 ms┤"
    assert told[-1] == "100 ms┤"
    assert {width_of(axes.beside(row)) for row in range(9)} == {axes.margin} == {width_of(axes.above())}


def test_a_narrow_chart_has_no_labels() -> None:
    axes = Axes(0.0, 60.0, 100.0, 12, 9, LAYOUT)
    assert axes.beside(0) == [] == axes.above()
    assert axes.columns == 12
