"""Several curves on one chart."""

import pytest
from fake_source import NOW, failed, info, row
from hypothesis import given
from hypothesis import strategies as st

from monitor.link.messages import Point
from monitor.tui.data.board import Entry
from monitor.tui.data.moments import clock
from monitor.tui.data.window import Window
from monitor.tui.drawing.overlay import Curve, LegendRow, Overlay, legend
from monitor.tui.drawing.text_layout import TextLayout, width_of
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import COLOURLESS, PALETTES

LAYOUT = TextLayout(UNICODE, PALETTES["dark"])
POOR = TextLayout(ASCII, COLOURLESS)


def curve(letter, latencies, layout=LAYOUT, start=0.0, end=100.0):
    step = (end - start) / max(len(latencies) - 1, 1)
    points = [Point(start + step * n, "u" if ms >= 0 else "d", ms) for n, ms in enumerate(latencies)]
    style = layout.palette.curves["ABCDEFGH".index(letter)]
    return Curve(letter, style, Window(tuple(points), 0.0, 100.0))


def drawn(*curves, layout=LAYOUT, width=60, height=12, **more):
    lines = Overlay(curves, width, height, layout, **more).lines()
    assert len(lines) == height
    return lines


def said(lines):
    return ["".join(segment.text for segment in line) for line in lines]


def test_each_curve_has_its_colour_and_its_letter():
    lines = drawn(curve("A", [10] * 20), curve("B", [90] * 20))
    upper, lower = (
        next(line for line in lines if letter in "".join(s.text for s in line)) for letter in "BA"
    )
    assert {s.style.color for s in upper[1:] if s.text.strip()} == {LAYOUT.palette.curves[1].color}
    assert {s.style.color for s in lower[1:] if s.text.strip()} == {LAYOUT.palette.curves[0].color}
    assert lines.index(upper) < lines.index(lower)


def test_curves_that_share_their_cells_show_the_first_ones_colour_and_both_letters():
    lines = drawn(curve("B", [50] * 20), curve("A", [50] * 20))
    text = "".join(said(lines))
    assert "A" in text
    assert "B" in text
    dots = [s for line in lines for s in line if any("\u2800" < sign < "\u28ff" for sign in s.text)]
    assert {s.style.color for s in dots} == {LAYOUT.palette.curves[1].color}


def test_in_ascii_curves_are_made_of_letters():
    text = "".join(said(drawn(curve("A", [10] * 20, POOR), curve("B", [90] * 20, POOR), layout=POOR)))
    assert text.isascii()
    assert text.count("A") > 20
    assert text.count("B") > 20


def test_who_failed_is_told_above():
    failing = [5, -1, 5, -1, 5]
    top = said(drawn(curve("A", failing), curve("B", [5, -1, 5, 5, 5])))[0]
    assert sorted(top.replace(" ", "")) == sorted("A✖")


def test_the_scale_holds_every_curve():
    assert "2 s┤" in "".join(said(drawn(curve("A", [10, 20]), curve("B", [1500, 2000]))))


def test_a_cursor_is_drawn_through_all_of_them():
    lines = said(drawn(curve("A", [10] * 20), curve("B", [90] * 20), cursor_at=50.0))
    column = lines[0].index(UNICODE.descending)
    assert all(line[column] != " " for line in lines[:-1])


values = st.lists(st.floats(-1, 1e6), max_size=30)


@given(
    st.lists(values, min_size=1, max_size=8),
    st.integers(1, 90),
    st.integers(3, 30),
    st.sampled_from([LAYOUT, POOR]),
    st.one_of(st.none(), st.floats(0, 100)),
)
def test_whatever_the_histories_it_fits(histories, width, height, layout, at):
    curves = [curve("ABCDEFGH"[n], latencies, layout) for n, latencies in enumerate(histories)]
    lines = drawn(*curves, layout=layout, width=width, height=height, cursor_at=at)
    assert all(width_of(line) <= width for line in lines)


@pytest.mark.parametrize("count", range(1, 9))
def test_every_letter_is_seen(count):
    curves = [curve("ABCDEFGH"[n], [10 + 5 * n] * 40) for n in range(count)]
    text = "".join(said(drawn(*curves, width=80, height=20)))
    assert all(letter in text for letter in "ABCDEFGH"[:count])


# ---- legend


POINTS = tuple(Point(NOW + n, "u", 40.0 + n) for n in range(20))


def entry(handle, points, name="api", down=False, wrong=""):
    curve = Curve("ABCDEFGH"[handle], LAYOUT.palette.curves[handle], Window(points, NOW, NOW + 60))
    state = failed(handle) if down else row(handle)
    return LegendRow(Entry(info(handle, name), state), curve, points[-1] if points else None, wrong)


def legend_text(lines):
    return ["".join(segment.text for segment in line).rstrip() for line in lines]


ROWS = [
    entry(0, POINTS),
    entry(1, (*POINTS, Point(NOW + 30, "d", -1.0)), "mail", down=True),
    entry(2, (), "日本"),
    entry(3, (Point(NOW, "i", -1.0),), "x"),
]


def test_each_endpoint_is_told_in_numbers():
    assert legend_text(legend(ROWS, 1, None, 80, LAYOUT)) == [
        "     ENDPOINT        LATEST       P50       P95       MAX       FAILED",
        " A ● api            59.0 ms   49.0 ms   58.0 ms   59.0 ms      0 of 20",
        "▌B ✖ mail            failed   49.0 ms   58.0 ms   59.0 ms      1 of 21",
        " C ● 日本                 -         -         -         -       0 of 0",
        " D ● x              unknown         -         -         -       0 of 1",
    ]


WIDTHS = [(60, "P95"), (50, "P95"), (40, "FAILED"), (30, "LATEST")]


@pytest.mark.parametrize(("width", "last_kept"), WIDTHS)
def test_columns_are_dropped_for_the_name(width, last_kept):
    lines = legend_text(legend(ROWS, 0, None, width, LAYOUT))
    assert last_kept in lines[0]
    assert "api" in lines[1]


def test_under_a_cursor_its_time_stands_above_the_samples():
    assert clock(NOW + 7) in legend_text(legend(ROWS, 0, NOW + 7, 80, LAYOUT))[0]


def test_why_there_are_no_details_is_reported():
    assert (
        "api (the engine died)"
        in legend_text(legend([entry(0, (), wrong="the engine died")], 0, None, 80, LAYOUT))[1]
    )


@given(st.text(max_size=60), st.integers(15, 120), st.booleans())
def test_no_line_is_wider_than_it_may_be(name, width, poor):
    layout = TextLayout(ASCII, COLOURLESS) if poor else LAYOUT
    lines = legend([entry(0, POINTS, name), entry(1, (), name, down=True)], 0, None, width, layout)
    assert all(width_of(line) <= width for line in lines)
    assert not poor or "".join(legend_text(lines)).isascii()
