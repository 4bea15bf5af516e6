"""The legend of a comparison."""

import pytest
from fake_source import NOW, failed, info, row
from hypothesis import given
from hypothesis import strategies as st

from monitor.link.messages import Point
from monitor.tui.data.board import Entry
from monitor.tui.data.moments import clock
from monitor.tui.data.window import Window
from monitor.tui.drawing.legend import Row, legend
from monitor.tui.drawing.overlay import Curve
from monitor.tui.drawing.text_layout import TextLayout, width_of
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import COLOURLESS, PALETTES

LAYOUT = TextLayout(UNICODE, PALETTES["dark"])
POINTS = tuple(Point(NOW + n, "u", 40.0 + n) for n in range(20))


def entry(handle, points, name="api", down=False, wrong=""):
    curve = Curve("ABCDEFGH"[handle], LAYOUT.palette.curves[handle], Window(points, NOW, NOW + 60))
    state = failed(handle) if down else row(handle)
    return Row(Entry(info(handle, name), state), curve, points[-1] if points else None, wrong)


def said(lines):
    return ["".join(segment.text for segment in line).rstrip() for line in lines]


ROWS = [
    entry(0, POINTS),
    entry(1, (*POINTS, Point(NOW + 30, "d", -1.0)), "mail", down=True),
    entry(2, (), "日本"),
    entry(3, (Point(NOW, "i", -1.0),), "x"),
]


def test_each_endpoint_is_told_in_numbers():
    assert said(legend(ROWS, 1, None, 80, LAYOUT)) == [
        "     ENDPOINT        LATEST       P50       P95       MAX       FAILED",
        " A ● api            59.0 ms   49.0 ms   58.0 ms   59.0 ms      0 of 20",
        "▌B ✖ mail            failed   49.0 ms   58.0 ms   59.0 ms      1 of 21",
        " C ● 日本                 -         -         -         -       0 of 0",
        " D ● x              unknown         -         -         -       0 of 1",
    ]


WIDTHS = [(60, "P95"), (50, "P95"), (40, "FAILED"), (30, "LATEST")]


@pytest.mark.parametrize(("width", "last_kept"), WIDTHS)
def test_columns_are_dropped_for_the_name(width, last_kept):
    lines = said(legend(ROWS, 0, None, width, LAYOUT))
    assert last_kept in lines[0]
    assert "api" in lines[1]


def test_under_a_cursor_its_time_stands_above_the_samples():
    assert clock(NOW + 7) in said(legend(ROWS, 0, NOW + 7, 80, LAYOUT))[0]


def test_why_there_are_no_details_is_reported():
    assert (
        "api (the engine died)"
        in said(legend([entry(0, (), wrong="the engine died")], 0, None, 80, LAYOUT))[1]
    )


@given(st.text(max_size=60), st.integers(15, 120), st.booleans())
def test_no_line_is_wider_than_it_may_be(name, width, poor):
    layout = TextLayout(ASCII, COLOURLESS) if poor else LAYOUT
    lines = legend([entry(0, POINTS, name), entry(1, (), name, down=True)], 0, None, width, layout)
    assert all(width_of(line) <= width for line in lines)
    assert not poor or "".join(said(lines)).isascii()
