from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from monitor.link.messages import Point
from monitor.tui.data.window import Window
from monitor.tui.drawing.chart import Plot, chart, merged, outcome_style
from monitor.tui.drawing.text_layout import TextLayout, width_of
from monitor.tui.terminal.symbols import ASCII, BLOCK, UNICODE
from monitor.tui.terminal.theme import COLOURLESS, PALETTES

T0 = 1_800_000_000.0
LAYOUT = TextLayout(UNICODE, PALETTES["dark"])
POOR = TextLayout(ASCII, COLOURLESS)


def history(*values, step=10.0):
    """Points ``step`` seconds apart: a number is a latency, a letter an outcome without one."""
    return [
        Point(T0 + n * step, value, -1.0)
        if isinstance(value, str)
        else Point(T0 + n * step, "u", float(value))
        for n, value in enumerate(values)
    ]


def drawn(points, width=60, height=12, *, layout=LAYOUT, span=None, **more):
    lines = chart(Window.of(points, span), width, height, layout=layout, **more)
    return ["".join(segment.text for segment in line) for line in lines]


CASES = {
    "nothing": [],
    "one": history(5),
    "two at once": [Point(T0, "u", 5.0), Point(T0, "u", 9.0)],
    "all failed": history(*"ddddd"),
    "nothing learnt": history(*"iii"),
    "all equal": history(*[7] * 50),
    "all zero": history(0, 0, 0),
    "tiny and huge": history(0.001, 90_000_000),
    "a failure among them": history(5, 6, "d", 7),
}


@pytest.mark.parametrize("layout", [LAYOUT, POOR], ids=["unicode", "ascii"])
@pytest.mark.parametrize("points", CASES.values(), ids=CASES.keys())
def test_every_history_is_drawn_at_every_size(points, layout):
    for width in (0, 1, 2, 9, 20, 80, 200):
        for height in (0, 1, 2, 3, 4, 5, 12, 40):
            lines = chart(Window.of(points, None), width, height, layout=layout, warn_ms=6.0)
            assert len(lines) == (height if width else 0)
            assert all(width_of(line) <= width for line in lines)


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.sampled_from("ugdi"), st.floats(-1, 1e6)), max_size=40),
    st.integers(1, 120),
    st.integers(1, 30),
)
def test_no_history_breaks_the_chart(raw, width, height):
    points = [Point(T0 + at, outcome, ms) for at, outcome, ms in sorted(raw)]
    lines = chart(Window.of(points, 3600.0), width, height, layout=LAYOUT, warn_ms=100.0, cursor=None)
    assert len(lines) == height
    assert all(width_of(line) <= width for line in lines)


def test_a_single_spike_among_thousands_survives():
    values = [10.0] * 5000
    values[3210] = 1000.0
    lines = drawn(history(*values, step=1), 60, 12)
    spiked = [line for line in lines[2:-1] if any(ord(sign) >= 0x2800 for sign in line.split("┤")[-1])]
    assert len(spiked) == 9


def test_failures_are_marked_on_the_top_line_at_their_time():
    lines = drawn(history(5, "d", 5, 5, "d", 5), 60)
    margin = lines[-2].index("┤") + 1
    width = 60 - margin
    places = [n - margin for n, sign in enumerate(lines[1]) if sign == "✖"]
    assert places == [int(width * 0.2), int(width * 0.8)]


@pytest.mark.parametrize(("outcome", "sign"), [("d", "✖"), ("g", "▲"), ("i", "·"), ("u", " ")])
def test_every_outcome_has_a_sign_of_its_own(outcome, sign):
    points = [*history(5, 6), Point(T0 + 20, outcome, 7.0)]
    assert drawn(points)[1][-1] == sign


def test_the_curve_between_degraded_checks_is_degraded_too():
    points = [Point(T0 + 10 * n, outcome, 7.0) for n, outcome in enumerate("ugggu")]
    lines = chart(Window.of(points, None), 120, 12, layout=LAYOUT)
    styled = {
        style.color: len(text) for line in lines[2:-1] for text, style, _ in line if text.strip() and style
    }
    assert styled[LAYOUT.palette.warn.color] > 50


def test_the_worst_of_a_column_is_marked():
    points = [Point(T0, "u", 5.0), *(Point(T0 + 1000, outcome, 7.0) for outcome in "gdiu")]
    assert drawn(points)[1].split() == ["✖"]


@pytest.mark.parametrize("height", range(6, 40))
@pytest.mark.parametrize("most", [0.3, 7, 47, 197, 4200])
def test_ticks_stand_equally_far_apart(height, most):
    rows = [n for n, line in enumerate(drawn(history(1, most), height=height)) if "┤" in line]
    assert len({below - above for above, below in pairwise(rows)}) == 1


def test_the_curve_breaks_where_a_check_failed():
    whole, broken = drawn(history(*[5] * 9)), drawn(history(5, 5, 5, 5, "d", 5, 5, 5, 5))
    assert sum(line.count(" ") for line in broken[2:-1]) > sum(line.count(" ") for line in whole[2:-1])


def test_the_curve_breaks_where_checks_are_missing():
    points = history(*[5] * 20)
    present = drawn(points[:5] + points[12:])
    assert (
        "     "
        in max(present[2:-1], key=lambda line: sum(sign > "⠀" for sign in line)).split("┤")[-1].strip()
    )


def test_the_axis_has_round_ticks_in_one_unit():
    labels = [line.split("┤")[0].strip() for line in drawn(history(3, 47), 60, 14) if "┤" in line]
    assert labels == ["50 ms", "40 ms", "30 ms", "20 ms", "10 ms", "0 ms"]


def test_slow_endpoints_are_told_in_seconds():
    labels = [line.split("┤")[0].strip() for line in drawn(history(900, 4200), 60, 14) if "┤" in line]
    assert labels == ["5 s", "4 s", "3 s", "2 s", "1 s", "0 s"]


def test_the_time_axis_has_round_local_times():
    times = drawn(history(*[5] * 61), 80)[-1].split()
    assert times
    assert all(time.endswith(("0", "2", "4", "6", "8")) for time in times)


def test_what_warn_allows_is_a_line_unless_far_away():
    assert any("┄" in line for line in drawn(history(20, 30), warn_ms=50))
    assert not any("┄" in line for line in drawn(history(20, 30), warn_ms=5000))


def test_the_legend_tells_percentiles_and_failures():
    legend = drawn(history(*range(1, 100), "d"), 120)[0]
    assert legend == "p50 50.0 ms · p95 95.0 ms · p99 99.0 ms · failed 1 of 100 · max 99.0 ms"


def test_the_legend_drops_what_does_not_fit():
    assert drawn(history(5), 30)[0] == "p50 5.00 ms · p95 5.00 ms"


def test_the_cursor_tells_its_sample_exactly():
    lines = drawn(history(5, 41.7, "d"), cursor=1)
    assert "up  41.7 ms  check 2 of 3" in lines[0]
    assert sum("│" in line.removeprefix("      │") for line in lines[2:-1]) > 0


def test_the_cursor_on_a_failure_says_so():
    assert "down  no latency  check 3 of 3" in drawn(history(5, 41.7, "d"), cursor=2)[0]


def test_a_window_holds_only_its_span():
    assert len(Window.of(history(*[5] * 61), 300).points) == 31


def test_an_ascii_terminal_gets_only_ascii():
    for points in CASES.values():
        assert all(line.isascii() for line in drawn(points, layout=POOR, warn_ms=6.0, cursor=0))


@pytest.mark.parametrize(
    ("points", "why"),
    [
        ([], "no checks in this time"),
        (history("d", "i"), "no check passed in this time"),
        (history("d", "u"), "no latency is known in this time"),
    ],
)
def test_a_chart_without_latencies_says_why(points, why):
    assert why in "\n".join(drawn(points))


# ---- the curve of a latency chart; the chart around it is in test_chart.py


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
