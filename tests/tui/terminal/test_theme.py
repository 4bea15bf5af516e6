"""Styles that never let colour carry meaning alone."""

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from monitor.model import State
from monitor.model import Theme as UserTheme
from monitor.themes import BORROWED, BUILT_IN, OURS
from monitor.tui.terminal.theme import (
    COLOURLESS,
    CURVES,
    PALETTES,
    THEMES,
    chosen_theme,
    contrast,
    palette,
    tailored,
)


@pytest.mark.parametrize("chosen", [*PALETTES.values(), COLOURLESS])
def test_every_state_has_a_style(chosen):
    assert set(chosen.states) == set(State)
    assert set(chosen.tiles) == set(State)
    assert len(chosen.curves) == CURVES


def test_without_colour_no_style_has_any():
    styles = [
        *COLOURLESS.states.values(),
        *COLOURLESS.tiles.values(),
        *COLOURLESS.curves,
        COLOURLESS.good,
        COLOURLESS.warn,
        COLOURLESS.bad,
        COLOURLESS.accent,
    ]
    assert all(style.color is None or style.color.is_default for style in styles)
    assert COLOURLESS.states[State.DOWN].reverse
    assert COLOURLESS.states[State.DEGRADED].bold


def test_nothing_strikes_through_large_digits_without_colour():
    assert not any(style.underline for style in COLOURLESS.tiles.values())


@pytest.mark.parametrize("name", OURS)
def test_down_can_be_read(name):
    down = PALETTES[name].states[State.DOWN]
    assert contrast(Color.parse(down.color.name), Color.parse(down.bgcolor.name)) >= 4.5


@pytest.mark.parametrize("name", PALETTES)
def test_what_is_wrong_stands_out_of_a_wall_of_what_is_well(name):
    tiles = PALETTES[name].tiles
    loud = [tiles[state] for state in (State.DOWN, State.FAILING, State.DEGRADED)]
    assert len(set(loud)) == 3
    assert all(style.bold for style in loud)
    assert not tiles[State.UP].bold
    assert all(style.bgcolor or style.reverse for style in tiles.values())


@pytest.mark.parametrize("name", PALETTES)
def test_every_curve_has_a_colour_of_its_own(name):
    assert len({style.color for style in PALETTES[name].curves}) == CURVES


USUAL = {"TERM": "xterm-256color"}
POOR = {"TERM": "linux"}
HOLDING = [
    (USUAL, "", "", "dark"),
    ({"TERM": "xterm"}, "", "", "ansi-dark"),
    ({"TERM": "xterm", "COLORTERM": "truecolor"}, "", "", "dark"),
    (POOR, "", "", "ansi-dark"),
    (POOR, "light", "nord", "ansi-dark"),
    (POOR, "light", "ansi-light", "ansi-light"),
    (USUAL, "light", "", "light"),
    (USUAL, "light", "nord", "nord"),
    (USUAL, "light", "gone", "light"),
    (USUAL | {"NO_COLOR": "1"}, "light", "nord", "ansi-dark"),
    (USUAL | {"MONITOR_THEME": "nord"}, "light", "dark", "nord"),
    (USUAL | {"MONITOR_THEME": "nonsense"}, "light", "", "light"),
]


@pytest.mark.parametrize(("environ", "wanted", "picked", "holds"), HOLDING)
def test_whose_theme_holds(environ, wanted, picked, holds):
    known = {*BUILT_IN}
    assert chosen_theme(environ, known, wanted=wanted, picked=picked) == holds


@pytest.mark.parametrize("theme", THEMES)
def test_no_colour_wins_over_any_theme(theme):
    own = {theme.name: PALETTES["light"]}
    assert palette(theme, {}, colourless=True) is COLOURLESS
    assert palette(theme, {}, colourless=False) is PALETTES[theme.name]
    assert palette(theme, own, colourless=False) is PALETTES["light"]


def test_the_names_that_configs_know_are_textuals():
    assert set(BORROWED) == set(BUILTIN_THEMES)
    assert [theme.name for theme in THEMES] == list(OURS)


@pytest.mark.parametrize("name", sorted({*BORROWED} - {"ansi-dark", "ansi-light"}))
def test_a_borrowed_theme_lends_its_own_colours(name):
    theme = BUILTIN_THEMES[name]
    lent = palette(theme, {}, colourless=False)
    ground = Color.parse(theme.to_color_system().generate()["background"])
    assert Color.from_rich_color(lent.text.bgcolor) == ground
    assert len({str(style) for style in lent.states.values()}) >= 5


def test_a_theme_of_the_users_own_begins_with_ours():
    theme, made = tailored("mine", UserTheme(dark=False, colours={"good": "#00aa00"}))
    assert (theme.name, theme.dark, theme.ansi) == ("mine", False, False)
    assert made.good.color.name == "#00aa00"
    assert made.warn == PALETTES["light"].warn


def test_the_terminals_own_colours_are_sent_as_they_are():
    theme, made = tailored("mine", UserTheme(colours={"background": "default", "bad": "bright_red"}))
    assert theme.ansi
    assert (theme.background, theme.error) == ("ansi_default", "ansi_bright_red")
    assert made.bad.color.name == "bright_red"
