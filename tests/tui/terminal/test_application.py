"""The app below the dashboard."""

import pytest
from textual.driver import Driver

from monitor.tui.terminal.application import TerminalApp

PLAIN = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}


@pytest.mark.parametrize(
    ("environ", "colourless"), [({}, False), ({"NO_COLOR": "1"}, True), ({"NO_COLOR": ""}, False)]
)
def test_no_color_in_the_environment_turns_colours_off(environ, colourless):
    assert TerminalApp(PLAIN | environ).colourless is colourless


async def test_without_a_terminal_nothing_waits_for_one():
    app = TerminalApp(PLAIN)
    async with app.run_test():
        assert app.terminal is None
        assert not app.terminal_is_busy()


async def test_another_theme_is_announced():
    class Themed(TerminalApp):
        seen = 0

        def theme_changed(self) -> None:
            self.seen += 1

    app = Themed(PLAIN)
    async with app.run_test() as pilot:
        before = app.seen
        app.theme = "nord"
        await pilot.pause()
        assert app.seen > before
        before = app.seen
        app.apply_theme_again()
        assert app.seen == before + 1


async def test_all_is_painted_again_after_a_suspension():
    app, painted = TerminalApp(PLAIN), []
    async with app.run_test() as pilot:
        app.refresh = lambda **how: painted.append(how)
        app.post_message(Driver.SignalResume())
        await pilot.pause()
    assert {"layout": True} in painted
