"""The list with a cursor."""

import pytest
from textual import events
from textual.app import App

from monitor.model import State
from monitor.tui.drawing.text_layout import TextLayout
from monitor.tui.terminal.symbols import UNICODE
from monitor.tui.terminal.theme import PALETTES
from monitor.tui.widgets.listing import Listing, ready

LAYOUT = TextLayout(UNICODE, PALETTES["dark"])


class Sample(App):
    def __init__(self, key):
        super().__init__()
        self.key = key
        self.clicked = []

    def compose(self):
        yield Listing(lambda number, width, layout: layout.line(f"line {number}"[:width]), self.key)

    def on_listing_clicked(self, message):
        self.clicked.append(message.times)


@pytest.fixture(params=[None])
async def listing(request):
    app = Sample(request.param)
    async with app.run_test(size=(20, 5)) as pilot:
        shown = app.query_one(Listing)
        shown.focus()
        shown.show(range(12), LAYOUT)
        shown.pilot = pilot
        await pilot.pause()
        yield shown


def lines(listing):
    return [listing.render_line(y).text.rstrip() for y in range(listing.size.height)]


MOVES = [
    ("j", 1),
    ("down", 1),
    ("k", 0),
    ("G", 11),
    ("end", 11),
    ("G g", 0),
    ("G home", 0),
    ("G k up", 9),
    ("pagedown", 4),
]
MOVES += [("pagedown pageup", 0), ("G pagedown", 11), ("ctrl+u", 0), ("ctrl+d pagedown", 8), ("G ctrl+u", 7)]


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
    assert (listing.cursor, listing.app.clicked) == (2, [1])


async def test_fewer_lines_leave_the_cursor_on_one(listing):
    await listing.pilot.press("G")
    listing.show([7], LAYOUT)
    assert (listing.cursor, listing.current, lines(listing)[0]) == (0, 7, "▌line 7")
    listing.show([], LAYOUT)
    assert lines(listing) == [""] * 5
    await listing.pilot.click("Listing", offset=(3, 2))
    assert (listing.app.clicked, listing.current) == ([], None)


async def test_only_what_looks_different_is_painted(listing, monkeypatch):
    painted = []
    monkeypatch.setattr(listing, "refresh", lambda region: painted.append(region.y))
    await listing.pilot.press("j")
    assert sorted(painted) == [0, 1]


async def test_the_line_under_the_cursor_is_lit_where_it_has_no_colour_of_its_own():
    down = LAYOUT.palette.states[State.DOWN]
    listing = Listing(ready)
    app = App()
    async with app.run_test(size=(20, 5)) as pilot:
        await app.mount(listing)
        await pilot.pause()
        listing.show([LAYOUT.line("plain ", ("DOWN", down)), LAYOUT.line("other")], LAYOUT)
        grounds = {s.text.strip(): s.style.bgcolor for y in range(2) for s in listing.render_line(y)}
    assert grounds["plain"] == LAYOUT.palette.cursor.bgcolor
    assert grounds["DOWN"] == down.bgcolor
    assert grounds["other"] != LAYOUT.palette.cursor.bgcolor


async def test_what_lies_below_is_counted(listing):
    assert listing.below == 7
    await listing.pilot.press("G")
    assert listing.below == 0


@pytest.mark.parametrize("listing", [lambda number: number], indirect=True)
async def test_the_cursor_goes_where_its_row_goes_and_stays_there_on_the_screen(listing):
    await listing.pilot.press("G", "k", "k", "k")
    place = lines(listing).index("▌line 8")
    listing.show([*range(100, 120), *range(12)], LAYOUT)
    assert (listing.current, lines(listing).index("▌line 8")) == (8, place)
    listing.show([number for number in range(12) if number != 8], LAYOUT)
    assert listing.current == 11


async def test_without_keys_the_cursor_stays_at_its_place(listing):
    await listing.pilot.press("j")
    listing.show(range(50, 60), LAYOUT)
    assert listing.current == 51
