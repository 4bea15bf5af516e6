"""Styles that never let colour carry meaning alone."""

import pytest

from monitor.model import State
from monitor.tui.theme import COLOURLESS, PALETTES, THEMES, default_theme, palette


@pytest.mark.parametrize("chosen", [*PALETTES.values(), COLOURLESS])
def test_every_state_has_a_style(chosen):
    assert set(chosen.states) == set(State)


def test_without_colour_no_style_has_any():
    styles = [
        *COLOURLESS.states.values(),
        COLOURLESS.good,
        COLOURLESS.warn,
        COLOURLESS.bad,
        COLOURLESS.accent,
    ]
    assert all(style.color is None or style.color.is_default for style in styles)
    assert COLOURLESS.states[State.DOWN].reverse
    assert COLOURLESS.states[State.DEGRADED].bold


ENVIRONS = [
    ({"TERM": "xterm-256color"}, "dark"),
    ({"TERM": "xterm"}, "ansi-dark"),
    ({"TERM": "xterm", "COLORTERM": "truecolor"}, "dark"),
    ({"TERM": "linux"}, "ansi-dark"),
    ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "ansi-dark"),
    ({"TERM": "xterm-256color", "MONITOR_THEME": "light"}, "light"),
    ({"TERM": "xterm-256color", "MONITOR_THEME": "nonsense"}, "dark"),
]


@pytest.mark.parametrize(("environ", "name"), ENVIRONS)
def test_the_theme_to_begin_with(environ, name):
    assert default_theme(environ) == name


@pytest.mark.parametrize("theme", THEMES)
def test_no_colour_wins_over_any_theme(theme):
    assert palette(theme, colourless=True) is COLOURLESS
    assert palette(theme, colourless=False) is PALETTES[theme.name]
