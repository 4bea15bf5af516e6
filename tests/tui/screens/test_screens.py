"""The table of screens."""

import pytest
from rich.cells import cell_len
from textual.screen import Screen

from monitor.tui.screens import SCREENS


def test_every_screen_in_the_table_exists():
    for make in SCREENS.values():
        assert isinstance(make(), Screen)


async def test_every_view_comes_to_the_front_and_is_used_again(seat):
    for key in "123456123456":
        await seat.press(key)
    assert len(seat.app.screen_stack) == 2
    first = seat.app.screen
    await seat.press("1", "6")
    assert seat.app.screen is first


SIZES = [(40, 10), (60, 15), (80, 24), (120, 40), (200, 50), (400, 120)]
ESSENTIAL = {
    "overview": ((), "api-eu"),
    "aside": (("d",), "api-eu"),
    "detail": (("enter",), "api-eu"),
    "incidents": (("2",), "no incident"),
    "certificates": (("3",), "no endpoint presents"),
    "log": (("4",), "nothing has happened"),
    "wall": (("5",), "api-eu"),
    "config": (("6",), "no config file"),
    "compare": (("v",), "api-eu"),
    "columns": (("C",), "STATE"),
    "help": (("?",), "next line"),
    "filter": (("slash", "a"), "/a"),
    "sorting": (("s",), "s severity"),
    "form": (("n",), "url"),
}
"""What leads to each view, and what has to be seen of it on the smallest terminal."""


@pytest.mark.parametrize("view", ESSENTIAL)
async def test_nothing_is_askew_on_a_terminal_of_any_size(seat, view):
    keys, essential = ESSENTIAL[view]
    await seat.press(*keys)
    for columns, lines in (*SIZES, *reversed(SIZES)):
        await seat.pilot.resize_terminal(columns, lines)
        await seat.until(lambda lines=lines: len(seat.lines()) == lines)
        await seat.pilot.pause()
        assert {cell_len(line) for line in seat.lines()} == {columns}
        assert essential in "\n".join(seat.lines())
