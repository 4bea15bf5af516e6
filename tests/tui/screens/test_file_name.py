"""The name of a file, key by key."""

import pytest

from monitor.tui.screens.file_name import FileNamePrompt

ANSWERS = [
    (("enter",), "a.csv"),
    (("x", "enter"), "a.csvx"),
    (("ctrl+u", "enter"), None),
    (("escape",), None),
]


@pytest.mark.parametrize(("keys", "name"), ANSWERS)
async def test_the_name_can_be_changed_kept_or_dropped(seat, keys, name):
    answers = []
    seat.app.push_screen(FileNamePrompt("a.csv"), answers.append)
    await seat.press(*keys)
    assert answers == [name]
    assert seat.app.screen is seat.app.overview
