"""Several endpoints on one chart, key by key."""

import pytest
from fake_source import FakeSource, info, row

from monitor.link.messages import Changes, CheckNow, EndpointStatus
from monitor.model import State
from monitor.tui.screens.detail import DetailView

NOW = 1_800_000_000.0


@pytest.fixture
async def opened(dashboard, shown, until):
    """The comparison of everything that is shown."""
    async with dashboard(width=100, height=30) as (app, pilot):
        await pilot.press("v")
        screen = app.screen
        await until(pilot, lambda: all(loader.timeline.detail for loader in screen._loaders))
        await pilot.pause()
        yield app, pilot


def text(app, shown):
    return "\n".join(shown(app))


async def test_the_latencies_of_all_are_on_one_chart(opened, shown):
    app, _ = opened
    told = text(app, shown)
    assert "latency of 3 endpoints" in told
    assert "ms┤" in told
    assert "A ✖ Shop front" in told
    assert "B ○ mail" in told
    assert "C ● 日本 [b]api" in told
    assert "1 of 61" in told


@pytest.mark.parametrize(
    ("marks", "names"), [("  ", ["Shop front", "mail"]), (" ", ["Shop front", "mail", "api"])]
)
async def test_marked_endpoints_are_compared(dashboard, shown, marks, names):
    async with dashboard(width=100, height=30) as (app, pilot):
        await pilot.press(*["space"] * len(marks), "v")
        await pilot.pause()
        told = text(app, shown)
        assert f"latency of {len(names)} endpoints" in told
        assert all(name in told for name in names)


async def test_the_newest_points_are_asked_for_as_they_come(opened, engine, until):
    app, pilot = opened
    count = len(engine.asked_since)
    engine.changes.append(Changes(now=NOW, statuses=(EndpointStatus(handle=2, state=State.UP, since=NOW),)))
    app.follower.hurry()
    await until(pilot, lambda: len(engine.asked_since) > count)
    assert engine.asked_since[count:] == [(2, NOW)]


async def test_selecting_goes_round_and_brings_a_curve_to_the_front(opened, shown):
    app, pilot = opened
    for key, name in (
        ("j", "B ○ mail"),
        ("down", "C ● 日本"),
        ("j", "A ✖ Shop"),
        ("k", "C ● 日本"),
        ("up", "B ○"),
    ):
        await pilot.press(key)
        assert f"▌{name}" in text(app, shown)


async def test_the_selected_endpoint_is_opened_and_left_again(opened):
    app, pilot = opened
    await pilot.press("j", "j", "enter")
    assert isinstance(app.screen, DetailView)
    assert app.screen.timeline.handle == 2
    await pilot.press("escape")
    assert app.screen is app.get_screen("compare")


async def test_an_endpoint_is_taken_out_but_never_the_last(opened, shown):
    app, pilot = opened
    await pilot.press("x")
    assert "latency of 2 endpoints" in text(app, shown)
    assert "Shop front" not in text(app, shown)
    await pilot.press("x", "x", "x")
    assert "latency of 1 endpoint " in text(app, shown)


ZOOMS = [
    ("plus", "5m"),
    ("equals_sign", "5m"),
    ("minus", "1h"),
]


@pytest.mark.parametrize(("key", "span"), ZOOMS)
async def test_zooming(opened, shown, key, span):
    app, pilot = opened
    assert "15m live" in shown(app)[1]
    await pilot.press(key)
    assert f"{span} live" in shown(app)[1]


CURSORS = [
    (["h"], "failed"),
    (["left", "left"], "43.0 ms"),
    (["h", "H"], "41.0 ms"),
    (["h", "shift+left", "L"], "failed"),
    (["h", "h", "l"], "failed"),
    (["h", "h", "right"], "failed"),
    (["h", "H", "shift+right"], "failed"),
]


@pytest.mark.parametrize(("keys", "told"), CURSORS)
async def test_a_cursor_tells_everybodys_sample_at_one_time(opened, shown, keys, told):
    app, pilot = opened
    await pilot.press(*keys)
    assert "live" not in shown(app)[1]
    line = next(line for line in shown(app) if "A ✖" in line)
    assert line.partition("Shop front")[2].strip().startswith(told)
    assert "LATEST" not in text(app, shown)
    await pilot.press("0")
    assert "LATEST" in text(app, shown)


async def test_all_that_are_compared_are_checked(opened, engine, until):
    _, pilot = opened
    await pilot.press("r")
    await until(pilot, lambda: engine.commands)
    assert engine.commands == [CheckNow(handles=(1, 3, 2))]


@pytest.mark.parametrize("key", ["escape", "q", "1"])
async def test_every_way_back_leads_to_the_list(opened, key):
    app, pilot = opened
    await pilot.press(key)
    assert app.screen is app.overview


async def test_endpoints_that_go_are_left_out(opened, engine, shown, until):
    app, pilot = opened
    engine.changes.append(Changes(now=NOW, order=(2,)))
    app.follower.hurry()
    await until(pilot, lambda: len(app.board.entries) == 1)
    await pilot.pause()
    assert "latency of 1 endpoint " in text(app, shown)
    engine.changes.append(Changes(now=NOW, order=()))
    app.follower.hurry()
    await until(pilot, lambda: not app.board.entries)
    await pilot.pause()
    assert "no longer in the config" in text(app, shown)
    await pilot.press("enter", "x", "r", "j")
    assert app.screen is app.get_screen("compare")


async def test_why_there_are_no_details_is_reported(dashboard, engine, shown, until):
    engine.gone = "no such endpoint"
    async with dashboard(width=100, height=30) as (app, pilot):
        await pilot.press("v")
        await until(pilot, lambda: "no such endpoint" in text(app, shown))
        assert "no checks in this time" in text(app, shown)


def many():
    infos = [info(n, group="eu" if n else "") for n in range(13)]
    return FakeSource(infos, [row(n) for n in range(13)])


@pytest.mark.parametrize("seat", [many], indirect=True)
async def test_of_many_the_first_are_compared_and_the_rest_is_told_of(seat):
    await seat.press("v")
    assert "latency of 5 endpoints " in seat.lines()[1]
    await seat.press("1", "o", "v")
    assert "latency of 8 endpoints, the first 8 of 12 " in seat.lines()[1]
    await seat.press("x")
    assert "latency of 8 endpoints, the first 8 of 11 " in seat.lines()[1]
    assert "ep-1 " not in "\n".join(seat.lines())
    assert "ep-9 " in "\n".join(seat.lines())
    await seat.press("x", "x", "x", "x")
    assert "latency of 7 endpoints " in seat.lines()[1]
    seat.source.push(order=tuple(range(12)))
    await seat.settle()
    assert "latency of 6 endpoints " in seat.lines()[1]


async def test_nothing_shown_is_nothing_compared(dashboard):
    async with dashboard() as (app, pilot):
        await pilot.press("slash", *"nowhere", "enter", "v")
        assert app.screen is app.overview


SIZES = [(40, 10), (80, 24), (120, 40), (200, 50)]


@pytest.mark.parametrize("environ", [{}, {"NO_COLOR": "1"}, {"LANG": "C"}])
async def test_it_survives_every_size_and_terminal(dashboard, shown, until, environ):
    async with dashboard(**environ) as (app, pilot):
        await pilot.press("v")
        await until(pilot, lambda: all(loader.timeline.detail for loader in app.screen._loaders))
        for width, height in SIZES:
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            told = text(app, shown)
            assert "Shop front" in told
            assert "ms" in told
            assert not environ.get("LANG") or told.isascii()
