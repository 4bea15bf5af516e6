"""What is sent of a changed region."""

import pyte
import pytest
from textual.geometry import Region

from monitor.tui.terminal.compositor import Cells


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
