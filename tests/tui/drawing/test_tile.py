"""One tile of the wall."""

import pytest
from fake_source import NOW, failed, info, row
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from monitor.model import State
from monitor.tui.data.board import Entry
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.drawing.tile import tile
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import COLOURLESS, PALETTES

CONTEXT = DrawContext(UNICODE, PALETTES["dark"], NOW)


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
