"""[dashboard]: theme, themes and keys."""

from collections.abc import Callable

import pytest

from monitor.model import Config, DashboardSettings, Theme

Loaded = Callable[[str], Config]
Problems = Callable[[str], list[str]]


def test_without_it_everything_is_as_usual(loaded: Loaded) -> None:
    assert loaded("").dashboard == DashboardSettings()


def test_theme_themes_and_keys_are_read(loaded: Loaded) -> None:
    text = """
[dashboard]
theme = "ours"
bell = true
[dashboard.keys]
"overview.check" = "R"
freeze = ["F", "Ctrl+F"]
[dashboard.themes.ours]
base = "light"
good = "#00AA00"
bad = "Bright-Red"
"""
    assert loaded(text).dashboard == DashboardSettings(
        theme="ours",
        keys={"overview.check": ("R",), "freeze": ("F", "ctrl+f")},
        themes={"ours": Theme(dark=False, colours={"good": "#00aa00", "bad": "bright_red"})},
        bell=True,
    )


@pytest.mark.parametrize("name", ["light", "colour-blind", "nord", "ansi-dark"])
def test_a_theme_that_is_there_already_can_be_chosen(loaded: Loaded, name: str) -> None:
    assert loaded(f'dashboard.theme = "{name}"').dashboard.theme == name


WRONG = [
    ('theme = "ligth"', "2: dashboard.theme: 'ligth' is no theme here; did you mean \"light\"?"),
    ("theme = 3", "2: dashboard.theme: is the number 3"),
    ("colour = 3", "2: dashboard.colour: is no key here"),
    ('keys = "r"', "2: dashboard.keys: is the string"),
    ('keys = { "overview.chek" = "R" }', 'did you mean "overview.check"?'),
    ('keys = { overview.check = "R" }', 'put the whole name in quotes: "overview.check"'),
    ("keys = { freeze = [] }", "2: dashboard.keys.freeze: names no key"),
    ("keys = { freeze = 5 }", "2: dashboard.keys.freeze: is the number 5"),
    ('keys = { freeze = ["F", "rr"] }', "'rr' is no key; write a key as it is typed"),
    ('keys = { "overview.check" = "p" }', 'is "p", as is overview.pause; choose another key'),
    ('keys = { quit = "escape" }', 'is "escape", as is certificates.back and '),
    ('keys = { freeze = "ctrl+c" }', 'is "ctrl+c", as is quitting'),
    (
        'themes.mine.good = "redd"',
        "2: dashboard.themes.mine.good: 'redd' is no colour; write #rrggbb, or one of",
    ),
    ("themes.mine.good = 1", "2: dashboard.themes.mine.good: is the number 1"),
    ('themes.mine.godo = "red"', 'did you mean "good"?'),
    ('themes.mine.base = "dim"', 'it must be one of "dark", "light"'),
    ("themes.dark = {}", "2: dashboard.themes.dark: is the name of a theme that is there already"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong_is_told_at_its_line(problems: Problems, text: str, said: str) -> None:
    (told,) = problems(f"[dashboard]\n{text}")
    assert said in told


def test_everything_wrong_is_told_at_once(problems: Problems) -> None:
    text = """[dashboard]
theme = "x"
[dashboard.keys]
freeze = "rr"
"overview.check" = "p"
[dashboard.themes.mine]
good = "redd"
bad = 1
"""
    assert [said.partition(":")[0] for said in problems(text)] == ["2", "4", "5", "7", "8"]


def test_it_is_no_table(problems: Problems) -> None:
    assert problems("dashboard = 3")[0].startswith("1: dashboard: is the number 3; it must be a table")
