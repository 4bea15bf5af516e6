"""Uptimes over the usual windows."""

import pytest
from fake_source import NOW, info, mixed, row

from monitor.link.figures import WINDOWS, UptimeFigures
from monitor.link.messages import Changes
from monitor.tui.data import uptimes
from monitor.tui.data.board import Board, Entry


def test_every_window_has_its_figure():
    entry = Entry(info(0), row(0, uptime=0.9999))
    entry.uptimes = (10_000, None, 9990, 9512)
    assert [uptimes.shown(entry, window) for window in WINDOWS] == [10_000, 9999, 9990, 9512]


def test_an_unknown_figure_is_unknown():
    entry = Entry(info(0), row(0, uptime=None))
    assert [uptimes.shown(entry, window) for window in WINDOWS] == [None] * 4


@pytest.mark.parametrize(
    ("names", "windows"),
    [
        ({"state", "uptime"}, ()),
        ({"uptime1h"}, ("1h",)),
        ({"uptime30d", "uptime", "uptime7d"}, ("7d", "30d")),
    ],
)
def test_only_windows_in_use_are_asked_for_and_the_day_comes_with_the_status(names, windows):
    assert uptimes.windows(names) == windows


def test_a_board_keeps_the_figures_until_they_change():
    board = Board(clock=lambda: NOW)
    board.reset(mixed().snapshot)
    board.apply(
        Changes(now=NOW, uptimes=(UptimeFigures(0, (10_000, None, 9990, 0)), UptimeFigures(99, (0, 0, 0, 0))))
    )
    seen = board.revision
    assert board.entries[0].uptimes == (10_000, None, 9990, 0)
    board.apply(Changes(now=NOW, statuses=(row(0),)))
    assert board.entries[0].uptimes == (10_000, None, 9990, 0)
    board.apply(Changes(now=NOW, uptimes=(UptimeFigures(0, (9990, None, 9990, 0)),)))
    assert [one.info.handle for one in board.changed_since(seen + 1)] == [0]


def test_a_row_for_a_file_has_the_known_uptimes():
    entry = Entry(info(1, "shop"), row(1, uptime=0.9995))
    entry.uptimes = tuple(9000 if window == "7d" else None for window in WINDOWS)
    written = uptimes.endpoint_row(entry, NOW)
    assert (written["name"], written["state"]) == ("shop", "up")
    assert written["uptime"] == {"1h": None, "24h": 0.9995, "7d": 0.9, "30d": None}
