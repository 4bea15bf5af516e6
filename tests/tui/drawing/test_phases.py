import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.link.messages import CheckProgress
from monitor.model import Result, Status
from monitor.tui.drawing.phases import of_last, of_present, phases, shares
from monitor.tui.drawing.text_layout import TextLayout, width_of
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import COLOURLESS, PALETTES

LAYOUT = TextLayout(UNICODE, PALETTES["dark"])


def result(latency_ms, **phases_ms):
    return Result(
        endpoint="x",
        status=Status.UP,
        reason=None,
        message="200 OK",
        checked_at=0.0,
        latency_ms=latency_ms,
        phases_ms=phases_ms,
    )


LAST = result(40.0, dns=4.0, connect=6.0, tls=10.0, wait=16.0, transfer=4.0)
MEDIANS = {"dns": 2.0, "connect": 3.0, "tls": 5.0, "wait": 8.0, "transfer": 2.0}


def drawn(last, medians, width=80, layout=LAYOUT):
    return [
        "".join(segment.text for segment in line)
        for line in phases(of_last(last), medians, width, layout=layout)
    ]


def test_last_and_median_have_one_scale():
    last, median, *_ = drawn(LAST, MEDIANS)
    assert (last.count("█"), median.count("█")) == (15, 7)
    assert last.endswith("40.0 ms")
    assert median.rstrip().endswith("20.0 ms")


def test_a_check_under_way_is_drawn_as_far_as_it_got():
    check = CheckProgress("wait", 4000.0, {"dns": 1.0, "connect": 2.0, "wait": 3997.0})
    now, median, *legend = (
        "".join(one.text for one in line) for line in phases(of_present(check), MEDIANS, 80, layout=LAYOUT)
    )
    assert now.startswith("now ")
    assert now.endswith("4.00 s")
    assert median.startswith("median ")
    assert "wait 4.00 s (8.00 ms)" in " ".join(legend)


def test_each_phase_has_a_filling_of_its_own_and_its_numbers():
    last, _, *legend = drawn(LAST, MEDIANS)
    assert [sign for sign in "▒▓█░▚" if sign not in last] == []
    assert "▓ connect 6.00 ms (3.00 ms)" in "  ".join(legend)


def test_time_in_no_phase_is_told_as_the_rest():
    assert "… rest 30.0 ms" in drawn(result(40.0, connect=10.0), {})[-1]


def test_a_phase_nobody_knows_comes_after_those_of_every_check():
    legend = drawn(result(10.0, query=5.0, connect=5.0), {})[-1]
    assert legend.index("connect") < legend.index("query")


def test_foreign_names_of_phases_cannot_reach_the_terminal_raw():
    assert "\x1b" not in "".join(drawn(result(5.0, **{"\x1b[2J": 5.0}), {}))


@pytest.mark.parametrize("last", [None, result(None), result(0.0, connect=0.0)])
def test_without_phases_it_says_so_or_draws_nothing_wrong(last):
    assert drawn(last, {})


def test_an_ascii_terminal_gets_only_ascii():
    assert all(line.isascii() for line in drawn(LAST, MEDIANS, layout=TextLayout(ASCII, COLOURLESS)))


@pytest.mark.parametrize("width", [1, 10, 19, 20, 40, 200])
def test_lines_fit_from_twenty_cells_on(width):
    lines = phases(of_last(LAST), MEDIANS, width, layout=LAYOUT)
    assert width < 30 or all(width_of(line) <= width for line in lines)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=8), st.integers(0, 200))
def test_cells_are_dealt_out_completely(values, cells):
    dealt = shares(values, cells)
    assert sum(dealt) == (cells if sum(values) > 0 else 0)
    assert all(count >= 0 for count in dealt)
    if cells >= len(values):
        assert all(count > 0 for value, count in zip(values, dealt, strict=True) if value > 0)
