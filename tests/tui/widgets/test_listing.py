"""The list with a cursor."""

import sys
from pathlib import Path

import pytest
from textual import events
from textual.app import App

sys.path.insert(0, str(Path(__file__).parent.parent))

from monitor.model import State
from monitor.tui.symbols import UNICODE
from monitor.tui.theme import PALETTES
from monitor.tui.widgets.listing import Listing
from monitor.tui.widgets.pen import Pen

PEN = Pen(UNICODE, PALETTES["dark"])


class Sample(App):
    clicked = 0

    def compose(self):
        yield Listing()

    def on_listing_clicked(self):
        self.clicked += 1


@pytest.fixture
async def listing():
    app = Sample()
    async with app.run_test(size=(20, 5)) as pilot:
        shown = app.query_one(Listing)
        shown.focus()
        shown.show([PEN.line(f"line {number}") for number in range(12)], PEN)
        shown.pilot = pilot
        await pilot.pause()
        yield shown


def lines(listing):
    return [listing.render_line(y).text.rstrip() for y in range(listing.size.height)]


MOVES = [("j", 1), ("down", 1), ("k", 0), ("G", 11), ("end", 11), ("G g", 0), ("G home", 0), ("G k up", 9),
    ("pagedown", 4), ("ctrl+d pagedown", 8), ("G pageup", 7), ("G ctrl+u", 7)]  # fmt: skip


@pytest.mark.parametrize(("keys", "place"), MOVES)
async def test_moving(listing, keys, place):
    await listing.pilot.press(*keys.split())
    assert listing.cursor == place
    assert f"▌line {place}" in lines(listing)


async def test_the_line_under_the_cursor_is_in_sight(listing):
    await listing.pilot.press("G")
    assert lines(listing)[-1] == "▌line 11"
    await listing.pilot.press("g")
    assert lines(listing)[0] == "▌line 0"


async def test_the_wheel_moves_and_a_click_selects(listing):
    await listing.pilot._post_mouse_events([events.MouseScrollDown], "Listing")
    assert listing.cursor == 3
    await listing.pilot._post_mouse_events([events.MouseScrollUp], "Listing")
    await listing.pilot.click("Listing", offset=(3, 2))
    assert (listing.cursor, listing.app.clicked) == (2, 1)


async def test_fewer_lines_leave_the_cursor_on_one(listing):
    await listing.pilot.press("G")
    listing.show([PEN.line("alone")], PEN)
    assert (listing.cursor, lines(listing)[0]) == (0, "▌alone")
    listing.show([], PEN)
    assert lines(listing) == [""] * 5
    await listing.pilot.click("Listing", offset=(3, 2))
    assert listing.app.clicked == 0


async def test_only_what_looks_different_is_painted(listing, monkeypatch):
    painted = []
    monkeypatch.setattr(listing, "refresh", lambda region: painted.append(region.y))
    await listing.pilot.press("j")
    assert sorted(painted) == [0, 1]


async def test_the_line_under_the_cursor_is_lit_where_it_has_no_colour_of_its_own(listing):
    down = PEN.palette.states[State.DOWN]
    listing.show([PEN.line("plain ", ("DOWN", down))], PEN)
    grounds = {s.text.strip(): s.style.bgcolor for s in listing.render_line(0) if s.text.strip()}
    assert grounds["plain"] == PEN.palette.cursor.bgcolor
    assert grounds["DOWN"] == down.bgcolor
