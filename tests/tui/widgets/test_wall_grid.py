"""The wall's tiles as they are painted."""

import pytest
from fake_source import NOW, FakeSource, failed, info, row
from rich.cells import cell_len

from monitor.model import State
from monitor.tui.screens.wall import ORDER_SECONDS
from monitor.tui.widgets.wall_grid import WallGrid


def many() -> FakeSource:
    return FakeSource([info(n, f"host {n:04}") for n in range(1000)], [row(n) for n in range(1000)])


@pytest.fixture
async def wall(seat):
    await seat.press("5")
    seat.wall_grid = seat.app.screen.query_one(WallGrid)
    return seat


def repainted(wall_grid, monkeypatch):
    regions = []
    monkeypatch.setattr(wall_grid, "refresh", lambda *found, **_: regions.extend(found or ["all"]))
    return regions


async def test_only_the_lines_of_a_tile_that_differ_are_painted(wall, monkeypatch):
    regions = repainted(wall.wall_grid, monkeypatch)
    wall.source.push(row(3, latency_ms=77.0))
    await wall.settle()
    assert [(region.height, region.width) for region in regions] == [(1, 39)] * 3


async def test_a_check_that_changes_nothing_paints_nothing(wall, monkeypatch):
    regions = repainted(wall.wall_grid, monkeypatch)
    wall.source.push(row(3, latency_ms=41.9))
    await wall.settle()
    assert regions == []


async def test_what_goes_down_comes_first_and_grows(wall):
    assert wall.wall_grid.shown[0].info.name == "api-eu"
    heights = [painted.place.height for painted in wall.wall_grid._painted]
    wall.seconds += ORDER_SECONDS
    wall.source.push(failed(5, since=NOW - 9))
    await wall.settle()
    taller = [painted.place.height for painted in wall.wall_grid._painted]
    assert heights.count(max(heights)) == 1
    assert taller.count(max(taller)) == 2
    assert [entry.info.name for entry in wall.wall_grid.shown][:2] == ["batch", "api-eu"]


async def test_a_new_size_lays_the_tiles_anew(wall):
    await wall.pilot.resize_terminal(40, 10)
    await wall.pilot.pause()
    assert wall.wall_grid.render_line(0).text == " ✖ api-eu           ◆ search    fail 2/3"
    assert all(cell_len(line) == 40 for line in wall.lines())


@pytest.mark.parametrize("seat", [many], indirect=True)
async def test_what_does_not_fit_has_pages(wall):
    wall_grid = wall.wall_grid
    assert wall_grid.pages > 1
    seen = []
    for page in range(wall_grid.pages):
        assert wall_grid.show(wall_grid._entries, 0, page, wall.app.draw_context()) == page
        seen += [entry.info.handle for entry in wall_grid.shown]
    assert seen == list(range(1000))
    assert wall_grid.show(wall_grid._entries[:3], 0, 2, wall.app.draw_context()) == 0


async def test_an_empty_wall_is_blank(wall):
    wall.wall_grid.show([], 0, 0, wall.app.draw_context())
    assert wall.wall_grid.pages == 1
    assert wall.wall_grid.render_line(0).text.isspace()


async def test_a_state_is_told_by_sign_word_and_fill(wall):
    strip = wall.wall_grid.render_line(0)
    tiles = wall.app.draw_context().palette.tiles
    assert next(iter(strip)).style.bgcolor == tiles[State.DOWN].bgcolor
