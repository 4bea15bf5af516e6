"""The live table."""

import re

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


# ---- as in a newspaper


def hundred() -> FakeSource:
    return FakeSource([info(n, f"host {n:03}") for n in range(100)], [row(n) for n in range(100)])


@pytest.fixture
async def newspaper(make_seat):
    """A dashboard of 100 endpoints on 200x50, without the detail beside the table."""
    seat = make_seat(hundred())
    async with seat.app.run_test(size=(200, 50)) as seat.pilot:
        await seat.settle()
        await seat.press("d")
        yield seat


def beside(seat, line):
    """The endpoints' names in a line of the screen."""
    return re.findall(r"host \d\d\d", seat.lines()[line])


async def test_lines_that_do_not_fit_flow_into_blocks_with_titles_of_their_own(newspaper):
    assert newspaper.lines()[1].count("NAME") == 2
    assert beside(newspaper, 2) == ["host 000", "host 047"]
    assert beside(newspaper, 48) == ["host 046", "host 093"]
    assert max(len(line) for line in newspaper.lines()) == 200


@pytest.mark.parametrize(
    ("size", "blocks"), [((197, 50), 1), ((198, 50), 2), ((300, 20), 3), ((500, 20), 3), ((300, 60), 2)]
)
async def test_there_are_as_many_blocks_as_fit_and_are_needed(newspaper, size, blocks):
    await newspaper.pilot.resize_terminal(*size)
    await newspaper.pilot.pause()
    assert len(newspaper.app.overview.table.blocks) == blocks
    assert newspaper.lines()[1].count("NAME") == blocks


async def test_a_filter_does_not_change_the_blocks(newspaper):
    newspaper.app.overview.set_filter("host 00")
    await newspaper.pilot.pause()
    assert newspaper.lines()[1].count("NAME") == 2
    assert beside(newspaper, 3) == ["host 001"]


async def test_the_detail_beside_leaves_one_block(newspaper):
    await newspaper.press("d")
    assert newspaper.lines()[1].count("NAME") == 1


BLOCK_MOVES = [
    (["right"], 47), (["j", "right"], 48), (["right", "left"], 0), (["right", "right"], 47), (["left"], 0),
    (["G"], 99), (["pagedown"], 93), (["ctrl+d"], 46), (["G", "left"], 52),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "place"), BLOCK_MOVES)
async def test_moving_between_blocks(newspaper, keys, place):
    await newspaper.press(*keys)
    assert newspaper.app.overview.table.cursor == place
    line = next(line for line in newspaper.lines() if "▌" in line)
    assert f"host {place:03}" in line.partition("▌")[2][:40]


async def test_a_click_is_in_its_block(newspaper):
    await newspaper.pilot.click("Table", offset=(150, 2))
    assert newspaper.current == "host 049"
    await newspaper.pilot.click("Titles", offset=(newspaper.lines()[1].rindex("NAME"), 0))
    assert newspaper.app.overview.arrangement.sort_by == "name"


async def test_only_the_cells_that_changed_are_painted_in_any_block(newspaper):
    table = newspaper.app.overview.table
    await newspaper.until(lambda: newspaper.lines() and len(table._painted) == table.room == 94)
    regions = []
    newspaper.app.overview.table.refresh = lambda *some, **_: regions.extend(some)
    newspaper.source.push(row(50, message="another"))
    await newspaper.settle()
    (region,) = regions
    assert (region.y, region.height) == (3, 1)
    assert 101 <= region.x < region.right <= 200
    assert region.width < 99
