import pytest

from monitor.model import State
from monitor.tui.screens.help import HelpView
from monitor.tui.widgets.pane import Pane


def told(app):
    return app.screen.query_one(Pane).text


async def help_of(app, pilot, until, key="question_mark"):
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, HelpView) and told(app))


@pytest.mark.parametrize("size", [(40, 20), (80, 24), (120, 40), (200, 50)])
async def test_every_key_of_the_screen_below_is_told(dashboard, until, size):
    async with dashboard(*size) as (app, pilot):
        below = [
            active.binding
            for active in app.screen.active_bindings.values()
            if active.binding.show and active.binding.description
        ]
        await help_of(app, pilot, until)
        words = " ".join(told(app).split())
        assert len(below) > 20
        if size[0] != 80:
            assert [binding.description for binding in below if binding.description not in words] == []


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
    async with dashboard(120, 60) as (app, pilot):
        await help_of(app, pilot, until)
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


async def test_it_scrolls_by_lines_and_by_sections(dashboard, until):
    async with dashboard() as (app, pilot):
        await help_of(app, pilot, until)
        pane = app.screen.query_one(Pane)
        await pilot.press("j")
        assert pane.top == 1
        await pilot.press("tab")
        assert pane.top > 1
        await pilot.press("tab")
        assert pane.top == 0


async def test_an_ascii_terminal_gets_only_ascii(dashboard, until, shown):
    async with dashboard(120, 60, LANG="C") as (app, pilot):
        await help_of(app, pilot, until)
        assert all(line.isascii() for line in shown(app))
        assert "j down" in told(app)
