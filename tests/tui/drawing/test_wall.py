"""The wall's tiles, its counters, its pulse, and its lines of endpoints in trouble."""

import pytest
from fake_source import NOW, failed, info, row
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from monitor.model import State
from monitor.tui.data.board import Entry
from monitor.tui.data.moments import clock
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.drawing.text_layout import width_of
from monitor.tui.drawing.wall import counters, headlines, pulse, tile
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import COLOURLESS, PALETTES

CONTEXT = DrawContext(UNICODE, PALETTES["dark"], NOW)
POOR = DrawContext(ASCII, COLOURLESS, NOW)


def said(lines):
    return ["".join(segment.text for segment in line).rstrip() for line in lines]


COUNTS = {State.UP: 140, State.DOWN: 2, State.PAUSED: 0}
FORMS = [
    ((80, 4), CONTEXT, [
        "  ▀▀█      ▀█  █ █ █▀█",
        "  █▀▀       █  ▀▀█ █ █",
        "  ▀▀▀      ▀▀▀   ▀ ▀▀▀",
        "  ✖ DOWN   ● up",
    ]),
    ((22, 4), CONTEXT, [
        "  ▀▀█   ▀█  █ █ █▀█",
        "  █▀▀    █  ▀▀█ █ █",
        "  ▀▀▀   ▀▀▀   ▀ ▀▀▀",
        "  ✖     ●",
    ]),
    ((80, 1), CONTEXT, [" ✖ 2 DOWN ● 140 up"]),
    ((12, 1), CONTEXT, [" ✖2 ●140"]),
    ((12, 1), POOR, [" X2 .140"]),
    ((5, 1), CONTEXT, [" ✖2"]),
]  # fmt: skip


@pytest.mark.parametrize(("size", "context", "lines"), FORMS)
def test_the_largest_form_that_fits_is_shown(size, context, lines):
    assert said(counters(COUNTS, *size, context)) == lines


def test_a_high_band_has_large_digits():
    assert said(counters({State.UP: 1}, 80, 6, CONTEXT))[0].strip() == "████"


@given(
    st.dictionaries(st.sampled_from(State), st.integers(0, 99_999)), st.integers(1, 200), st.integers(1, 8)
)
def test_counters_always_fit_their_place(counts, width, height):
    lines = counters(counts, width, height, CONTEXT)
    assert len(lines) <= height
    assert all(width_of(line) <= width for line in lines)


AGES = [(None, "no data yet"), (0.2, "data 0s old"), (42.0, "data 42s old"), (200.0, "data 3m old")]


@pytest.mark.parametrize(("age", "text"), AGES)
@pytest.mark.parametrize("height", [1, 4, 6])
def test_the_pulse_tells_the_time_and_the_datas_age(age, text, height):
    lines = said(pulse(age, height, CONTEXT))
    assert len(lines) == height
    assert lines[-1].endswith(text)
    assert clock(NOW, ":%S") in lines[-1]


def test_only_the_last_line_of_the_pulse_changes_within_a_minute():
    one, other = (pulse(0.0, 4, DrawContext(UNICODE, PALETTES["dark"], at)) for at in (NOW, NOW + 1))
    assert one[:3] == other[:3]
    assert one[3] != other[3]


def test_old_data_is_told_louder_and_louder():
    styles = [pulse(age, 4, CONTEXT)[-1][-1].style for age in (0.0, 10.0, 60.0)]
    assert len(set(map(str, styles))) == 3


def told(rows, width=80, context=CONTEXT, name="api"):
    entries = [Entry(info(row.handle, f"{name}-{row.handle}"), row) for row in rows]
    return ["".join(segment.text for segment in line) for line in headlines(entries, width, context)]


def test_only_trouble_is_told_with_its_reason_and_age():
    rows = [failed(1), row(2), failed(3, State.FAILING, streak=1, needed=3), row(4, State.PAUSED)]
    assert told(rows, 100) == [
        " ✖ DOWN  api-1 connection refused 10m    ◆ failing 1/3  api-3 connection refused 10m"
    ]


def test_what_does_not_fit_has_a_line_of_its_own():
    assert [line.split()[2] for line in told([failed(1), failed(2)], 50)] == ["api-1", "api-2"]


def test_of_very_many_the_number_is_reported():
    assert told([failed(handle) for handle in range(250)])[-1].endswith("and 150 more")


def test_nothing_is_told_of_what_is_well():
    assert told([row(1), row(2, State.PENDING)]) == []


@given(
    st.text(max_size=60),
    st.text(max_size=90),
    st.integers(30, 120),
    st.sampled_from([CONTEXT, POOR]),
)
def test_no_line_is_wider_than_the_wall(name, message, width, context):
    entries = [Entry(info(handle, name), failed(handle, message=message)) for handle in range(3)]
    assert all(width_of(line) <= width for line in headlines(entries, width, context))


def test_a_cut_message_says_so_and_leaves_room_for_the_age():
    (line,) = told([failed(1, message="expected json $.status ok, got starting up slowly")], 50)
    assert line.endswith("… 10m")


# ---- tiles


def drawn(row, width=24, height=3, context=CONTEXT, **of_card):
    lines = tile(Entry(info(1, **of_card), row), width, height, context)
    return ["".join(segment.text for segment in line) for line in lines]


SIZES = [
    ("up", row(1), (24, 1), [" ● api-eu          42ms "]),
    ("up", row(1), (19, 1), ["● api-eu       42ms"]),
    ("up", row(1), (19, 2), [" ● api-eu          ", " up           42ms "]),
    ("up", row(1), (19, 3), [" ● api-eu          ", " up           42ms ", " pay               "]),
    ("down", failed(1), (19, 1), ["✖ api-eu       DOWN"]),
    ("down", failed(1), (19, 2), [" ✖ api-eu          ", " DOWN          10m "]),
    ("down", failed(1), (20, 3), [" ✖ api-eu           ", " DOWN           10m ", " connection refused "]),
    ("down", failed(1, acknowledged=True, flapping=True), (16, 2), [" ✖ api-eu       ", " DOWN a ~   10m "]),
    ("failing", failed(1, State.FAILING, streak=2, needed=3), (19, 1), ["◆ api-eu   fail 2/3"]),
    ("pending", row(1, State.PENDING, latency_ms=None), (19, 1), ["○ api-eu    pending"]),
    ("inconclusive", row(1, State.INCONCLUSIVE), (19, 2), [" ? api-eu          ", " inconcl       10m "]),
]  # fmt: skip


@pytest.mark.parametrize(("state", "row", "size", "lines"), SIZES)
def test_every_size_tells_name_state_and_figure(state, row, size, lines):
    assert row.state == state
    assert drawn(row, *size, name="api-eu", group="pay") == lines


LARGE = [
    (row(1), ["● api-eu", "up", "pay", "", "█ █ ▀▀█", "▀▀█ █▀▀", "  ▀ ▀▀▀ ms"]),
    (failed(1), ["✖ api-eu", "DOWN", "connection refused", "", "", "", "▀█  █▀█", " █  █ █", "▀▀▀ ▀▀▀ m"]),
    (row(1, latency_ms=None), ["● api-eu", "up                   -", "pay", "", "", "", ""]),
]


@pytest.mark.parametrize(("row", "lines"), LARGE)
def test_a_large_tile_has_its_figure_in_large_digits(row, lines):
    told = drawn(row, 24, 11, name="api-eu", group="pay")
    assert [line.strip() for line in told][2:] == [line.strip() for line in lines] + [""] * (9 - len(lines))


def test_a_long_reason_is_cut_with_a_sign():
    told = drawn(failed(1, message="read timeout " * 9), 20, 5)
    assert told[2:4] == [" read timeout read  ", " timeout read       "]
    assert told[4].rstrip().endswith("…")


@pytest.mark.parametrize("palette", [*PALETTES.values(), COLOURLESS])
def test_trouble_is_filled_otherwise_than_what_is_well(palette):
    styles = {
        state: tile(Entry(info(1), row(1, state)), 20, 2, DrawContext(UNICODE, palette, NOW))[1][0].style
        for state in State
    }
    assert styles[State.DOWN] not in [style for state, style in styles.items() if state is not State.DOWN]
    assert styles[State.DEGRADED] != styles[State.UP]


@given(
    st.sampled_from(State),
    st.text(max_size=40),
    st.text(max_size=90),
    st.one_of(st.none(), st.floats(0, 1e9)),
    st.integers(1, 90),
    st.integers(1, 30),
    st.sampled_from([CONTEXT, DrawContext(ASCII, COLOURLESS, NOW)]),
)
def test_whatever_is_told_fills_the_tile_exactly(state, name, message, ms, width, height, context):
    told = drawn(row(1, state, message=message, latency_ms=ms), width, height, context, name=name)
    assert [cell_len(line) for line in told] == [width] * height
    assert context is CONTEXT or "".join(told).isascii()
