"""A wall's tiles."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.tui.lists.tiling import LEAST_WIDTH, Tile, pages

walls = st.tuples(st.integers(0, 1200), st.integers(0, 60), st.integers(1, 400), st.integers(1, 120))


def whole(wall):
    count, tall, width, height = wall
    return pages(count, min(tall, count), width, height)


def cells(tile):
    return {(x, y) for x in range(tile.x, tile.x + tile.width) for y in range(tile.y, tile.y + tile.height)}


@given(walls)
def test_every_endpoint_has_one_tile(wall):
    assert sum(map(len, whole(wall))) == wall[0]


@given(walls)
def test_no_tile_overlaps_another_or_leaves_the_wall(wall):
    _, _, width, height = wall
    for page in whole(wall)[:2]:
        taken = [cell for tile in page for cell in cells(tile)]
        assert len(taken) == len(set(taken))
        assert all(0 <= x < width and 0 <= y < height for x, y in taken)


@given(walls)
def test_a_name_has_room_on_every_tile(wall):
    for page in whole(wall):
        assert all(tile.width >= min(LEAST_WIDTH, wall[2]) for tile in page)


@given(walls)
def test_no_page_is_made_without_need(wall):
    count, _, width, height = wall
    assert len(whole(wall)) == len(pages(count, 0, width, height))
    least = max((width + 1) // (LEAST_WIDTH + 1), 1) * height
    assert len(whole(wall)) == -(-count // least)


@given(walls)
def test_tall_tiles_come_first_and_are_twice_as_high(wall):
    for page in whole(wall):
        heights = [tile.height for tile in page]
        assert heights == sorted(heights, reverse=True)
        assert len(set(heights)) <= 2
        if len(set(heights)) == 2:
            assert max(heights) - 2 * min(heights) in (0, 1)  # the gap between two units


@given(walls)
def test_tiles_of_several_lines_are_apart(wall):
    for page in whole(wall):
        ends = {(tile.x, tile.y + tile.height) for tile in page if tile.height > 2}
        assert not any((tile.x, tile.y) in ends for tile in page)


@given(walls)
def test_all_pages_have_tiles_of_the_same_sizes(wall):
    made = whole(wall)
    assert len({tile.height for page in made for tile in page}) <= 2


@given(st.integers(1, 400), st.integers(1, 120))
def test_fewer_endpoints_never_have_smaller_tiles(width, height):
    areas = [pages(count, 0, width, height) for count in (400, 100, 30, 10, 3, 1)]
    heights = [page[0][0].height for page in areas]
    widths = [page[0][0].width for page in areas]
    legible = [min(w / 6, h + 1) for w, h in zip(widths, heights, strict=True)]
    assert all(few >= many - 1 for many, few in pairwise(legible))


SIZES = [
    # endpoints, down, width, height: pages, columns, heights of tiles
    ((1, 0, 80, 20), 1, 1, {20}),
    ((12, 0, 80, 20), 1, 3, {4}),
    ((30, 2, 80, 20), 1, 4, {1, 3}),
    ((30, 2, 120, 34), 1, 4, {3, 7}),
    ((100, 3, 200, 44), 1, 10, {3, 7}),
    ((300, 5, 200, 44), 1, 7, {1, 2}),
    ((1000, 0, 200, 44), 3, 8, {1}),
    ((1000, 40, 400, 114), 1, 19, {1, 3}),
    ((30, 30, 40, 8), 2, 2, {1}),
    ((8, 1, 40, 8), 1, 2, {1, 2}),
    ((0, 0, 80, 20), 0, 0, set()),
]


@pytest.mark.parametrize(("wall", "count", "columns", "heights"), SIZES)
def test_walls_of_usual_sizes(wall, count, columns, heights):
    made = pages(*wall)
    tiles = [tile for page in made for tile in page]
    assert len(made) == count
    assert len({tile.x for tile in tiles}) == columns
    assert {tile.height for tile in tiles} == heights


def test_what_stands_beside_tall_tiles_fills_the_band():
    (page,) = pages(4, 1, 59, 2)
    assert page == (Tile(0, 0, 19, 2), Tile(20, 0, 19, 1), Tile(40, 0, 19, 1), Tile(20, 1, 19, 1))
