"""The table of screens."""

import pytest
from fake_source import PROBLEMS, mixed
from rich.cells import cell_len
from textual.screen import Screen

from monitor.tui.screens import SCREENS

pytestmark = pytest.mark.long


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
    "side panel": (("d",), "api-eu"),
    "detail": (("enter",), "api-eu"),
    "incidents": (("2",), "no incident"),
    "certificates": (("3",), "no endpoint presents"),
    "log": (("4",), "nothing has happened"),
    "wall": (("5",), "api-eu"),
    "config": (("6",), "in force"),
    "silences": (("7",), "nothing is silenced"),
    "compare": (("v",), "api-eu"),
    "columns": (("C",), "STATE"),
    "help": (("?",), "problems only"),
    "filter": (("slash", "a"), "/a"),
    "sorting": (("s",), "s severity"),
    "form": (("n",), "url"),
}
"""What leads to each view, and what must be seen of it on the smallest terminal."""


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


TINY = {
    (36, 8): ("STATE", "api-eu", "? help"),
    (20, 5): ("api-eu", "? help"),
    (20, 3): ("✖1", "api-eu", "1/7"),
    (20, 2): ("✖1", "api-eu"),
    (20, 1): ("✖1",),
    (4, 1): ("✖1",),
    (1, 1): (),
}
"""What is left on terminals smaller than any that one works on: the worst, in a line at least."""


@pytest.mark.parametrize("size", TINY, ids=str)
async def test_a_tiny_terminal_is_told_the_worst(make_seat, size):
    seat = make_seat(mixed())
    async with seat.app.run_test(size=size) as seat.pilot:
        await seat.settle()
        assert all(essential in "\n".join(seat.lines()) for essential in TINY[size])


async def test_where_something_is_cut_a_blank_stands_before_what_comes_next(seat):
    await seat.pilot.resize_terminal(30, 6)
    await seat.press("enter")
    assert seat.lines()[1].endswith(" 1 of 7 ")
    await seat.press("5")
    assert " data " in seat.lines()[0]
    assert seat.lines()[0][8] == " "


async def test_problems_and_keys_are_seen_on_a_low_terminal_too(seat):
    seat.app.board.problems = PROBLEMS
    await seat.pilot.resize_terminal(60, 8)
    await seat.press("6")
    assert "endpoints[2].interval" in seat.lines()[3]
    assert "? help" in seat.lines()[-1]
