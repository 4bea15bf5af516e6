"""Which screen is visible, and that it stays live under overlays."""

import signal

import pytest
from terminal_pty import HERE, Terminal
from textual.screen import ModalScreen, Screen

from monitor.tui.terminal.screen import visible_screen


def test_overlays_do_not_hide_the_screen_below():
    below, overlay, another = Screen(), ModalScreen(), ModalScreen()
    assert visible_screen([below, overlay, another]) is below
    assert visible_screen([below, Screen(), overlay]) is not below
    assert visible_screen([]) is None


OVERLAYS = {
    "filter": ("/", "!not"),
    "sort": ("s", "s severity"),
    "copy": ("y", "JSON"),
    "delete": ("D", "y deletes"),
    "time": ("t", "a time:"),
    "palette": (":", "command or endpoint"),
    "help": ("?", "General"),
    "columns": ("C", "always shown"),
    "form": ("n", "new endpoint"),
    "time over the wall": ("5t", "a time:"),
    "palette over the wall": ("5:", "command or endpoint"),
    "time over the detail": ("\rt", "a time:"),
}
"""The keys that open an overlay, and what it shows."""


@pytest.mark.parametrize(("keys", "sign"), OVERLAYS.values(), ids=OVERLAYS)
def test_a_server_that_breaks_is_seen_behind_every_overlay(keys, sign):
    with Terminal(str(HERE / "fake_dashboard.py"), "--break-on-signal", size=(120, 30)) as terminal:
        terminal.shows("1 DOWN")
        for key in keys:
            terminal.type(key)
        terminal.shows(sign)
        terminal.signal(signal.SIGUSR1)
        terminal.until(lambda: any(count in terminal.text() for count in ("3 DOWN", "▀▀█")))
        assert sign in terminal.text()
        terminal.falls_silent(0.3)
