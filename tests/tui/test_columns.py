"""Which columns fit, and what they show."""

import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

sys.path.insert(0, str(Path(__file__).parent))
from fake_source import NOW, card, failed, mixed, row

from monitor.tui.board import Board, Entry
from monitor.tui.columns import Look, cut, fit
from monitor.tui.symbols import ASCII, UNICODE
from monitor.tui.theme import COLOURLESS, PALETTES

SHOWN = [
    (200, "state latency recent uptime since name detail group kind cert"),
    (120, "state latency recent uptime since name detail"),
    (80, "state latency recent uptime since name detail"),
    (66, "state latency recent since name detail"),
    (60, "state latency since name detail"),
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


@pytest.mark.parametrize(
    ("width", "expected"),
    [(13, "✖ DOWN a ~"), (17, "✖ DOWN 1/2 ok a ~"), (10, "✖ DOWN a ~"), (8, "✖ DO a ~")],
)
def test_what_is_marked_stays_marked_in_little_room(width, expected):
    entry = Entry(card(0), failed(0, streak=1, needed=2, acknowledged=True, flapping=True))
    look = Look(UNICODE, COLOURLESS, NOW)
    (cell,) = fit(80, 20)[0].column.draw(entry, width, look)
    assert cell.text.rstrip() == expected


def test_a_certificate_that_ends_soon_is_told_first_and_as_a_warning():
    entry = Entry(card(0), row(0, not_after=NOW + 3 * 86400))
    look = Look(UNICODE, COLOURLESS, NOW)
    (cell,) = fit(80, 20)[-1].column.draw(entry, 16, look)
    assert (cell.text.rstrip(), cell.style) == ("cert 3d · 200 OK", COLOURLESS.warn)


def test_eighty_columns_tell_a_name_and_a_reason():
    widths = {placed.column.name: placed.width for placed in fit(80, 30)}
    assert widths["name"] >= 16
    assert widths["detail"] >= len("connection refused")


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
