"""The live table."""

import pytest
from fake_source import NOW, FakeSource, failed, info, row
from textual import events


async def test_foreign_text_is_neither_markup_nor_control(seat):
    assert any("[bold]evil␛[31m[/]" in line for line in seat.lines())


MOVES = [
    (["j"], 1), (["down", "down"], 2), (["j", "k"], 0), (["G"], 6), (["end"], 6), (["G", "g"], 0),
    (["G", "home"], 0), (["pagedown"], 6), (["pagedown", "pageup"], 0), (["ctrl+d"], 6), (["G", "ctrl+u"], 0),
    (["k"], 0),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "place"), MOVES)
async def test_moving(seat, keys, place):
    await seat.press(*keys)
    assert seat.app.overview.table.cursor == place


async def test_the_cursor_stays_with_its_endpoint_when_the_order_changes(seat):
    await seat.press("G")
    assert seat.current == "batch"
    seat.seconds = 10
    seat.source.push(failed(5, since=NOW - 9))
    await seat.settle()
    assert seat.names()[0] == "batch"
    assert seat.current == "batch"


async def test_an_untouched_cursor_stays_on_the_worst(seat):
    seat.source.push(failed(5, since=NOW - 9))
    await seat.settle()
    assert seat.current == "batch"


async def test_a_click_selects_and_a_double_click_opens(seat):
    await seat.pilot.click("Table", offset=(30, 2))
    assert seat.current == "api-us"
    await seat.pilot.click("Table", offset=(30, 1), times=2)
    await seat.pilot.pause()
    assert seat.app.screen is not seat.app.overview


def many() -> FakeSource:
    return FakeSource([info(n, f"host {n:04}") for n in range(1000)], [row(n) for n in range(1000)])


@pytest.mark.parametrize("seat", [many], indirect=True)
async def test_the_wheel_scrolls_and_takes_the_cursor_along(seat):
    table = seat.app.overview.table
    for _ in range(3):
        await seat.pilot._post_mouse_events([events.MouseScrollDown], "Table")
    assert table.top == 9
    assert table.cursor == 9


@pytest.mark.parametrize("seat", [many], indirect=True)
async def test_the_cursor_keeps_its_place_on_the_screen_when_rows_move(seat):
    await seat.press("G", "k", "k", "k")
    table = seat.app.overview.table
    offset = table.cursor - table.top
    seat.seconds = 10
    seat.source.push(*(failed(n) for n in range(400, 500)))
    await seat.settle()
    assert seat.current == "host 0996"
    assert table.cursor - table.top == offset
