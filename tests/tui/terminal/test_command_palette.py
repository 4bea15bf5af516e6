"""The command palette."""

from textual.widgets import Input

from monitor.tui.terminal.command_palette import Palette


async def test_its_cursor_does_not_blink(seat):
    await seat.press("colon")
    assert isinstance(seat.app.screen, Palette)
    assert not seat.app.screen.query_one(Input).cursor_blink


async def test_turning_a_page_before_there_is_a_list_is_harmless(seat):
    await seat.press("colon", "pagedown", "pageup", "escape")
    assert seat.app.screen is seat.app.overview
