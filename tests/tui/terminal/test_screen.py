"""A screen sends only changed cells, and stays live under overlays."""

import signal

import pyte
import pytest
from terminal_pty import HERE, Terminal
from textual.geometry import Region
from textual.screen import ModalScreen, Screen

from monitor.tui.terminal.screen import Cells, visible_screen


def test_overlays_do_not_hide_the_screen_below():
    below, overlay, another = Screen(), ModalScreen(), ModalScreen()
    assert visible_screen([below, overlay, another]) is below
    assert visible_screen([below, Screen(), overlay]) is not below
    assert visible_screen([]) is None


OVERLAYS = {
    "filter": ("/", "!not"),
    "sort": ("s", "s severity"),
    "copy": ("y", "JSON"),
    "delete": ("D", "y deletes"),
    "time": ("t", "a time:"),
    "palette": (":", "command or endpoint"),
    "help": ("?", "General"),
    "columns": ("C", "always shown"),
    "form": ("n", "new endpoint"),
    "time over the wall": ("5t", "a time:"),
    "palette over the wall": ("5:", "command or endpoint"),
    "time over the detail": ("\rt", "a time:"),
}
"""The keys that open an overlay, and what it shows."""


@pytest.mark.parametrize(("keys", "sign"), OVERLAYS.values(), ids=OVERLAYS)
def test_a_server_that_breaks_is_seen_behind_every_overlay(keys, sign):
    with Terminal(str(HERE / "fake_dashboard.py"), "--break-on-signal", size=(120, 30)) as terminal:
        terminal.shows("1 DOWN")
        for key in keys:
            terminal.type(key)
        terminal.shows(sign)
        terminal.signal(signal.SIGUSR1)
        terminal.until(lambda: any(count in terminal.text() for count in ("3 DOWN", "▀▀█")))
        assert sign in terminal.text()
        terminal.falls_silent(0.3)


def sent(app, *regions):
    """What a terminal is sent when these regions of the table have to be painted."""
    compositor, table = app.screen._compositor, app.overview.table
    table._exchange_repaint_regions()
    table.refresh(*regions)
    compositor.update_widgets({table})
    update = compositor.render_partial_update()
    assert isinstance(update, Cells)
    return update.render_segments(app.console)


SPANS = [
    [Region(0, 0, 120, 1)], [Region(40, 1, 10, 1)], [Region(40, 1, 10, 1), Region(100, 1, 20, 1)],
    [Region(30, 0, 5, 5), Region(33, 2, 20, 2)],
]  # fmt: skip


@pytest.mark.parametrize("regions", SPANS)
async def test_exactly_the_cells_of_the_region_are_sent(seat, regions):
    screen = pyte.Screen(120, 30)
    pyte.Stream(screen).feed(sent(seat.app, *regions))
    table = seat.app.overview.table.region
    due = {(x + table.x, y + table.y) for region in regions for x, y in cells(region)}
    drawn = seat.lines()
    for y, line in enumerate(screen.display):
        for x, sign in enumerate(line):
            assert sign == (drawn[y][x] if (x, y) in due else " ")


def cells(region):
    return [(x, y) for y in region.line_range for x in region.column_range]


async def test_what_stands_before_a_change_is_not_sent(seat):
    assert len(sent(seat.app, Region(100, 1, 4, 1))) < 120  # the whole line has several hundred
