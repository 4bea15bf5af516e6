"""Which columns fit, and what they show."""

import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

sys.path.insert(0, str(Path(__file__).parent))
from fake_source import NOW, mixed

from monitor.tui import words
from monitor.tui.board import Board
from monitor.tui.columns import Look, cut, fit
from monitor.tui.symbols import ASCII, UNICODE, choose
from monitor.tui.theme import COLOURLESS, PALETTES
from monitor.tui.widgets.sparkline import scale, sparkline

SHOWN = [
    (200, "state latency recent uptime since name detail group kind cert"),
    (120, "state latency recent uptime since name detail"),
    (80, "state latency recent uptime since name detail"),
    (60, "state latency uptime since name detail"),
    (40, "state name detail"),
    (20, "state name"),
    (5, "state name"),
]


@pytest.mark.parametrize(("width", "names"), SHOWN)
def test_columns_go_one_by_one_as_the_screen_narrows(width, names):
    assert [placed.column.name for placed in fit(width, 20)] == names.split()


@pytest.mark.parametrize("width", range(20, 260))
def test_columns_fill_the_width_exactly(width):
    last = fit(width, 30)[-1]
    assert last.x + last.width == width


@pytest.mark.parametrize("palette", [*PALETTES.values(), COLOURLESS])
@pytest.mark.parametrize("symbols", [UNICODE, ASCII])
def test_every_cell_has_exactly_its_width(palette, symbols):
    board = Board(clock=lambda: NOW)
    board.reset(mixed().snapshot)
    look = Look(symbols, palette, NOW)
    for placed in fit(200, 12):
        for entry in board.entries.values():
            cell = placed.column.draw(entry, placed.width, look)
            assert sum(cell_len(segment.text) for segment in cell) == placed.width
            assert symbols is UNICODE or "".join(segment.text for segment in cell).isascii()


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("abc", 5, "abc  "),
        ("abcdef", 4, "abc…"),
        ("日本語", 4, "日 …"),
        ("x", 1, "x"),
        ("日", 1, " "),
        ("", 2, "  "),
    ],
)
def test_cutting(text, width, expected):
    assert cut(text, width, UNICODE) == expected


AGES = [
    (-5, "<1m"),
    (0, "<1m"),
    (59, "<1m"),
    (60, "1m"),
    (3599, "59m"),
    (7200, "2h"),
    (86400 * 6, "6d"),
    (86400 * 30, "4w"),
]


@pytest.mark.parametrize(("seconds", "text"), AGES)
def test_ages(seconds, text):
    assert words.age(seconds) == text


LATENCIES = [
    (None, "-"),
    (0.449, "0.45ms"),
    (41.72, "41.7ms"),
    (812.4, "812ms"),
    (2131, "2.13s"),
    (99_999, "100s"),
]


@pytest.mark.parametrize(("ms", "text"), LATENCIES)
def test_latencies(ms, text):
    assert words.latency(ms) == text


@pytest.mark.parametrize(
    ("share", "text"), [(None, "-"), (1.0, "100%"), (0.99999, "99.99%"), (0.5, "50.00%"), (0.0, "0.0%")]
)
def test_uptime_is_never_rounded_up_to_all(share, text):
    assert words.uptime(share) == text


def test_the_scale_is_what_warn_allows_or_a_round_number():
    assert scale([10, 40], 50.0) == 50.0
    assert scale([10, 40], None) == 50.0
    assert scale([120], 100.0) == 200.0
    assert scale([], None) == 1.0
    assert scale([3], 1000.0) == 5.0


def test_failures_and_gaps_have_signs_of_their_own():
    drawn = sparkline(
        "uugdi", [1.0, 5.0, 10.0, -1.0, -1.0], 8, warn_ms=10.0, symbols=UNICODE, palette=COLOURLESS
    )
    assert "".join(segment.text for segment in drawn) == "   ▁▅█✖·"


LOCALES = [
    ({"LANG": "C.UTF-8"}, UNICODE),
    ({"LANG": "de_DE.utf8"}, UNICODE),
    ({"LC_ALL": "C", "LANG": "C.UTF-8"}, ASCII),
    ({"LANG": "C"}, ASCII),
    ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, ASCII),
    ({"LANG": "C", "LC_CTYPE": "en_US.UTF-8"}, UNICODE),
    ({}, ASCII),
    ({"LANG": "C.UTF-8", "TERM": "linux"}, ASCII),
    ({"LANG": "ja_JP.eucJP"}, ASCII),
]


@pytest.mark.parametrize(("environ", "symbols"), LOCALES)
def test_signs_follow_the_locale(environ, symbols):
    assert choose(environ) is symbols


def test_signs_are_one_cell_wide():
    for symbols in (UNICODE, ASCII):
        signs = [*symbols.states.values(), *symbols.bars, symbols.failure, symbols.gap, symbols.cursor]
        assert all(cell_len(sign) == 1 for sign in signs)
        assert len(set(symbols.states.values())) == len(symbols.states)
