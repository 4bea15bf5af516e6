"""The wall, in a terminal without a screen."""

import pytest
from fake_source import NOW, PROBLEMS, FakeSource, failed, info, mixed, row
from rich.cells import cell_len

from monitor.link.messages import EngineStats
from monitor.tui.app import Dashboard
from monitor.tui.screens.wall import ORDER_SECONDS, PAGE_SECONDS


def many() -> FakeSource:
    infos = [info(n, f"host {n:04}", group="eu" if n % 2 else "us") for n in range(1000)]
    return FakeSource(infos, [row(n) for n in range(1000)])


@pytest.fixture
async def wall(seat):
    await seat.press("5")
    return seat


def shown(wall):
    return [entry.info.name for entry in wall.app.screen.wall_grid.shown]


async def test_the_wall_counts_and_shows_everything_worst_first(wall):
    assert [word for word in wall.lines()[3].split() if word.isalpha()][:3] == ["DOWN", "failing", "degraded"]
    assert shown(wall)[:3] == ["api-eu", "search", "api-us"]
    assert len(shown(wall)) == 7


async def test_the_bottom_line_tells_what_is_wrong(wall):
    assert wall.lines()[-1].startswith(" ✖ DOWN  api-eu connection refused 10m    ◆ failing 2/3  search")


async def test_it_says_so_when_nothing_is_wrong(wall):
    wall.source.push(row(1), row(2), row(4))
    await wall.settle()
    assert wall.lines()[-1].startswith(" nothing is wrong")


async def test_what_changes_is_told_at_once_and_has_its_place_a_little_later(wall):
    before = shown(wall)
    wall.source.push(failed(5, since=NOW - 9))
    await wall.settle()
    assert shown(wall) == before
    assert any("✖ batch" in line for line in wall.lines())
    wall.seconds += ORDER_SECONDS
    wall.app.board_changed()
    assert shown(wall)[:2] == ["batch", "api-eu"]


async def test_what_comes_and_goes_has_its_place_at_once(wall):
    wall.source.push(row(9), infos=(info(9, "newcomer"),), order=(0, 9, 1))
    await wall.settle()
    assert shown(wall) == ["api-eu", "webhooks", "newcomer"]


@pytest.mark.parametrize("key", ["1", "q", "escape"])
async def test_every_way_back_leads_to_the_overview(wall, key):
    await wall.press(key)
    assert wall.app.screen is wall.app.overview


async def test_the_overviews_filter_selects_and_its_order_does_not_matter(seat):
    await seat.press("s", "n", "slash", *"g:payments", "enter", "5")
    assert shown(seat) == ["api-eu", "api-us", "webhooks"]
    assert "/g:payments" in seat.lines()[-1]
    await seat.press("1", "escape", "exclamation_mark", "5")
    assert shown(seat) == ["api-eu", "search", "api-us"]
    assert "problems only" in seat.lines()[-1]


async def test_a_filter_that_fits_nothing_is_told_of(seat):
    await seat.press("slash", *"nowhere", "enter", "5")
    assert "no endpoint fits" in seat.lines()[-1]


@pytest.mark.parametrize("seat", [many], indirect=True)
async def test_a_page_stays_for_a_while_and_then_the_next_comes(wall):
    screen = wall.app.screen
    pages = screen.wall_grid.pages
    first = shown(wall)
    assert f"page 1/{pages}" in wall.lines()[-1]
    wall.seconds = PAGE_SECONDS - 1
    screen.tick()
    assert shown(wall) == first
    for page in [*range(2, pages + 1), 1]:
        wall.seconds += PAGE_SECONDS
        screen.tick()
        await wall.pilot.pause()
        assert f"page {page}/{pages}" in wall.lines()[-1]
    assert shown(wall) == first


TURNS = [("l", 2), ("right", 2), ("space", 2), ("pagedown", 2), ("h", 0), ("left", 0), ("pageup", 0)]


@pytest.mark.parametrize("seat", [many], indirect=True)
@pytest.mark.parametrize(("key", "page"), TURNS)
async def test_pages_can_be_turned_by_hand(wall, key, page):
    pages = wall.app.screen.wall_grid.pages
    await wall.press(key)
    assert f"page {page or pages}/{pages}" in wall.lines()[-1]


async def test_old_data_is_told_by_the_pulse(make_seat):
    at = [NOW]
    seat = make_seat(mixed())
    seat.app.board._clock = lambda: at[0]
    async with seat.app.run_test(size=(120, 30)) as seat.pilot:
        await seat.settle()
        await seat.press("5", "f")
        at[0] += 42
        seat.app.screen.tick()
        await seat.pilot.pause()
        assert "data 42s old" in seat.lines()[3]
        assert "FROZEN" in seat.lines()[5]


async def test_a_beat_of_the_pulse_paints_nothing_else(wall, monkeypatch):
    painted = []
    for widget in wall.app.screen.walk_children():
        monkeypatch.setattr(widget, "refresh", lambda *regions, _id=widget.id, **_: painted.append(_id))
    wall.app.screen.tick()
    assert painted == []
    wall.app.board.offset += 1
    wall.app.screen.tick()
    assert painted == ["pulse"]


async def test_what_is_wrong_with_the_view_itself_is_reported(wall):
    wall.source.push(problems=PROBLEMS, stats=EngineStats(offline=True))
    await wall.settle()
    assert "OFFLINE  config: 1 problem" in wall.lines()[5]
    wall.source.gone = "the engine has ended"
    wall.app.follower.hurry()
    await wall.pilot.pause()
    assert "ENGINE GONE" in wall.lines()[5]


async def test_the_pulse_rests_while_the_wall_is_not_in_front(wall):
    timer = wall.app.screen._ticking
    assert timer._active.is_set()
    await wall.press("1")
    assert not timer._active.is_set()
    await wall.press("5")
    assert timer._active.is_set()


async def test_the_wall_can_be_the_first_view(make_seat):
    seat = make_seat(mixed())
    seat.app = Dashboard(seat.source, environ=seat.app.environ, clock=lambda: NOW, view="wall")
    async with seat.app.run_test(size=(120, 30)) as seat.pilot:
        await seat.settle()
        assert shown(seat)[0] == "api-eu"
        await seat.press("q")
        assert seat.app.screen is seat.app.overview


SIZES = [(40, 10), (80, 24), (120, 40), (200, 50), (400, 120), (3, 2)]


@pytest.mark.parametrize("seat", [many], indirect=True)
async def test_it_survives_every_size(wall):
    for width, height in (*SIZES, *reversed(SIZES)):
        await wall.pilot.resize_terminal(width, height)
        await wall.pilot.pause()
        assert [cell_len(line) for line in wall.lines()] == [width] * height
    await wall.pilot.resize_terminal(200, 50)
    await wall.pilot.pause()
    assert "host 0000" in wall.lines()[5]


LOOKS = {
    "colour": {},
    "colourless": {"NO_COLOR": "1"},
    "ascii": {"LANG": "C"},
    "light": {"MONITOR_THEME": "light"},
}


@pytest.mark.parametrize("context", LOOKS)
async def test_every_terminal_is_told_states_in_words(make_seat, context):
    seat = make_seat(mixed(), **LOOKS[context])
    async with seat.app.run_test(size=(120, 40)) as seat.pilot:
        await seat.settle()
        await seat.press("5")
        text = "\n".join(seat.lines())
        assert all(word in text for word in ("DOWN", "failing 2/3", "degraded", "paused", "pending", "up"))
        if context == "ascii":
            assert text.isascii()
        if context == "colourless":
            strips = seat.app.screen._compositor.render_strips()
            styles = [segment.style for strip in strips for segment in strip if segment.style]
            assert all(style.color is None or style.color.is_default for style in styles)


async def test_a_wall_of_trouble_is_a_wall_of_trouble(make_seat):
    infos = [info(n) for n in range(300)]
    seat = make_seat(FakeSource(infos, [failed(n) for n in range(300)]))
    async with seat.app.run_test(size=(80, 24)) as seat.pilot:
        await seat.settle()
        await seat.press("5")
        assert "page 1/" in seat.lines()[-1]
        assert "DOWN" in seat.lines()[3]


async def test_on_a_tiny_terminal_the_count_of_outages_comes_before_the_clock(make_seat):
    seat = make_seat(mixed())
    async with seat.app.run_test(size=(10, 3)) as seat.pilot:
        await seat.settle()
        await seat.press("5")
        assert "✖1" in seat.lines()[0]
