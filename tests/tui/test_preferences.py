"""Whose word holds on how the dashboard looks."""

import pytest
from fake_source import mixed

from monitor.model import DashboardSettings, Theme
from monitor.tui.settings_file import SettingsFile

GREEN = Theme(colours={"good": "#00ff00"})


def settings(theme="", **themes):
    return DashboardSettings(theme=theme, themes=themes)


async def said(seat, new):
    seat.source.push(dashboard=new)
    await seat.settle()
    await seat.pilot.pause()


def background(seat):
    return seat.app.draw_context().palette.text.bgcolor.name


async def test_the_config_asks_for_a_theme_when_it_is_read_and_when_it_is_read_again(seat):
    assert seat.app.theme == "dark"
    await said(seat, settings("light"))
    assert (seat.app.theme, background(seat)) == ("light", "#fbfbfa")
    await said(seat, settings())
    assert seat.app.theme == "dark"


async def test_a_theme_of_the_users_own_can_be_chosen_altered_and_taken_away(seat):
    await said(seat, settings("mine", mine=GREEN))
    assert seat.app.draw_context().palette.good.color.name == "#00ff00"
    await said(seat, settings("mine", mine=Theme(colours={"good": "#00ffff"})))
    assert seat.app.draw_context().palette.good.color.name == "#00ffff"
    await said(seat, settings())
    assert seat.app.theme == "dark"
    assert "mine" not in seat.app.available_themes


async def test_the_terminals_own_colours_can_be_in_a_theme(seat):
    await said(seat, settings("mine", mine=Theme(colours={"good": "green", "background": "default"})))
    assert seat.app.native_ansi_color
    assert seat.app.draw_context().palette.good.color.name == "green"


async def test_what_is_picked_holds_until_the_config_asks_for_another(seat):
    await said(seat, settings("light"))
    seat.app.preferences.pick("nord")
    await said(seat, settings("light", mine=GREEN))
    assert seat.app.theme == "nord"
    await said(seat, settings("mine", mine=GREEN))
    assert seat.app.theme == "mine"


async def test_what_is_picked_is_remembered(make_seat, tmp_path):
    file = tmp_path / "dashboard.toml"
    for theme in ("dark", "mine"):
        seat = make_seat(mixed(), SettingsFile(file))
        async with seat.app.run_test(size=(80, 24)) as seat.pilot:
            await seat.settle()
            await said(seat, settings("", mine=GREEN))
            assert seat.app.theme == theme
            seat.app.preferences.pick("mine")


@pytest.mark.parametrize(
    ("environ", "theme"),
    [({"NO_COLOR": "1"}, "ansi-dark"), ({"MONITOR_THEME": "colour-blind"}, "colour-blind")],
)
async def test_the_environment_has_the_last_word(make_seat, environ, theme):
    seat = make_seat(mixed(), **environ)
    async with seat.app.run_test(size=(80, 24)) as seat.pilot:
        await seat.settle()
        await said(seat, settings("light"))
        assert seat.app.theme == theme


async def test_times_in_utc_are_remembered(tmp_path, make_seat, time_zone):
    time_zone("Asia/Kolkata")
    file = tmp_path / "dashboard.toml"
    seat = make_seat(mixed(), SettingsFile(file))
    async with seat.app.run_test(size=(120, 30)) as seat.pilot:
        await seat.settle()
        local = seat.lines()[0]
        await seat.press("U")
        assert "all times are in UTC" in seat.lines()[-1]
        assert " UTC" in seat.lines()[0]
        assert seat.lines()[0][-6:] != local[-6:]
    assert "utc = true" in file.read_text()
    again = make_seat(mixed(), SettingsFile(file))
    async with again.app.run_test(size=(120, 30)) as again.pilot:
        await again.settle()
        assert " UTC" in again.lines()[0]
        await again.press("U")
        assert again.lines()[0] == local
