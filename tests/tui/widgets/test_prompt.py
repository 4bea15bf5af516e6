"""One line to type in that shows itself when asked for."""

import pytest
from textual.app import App

from monitor.tui.widgets.prompt import Prompt


class Sample(App):
    def __init__(self):
        super().__init__()
        self.closed = []

    def compose(self):
        yield Prompt("what?", id="one")
        yield Prompt("what else?", id="other")

    def on_prompt_closed(self, message):
        self.closed.append((message.control.id, message.control.value, message.kept))


@pytest.fixture
async def app():
    app = Sample()
    async with app.run_test(size=(30, 5)) as pilot:
        app.pilot = pilot
        yield app


async def test_it_takes_no_room_until_it_is_opened(app):
    prompt = app.query_one("#one", Prompt)
    assert not prompt.display
    prompt.open("abc")
    await app.pilot.press("d")
    assert (prompt.display, prompt.size.height, prompt.value, prompt.has_focus) == (True, 1, "abcd", True)


@pytest.mark.parametrize(("key", "kept"), [("enter", True), ("escape", False)])
async def test_it_says_how_typing_ended_and_which_one_it_is(app, key, kept):
    prompt = app.query_one("#other", Prompt)
    prompt.open()
    await app.pilot.press("x", key)
    assert app.closed == [("other", "x", kept)]
    assert not prompt.display


async def test_its_cursor_does_not_blink(app):
    assert not app.query_one("#one", Prompt).cursor_blink
