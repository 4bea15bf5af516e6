"""The curve of a latency chart; the chart around it is in test_chart.py."""

import pytest
from rich.style import Style

from monitor.link.messages import Point
from monitor.tui.data.window import Window
from monitor.tui.drawing.plot import Plot, merged, outcome_style
from monitor.tui.drawing.text_layout import TextLayout
from monitor.tui.terminal.symbols import ASCII, BLOCK, UNICODE
from monitor.tui.terminal.theme import COLOURLESS, PALETTES

LAYOUT = TextLayout(UNICODE, PALETTES["dark"])
POOR = TextLayout(ASCII, COLOURLESS)


def plot(points: list[Point], layout: TextLayout = LAYOUT, warn_ms: float | None = None) -> Plot:
    return Plot(Window.of(points, None), 60, 10, layout, warn_ms, None)


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


def test_without_braille_curves_are_drawn_with_blocks() -> None:
    points = [Point(at, "u", float(at * 7 % 13)) for at in range(60)]
    text = "".join(s.text for line in plot(points, TextLayout(BLOCK, COLOURLESS)).lines()[1:] for s in line)
    assert not any("\u2800" <= letter <= "\u28ff" for letter in text)
    assert {"▘", "▗", "▌"} & set(text)
    assert "┤" in text


def test_in_ascii_only_ascii_is_drawn() -> None:
    text = "".join(
        s.text for line in plot([Point(0.0, "u", 1.0), Point(9.0, "d", 2.0)], POOR).lines() for s in line
    )
    assert text.isascii()


def test_each_outcome_has_a_style_of_its_own() -> None:
    assert len({str(outcome_style(letter, LAYOUT)) for letter in "ugdi"}) == 4


def test_neighbours_of_one_style_share_a_segment() -> None:
    one, other = Style(bold=True), Style(dim=True)
    line = merged([("a", one), ("b", one), ("c", other), ("d", one)])
    assert [segment.text for segment in line] == ["ab", "c", "d"]
