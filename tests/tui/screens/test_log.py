from contextlib import asynccontextmanager

import pytest
import stored_past
from fake_source import mixed
from msgspec.structs import replace
from textual.events import MouseScrollUp

from monitor.link.history import LocalHistory
from monitor.link.messages import Changes
from monitor.model import Event
from monitor.tui.data.moments import stamp
from monitor.tui.screens.log import EventLines

NOW = 1_800_000_000.0


@pytest.fixture
def log(dashboard, until):
    """Opens the dashboard with the log in front."""

    @asynccontextmanager
    async def opened(width=80, height=24, **environ):
        async with dashboard(width, height, **environ) as (app, pilot):
            await pilot.press("4")
            await until(pilot, lambda: app.screen.query(EventLines))
            await pilot.pause()
            yield app, pilot, app.screen.query_one(EventLines)

    return opened


def happen(app, *texts):
    events = tuple(Event(at=NOW, handle=1, level="bad", text=text) for text in texts)
    app.board.apply(Changes(now=NOW, events=events))
    app.screen.board_changed()


async def test_the_newest_event_is_at_the_bottom(log, shown):
    async with log() as (app, _, _):
        assert "event 99 [red]" in shown(app)[-2]


async def test_it_follows_what_comes(log, shown):
    async with log() as (app, pilot, _):
        happen(app, "the newest")
        await pilot.pause()
        assert "the newest" in shown(app)[-2]


@pytest.mark.parametrize("back", ["G", "end", "f"])
async def test_moving_up_stops_following_until_told_to(log, shown, back):
    async with log() as (app, pilot, lines):
        await pilot.press("k")
        assert not lines.following
        current = lines.current
        happen(app, *(f"more {n}" for n in range(30)))
        await pilot.pause()
        assert lines.current is current
        assert "30 below" in shown(app)[-1]
        await pilot.press(back)
        assert lines.following
        assert lines.current.text == "more 29"


async def test_the_line_under_the_cursor_is_marked(log, shown):
    async with log() as (app, pilot, _):
        await pilot.press("k")
        await pilot.pause()
        assert [row for row in shown(app) if row.startswith("▌")] == [shown(app)[-3]]


async def test_moving_down_to_the_newest_follows_again(log):
    async with log() as (_, pilot, lines):
        await pilot.press("k", "k", "j", "j")
        assert lines.following


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (("g",), "event 0 [red]"),
        (("home", "down"), "event 1 [red]"),
        (("pageup",), "event 78 [red]"),
        (("g", "pagedown"), "event 21 [red]"),
        (("ctrl+u", "ctrl+d"), "event 99 [red]"),
        (("up",), "event 98 [red]"),
    ],
)
async def test_keys_move_the_cursor(log, keys, text):
    async with log() as (_, pilot, lines):
        await pilot.press(*keys)
        assert lines.current.text == text


async def test_events_that_the_ring_dropped_do_not_move_the_reader_elsewhere(log):
    async with log() as (app, pilot, lines):
        await pilot.press("g")
        happen(app, *(f"more {n}" for n in range(1000)))
        await pilot.pause()
        assert lines.current.text == "more 0"


LEVELS = [
    (0, {"good", "info", "warn", "BAD"}, ""),
    (1, {"good", "warn", "BAD"}, "without info"),
    (2, {"warn", "BAD"}, "only warn and bad"),
    (3, {"BAD"}, "only bad"),
    (4, {"good", "info", "warn", "BAD"}, ""),
]


def levels(app, shown):
    return {row.split()[1] for row in shown(app) if "event" in row}


@pytest.mark.parametrize(("presses", "expected", "note"), LEVELS)
async def test_the_level_leaves_graver_lines(log, shown, presses, expected, note):
    async with log(120) as (app, pilot, _):
        await pilot.press(*["L"] * presses)
        await pilot.pause()
        assert levels(app, shown) == expected
        assert ("only" in shown(app)[-1], note in shown(app)[-1]) == (presses in (2, 3), True)


async def test_words_and_level_are_dropped_one_after_the_other(log, shown):
    async with log(120) as (app, pilot, _):
        await pilot.press("L", "L", "slash", *"bad", "enter")
        await pilot.pause()
        assert levels(app, shown) == {"BAD"}
        await pilot.press("escape")
        await pilot.pause()
        assert levels(app, shown) == {"warn", "BAD"}
        await pilot.press("escape")
        await pilot.pause()
        assert levels(app, shown) == {"good", "info", "warn", "BAD"}
        await pilot.press("escape")
        assert app.screen is app.overview


async def test_a_level_without_lines_says_until_one_fits(log, shown, engine):
    engine.events = tuple(event for event in engine.events if event.level == "info")
    async with log() as (app, pilot, _):
        await pilot.press("L")
        assert any("no line fits" in row for row in shown(app))
        happen(app, "the newest")
        await pilot.pause()
        assert any("the newest" in row for row in shown(app))


async def test_the_filter_shows_lines_with_every_word(log, shown):
    async with log() as (app, pilot, lines):
        await pilot.press("slash", *"BAD", "space", *"eng", "enter")
        await pilot.pause()
        assert lines.has_focus
        rows = [row for row in shown(app) if "event" in row]
        assert rows
        assert all("BAD" in row and "engine" in row for row in rows)
        assert "/BAD eng" in shown(app)[-1]
        await pilot.press("escape")
        assert lines.current.text == "event 99 [red]"


async def test_escape_while_typing_drops_the_filter(log):
    async with log() as (app, pilot, lines):
        await pilot.press("slash", *"nothing like this")
        assert lines.current is None
        await pilot.press("escape")
        assert lines.current is not None
        assert app.screen.query(EventLines)


async def test_enter_opens_the_endpoint(log, until):
    async with log() as (app, pilot, _):
        await pilot.press("g", "enter")
        await until(pilot, lambda: app.screen.query("#chart"))
        assert app.screen.timeline.handle == 1
        await pilot.press("escape")
        assert app.screen.query(EventLines)


async def test_an_event_of_the_engine_or_of_what_has_gone_opens_nothing(log):
    async with log() as (app, pilot, _):
        await pilot.press("enter")
        assert "no longer in the config" in app.message
        await pilot.press("k", "enter")
        assert app.screen.query(EventLines)


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_it_goes_back(log, key):
    async with log() as (app, pilot, _):
        await pilot.press(key)
        assert app.screen is app.overview


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (60, 15), (200, 50)])
async def test_any_size_is_drawn(log, size):
    async with log(*size) as (_, pilot, lines):
        await pilot.resize_terminal(80, 24)
        await pilot.resize_terminal(*size)
        assert lines.current.text == "event 99 [red]"


async def test_what_is_too_long_for_the_line_says_so(log, shown):
    async with log(width=30) as (app, _, _lines):
        assert shown(app)[-2].endswith("…")


async def test_the_wheel_scrolls_and_clicks_select(log):
    async with log() as (_, pilot, lines):
        await pilot._post_mouse_events([MouseScrollUp], widget=lines)
        assert not lines.following
        await pilot.click(EventLines, offset=(5, 3))
        assert lines.current is not None
        await pilot.click(EventLines, offset=(5, 0), times=2)
        assert lines.current is not None


async def test_an_ascii_terminal_gets_only_ascii(log, shown):
    async with log(LANG="C") as (app, _, _):
        assert all(line.isascii() for line in shown(app))


async def test_lines_of_earlier_engines_come_from_the_history_with_their_day(make_seat, tmp_path):
    seat = make_seat(mixed())
    seat.source.stored = LocalHistory(stored_past.write(tmp_path / "history.db", []))
    seat.source.snapshot = replace(seat.source.snapshot, history="history.db")
    async with seat.app.run_test(size=(80, 24)) as seat.pilot:
        await seat.settle()
        await seat.press("4")
        await seat.until(lambda: any("start" in line for line in seat.lines()))
        first = next(line for line in seat.lines() if "start" in line)
        assert first[1:].startswith(stamp(stored_past.BEGAN, NOW))
        await seat.press("g", "slash", *"api-eu", "enter")
        assert any("api-eu is down" in line for line in seat.lines())


async def test_names_take_no_more_room_than_they_need(log, shown):
    async with log(width=40) as (app, _, _lines):
        assert any("event 99 [red]" in line for line in shown(app))
