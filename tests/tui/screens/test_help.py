import pytest

from monitor.model import State
from monitor.tui.screens.help import HelpView, groups
from monitor.tui.widgets.pane import Pane


def told(app):
    return app.screen.query_one(Pane).text


async def help_of(app, pilot, until, key="question_mark"):
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, HelpView) and told(app))


@pytest.mark.parametrize("size", [(40, 20), (80, 24), (120, 40), (200, 50)])
async def test_every_key_of_the_screen_below_is_listed(dashboard, until, size):
    async with dashboard(*size) as (app, pilot):
        below = groups(app.screen)
        keys = [line.few for group in below for line in group.lines]
        await help_of(app, pilot, until)
        words = told(app).split()
        assert len(keys) > 20
        assert [key for few in keys for key in few.split() if key not in words] == []


async def test_the_keys_of_the_overview_fit_in_80_by_24_and_the_most_used_come_first(dashboard, until):
    async with dashboard(80, 24) as (app, pilot):
        await help_of(app, pilot, until)
        lines = told(app).splitlines()
        assert [line.split()[0] for line in lines[:4]] == ["Look", "enter", "/", "!"]
        assert len(lines) <= app.screen.query_one(Pane).size.height


async def test_the_keys_of_the_detail_fit_in_80_by_24_too(dashboard, until):
    async with dashboard(80, 24) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.id == "detail" and app.screen.query("#left"))
        await help_of(app, pilot, until)
        lines = told(app).splitlines()
        assert any(line.startswith("/         find text") for line in lines)
        assert len(lines) <= app.screen.query_one(Pane).size.height


async def test_signs_and_figures_have_a_page_of_their_own_that_the_bottom_line_names(dashboard, until, shown):
    async with dashboard(80, 24) as (app, pilot):
        await help_of(app, pilot, until)
        assert "tab signs and figures" in shown(app)[-1]
        await pilot.press("tab")
        lines = told(app).splitlines()
        assert len(lines) <= app.screen.query_one(Pane).size.height
        for word in ("SINCE", "UP24H", "late", "delayed", "queued", "slow line"):
            assert sum(line.startswith(word + " ") for line in lines) == 1
        assert "tab keys" in shown(app)[-1]
        await pilot.press("tab")
        assert told(app).startswith("Look")


async def test_a_large_screen_shows_both(dashboard, until, shown):
    async with dashboard(200, 50) as (app, pilot):
        await help_of(app, pilot, until)
        assert "problems only" in told(app)
        assert "Signs and figures" in told(app)
        assert "tab" not in shown(app)[-1]


async def test_it_follows_the_screen_it_is_opened_from(dashboard, until):
    async with dashboard() as (app, pilot):
        await help_of(app, pilot, until)
        assert "problems only" in told(app)
        await pilot.press("escape", "enter")
        await until(pilot, lambda: app.screen.query("#chart"))
        await help_of(app, pilot, until, "f1")
        assert "sample before" in told(app)
        assert "problems only" not in told(app)


async def test_the_legend_names_every_state(dashboard, until):
    async with dashboard(120, 20) as (app, pilot):
        await help_of(app, pilot, until)
        await pilot.press("tab")
        for state in State:
            assert state.value in told(app).casefold()


@pytest.mark.parametrize("key", ["escape", "q", "question_mark", "f1"])
async def test_it_closes(dashboard, until, key):
    async with dashboard() as (app, pilot):
        await help_of(app, pilot, until)
        await pilot.press(key)
        assert app.screen is app.overview


async def test_it_is_kept_and_used_again(dashboard, until):
    async with dashboard() as (app, pilot):
        await help_of(app, pilot, until)
        first = app.screen
        await pilot.press("G", "escape")
        await help_of(app, pilot, until)
        assert app.screen is first
        assert app.screen.query_one(Pane).top == 0


async def test_it_scrolls(dashboard, until):
    async with dashboard(80, 12) as (app, pilot):
        await help_of(app, pilot, until)
        await pilot.press("j")
        assert app.screen.query_one(Pane).top == 1


async def test_the_next_time_it_begins_with_the_keys(dashboard, until):
    async with dashboard() as (app, pilot):
        await help_of(app, pilot, until)
        await pilot.press("tab", "escape")
        await help_of(app, pilot, until)
        assert told(app).startswith("Look")


async def test_an_ascii_terminal_gets_only_ascii(dashboard, until, shown):
    async with dashboard(120, 60, LANG="C") as (app, pilot):
        await help_of(app, pilot, until)
        assert all(line.isascii() for line in shown(app))
        assert "j down" in told(app)
