"""The themes as plain data."""

from dataclasses import asdict, fields
from itertools import combinations

import pytest

from monitor.themes import ANSI, BUILT_IN, OURS, Colours, parse_colour


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-relative-luminance"""
    shares = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (s / 12.92 if s <= 0.03928 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("ink", ["text", "dim", "good", "warn", "fail", "quiet", "accent"])
def test_what_is_said_can_be_read(name: str, ink: str) -> None:
    colours, _ = OURS[name]
    assert contrast(getattr(colours, ink), colours.background) >= 4.5


@pytest.mark.parametrize("name", OURS)
def test_down_can_be_read_on_its_ground(name: str) -> None:
    colours, dark = OURS[name]
    assert contrast(colours.on_bad, colours.bad) >= 3.9
    assert (luminance(colours.background) < 0.2) is dark


def seen(colour: str) -> tuple[float, ...]:
    """Roughly what somebody without green cones sees of a colour: red and green fall together."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.625 * red + 0.375 * green, 0.7 * red + 0.3 * green, 0.3 * green + 0.7 * blue


@pytest.mark.parametrize("name", ["colour-blind", "colour-blind-light"])
def test_without_green_the_states_of_the_colour_blind_theme_stay_apart(name: str) -> None:
    colours = asdict(OURS[name][0])
    for one, other in combinations(["good", "warn", "bad"], 2):
        apart = sum((a - b) ** 2 for a, b in zip(seen(colours[one]), seen(colours[other]), strict=True))
        assert apart**0.5 > 50, (one, other)


def test_every_name_is_given_once() -> None:
    assert len(set(BUILT_IN)) == len(BUILT_IN)


@pytest.mark.parametrize("colour", [*ANSI, "#012abc", *asdict(OURS["dark"][0]).values()])
def test_colours_are_written_as_they_are_read(colour: str) -> None:
    assert parse_colour(colour) == colour


@pytest.mark.parametrize("text", ["", "redd", "#12345", "#12345g", "123456", "rgb(1,2,3)", "ansi_red"])
def test_what_is_no_colour_is_refused_with_what_would_be(text: str) -> None:
    with pytest.raises(ValueError, match="is no colour; write #rrggbb, or one of default, black"):
        parse_colour(text)


def test_every_colour_says_what_it_is_for() -> None:
    assert all(field.metadata["help"] for field in fields(Colours))
