"""The table of screens."""

from textual.screen import Screen

from monitor.tui.screens import SCREENS


def test_every_screen_in_the_table_exists():
    for make in SCREENS.values():
        assert isinstance(make(), Screen)


async def test_every_view_comes_to_the_front_and_is_used_again(seat):
    for key in "123456123456":
        await seat.press(key)
    assert len(seat.app.screen_stack) == 2
    first = seat.app.screen
    await seat.press("1", "6")
    assert seat.app.screen is first
