"""The axes of a latency chart; what is drawn between them is in test_chart.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.link.messages import Point
from monitor.tui.symbols import ASCII, UNICODE
from monitor.tui.theme import COLOURLESS, PALETTES
from monitor.tui.widgets.pen import Pen
from monitor.tui.widgets.plot import Plot, Scale, outcome_style
from monitor.tui.widgets.window import Window

PEN = Pen(UNICODE, PALETTES["dark"])
POOR = Pen(ASCII, COLOURLESS)


@given(st.floats(1e-3, 1e7), st.integers(1, 60))
def test_a_scale_holds_the_most_and_has_few_round_ticks(most: float, rows: int) -> None:
    scale = Scale.of(most, rows)
    assert scale.top >= most * (1 - 1e-9)
    assert 1 <= len(scale.ticks()) <= max(rows, 2) + 1
    assert float(f"{scale.step:.1g}") == pytest.approx(scale.step)


@pytest.mark.parametrize(("top", "label"), [(1.0, "0.5 ms"), (500.0, "250 ms"), (4000.0, "2 s")])
def test_ticks_share_one_unit(top: float, label: str) -> None:
    assert Scale(top, top / 2).label(top / 2) == label


def plot(points: list[Point], pen: Pen = PEN, warn_ms: float | None = None) -> Plot:
    return Plot(Window.of(points, None), 60, 10, pen, warn_ms, None)


def test_time_runs_to_the_right() -> None:
    points = [Point(float(at), "u", 1.0) for at in range(20)]
    drawn = plot(points)
    columns = [drawn.column(point) for point in points]
    assert columns == sorted(columns)
    assert columns[0] == 0
    assert columns[-1] == drawn.columns - 1


def test_what_did_not_simply_pass_has_a_sign_and_the_worst_wins() -> None:
    drawn = plot(
        [Point(0.0, "u", 1.0), Point(50.0, "g", 1.0), Point(50.1, "d", -1.0), Point(100.0, "i", -1.0)]
    )
    assert sorted(drawn.remarkable.values()) == ["d", "i"]
    marks = "".join(segment.text for segment in drawn.lines()[0])
    assert UNICODE.failure in marks
    assert UNICODE.gap in marks


@pytest.mark.parametrize(("warn_ms", "kept"), [(50.0, True), (1e6, False)])
def test_a_threshold_far_above_everything_does_not_flatten_the_curve(warn_ms: float, kept: bool) -> None:
    drawn = plot([Point(0.0, "u", 20.0), Point(1.0, "u", 30.0)], warn_ms=warn_ms)
    assert (drawn.warn_ms is not None) is kept


def test_in_ascii_only_ascii_is_drawn() -> None:
    text = "".join(
        s.text for line in plot([Point(0.0, "u", 1.0), Point(9.0, "d", 2.0)], POOR).lines() for s in line
    )
    assert text.isascii()


def test_each_outcome_has_a_style_of_its_own() -> None:
    assert len({str(outcome_style(letter, PEN)) for letter in "ugdi"}) == 4
