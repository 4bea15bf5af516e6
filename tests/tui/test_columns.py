"""Which columns fit, and what they show."""

import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

sys.path.insert(0, str(Path(__file__).parent))
from fake_source import NOW, mixed

from monitor.tui.board import Board
from monitor.tui.columns import Look, cut, fit
from monitor.tui.symbols import ASCII, UNICODE
from monitor.tui.theme import COLOURLESS, PALETTES

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
