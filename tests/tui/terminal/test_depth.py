"""How many colours the terminal has."""

import io

import pytest
from rich.console import Console

from monitor.tui.terminal.depth import depth, impose


@pytest.mark.parametrize(
    ("term", "more", "told"),
    [
        ("xterm-256color", {}, "256"),
        ("tmux-256color", {}, "256"),
        ("screen.xterm-256color", {}, "256"),
        ("xterm-256color", {"COLORTERM": "truecolor"}, "truecolor"),
        ("xterm", {"COLORTERM": "24bit"}, "truecolor"),
        ("xterm", {"COLORTERM": "gnome-terminal"}, "standard"),
        ("xterm", {}, "standard"),
        ("screen", {}, "standard"),
        ("tmux", {}, "standard"),
        ("rxvt", {}, "standard"),
        ("linux", {}, "standard"),
        ("vt220", {}, "standard"),
        ("xterm-16color", {}, "standard"),
        ("", {}, "standard"),
        ("alacritty", {}, "truecolor"),
        ("foot-extra", {}, "truecolor"),
        ("xterm-kitty", {}, "truecolor"),
        ("xterm-ghostty", {}, "truecolor"),
        ("tmux-direct", {}, "truecolor"),
        ("alacritty", {"TEXTUAL_COLOR_SYSTEM": "256"}, "256"),
        ("xterm", {"TEXTUAL_COLOR_SYSTEM": "auto"}, "standard"),
    ],
)
def test_the_name_of_a_terminal_tells_its_colours(term, more, told):
    assert depth({"TERM": term, **more}) == told


@pytest.mark.parametrize(
    ("wanted", "colour", "sent"),
    [("standard", "#010203", "40m"), ("256", "#040506", "48;5;"), ("truecolor", "#070809", "48;2;7;8;9m")],
)
def test_colours_are_sent_of_the_depth_that_is_imposed(wanted, colour, sent):
    console = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "nobody-knows"})
    impose(console, wanted)
    console.print("x", style=f"on {colour}")  # each another one: Rich keeps what a style was sent as first
    assert f"\x1b[{sent}" in console.file.getvalue()
