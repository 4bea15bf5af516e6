"""How well a name answers what was typed; the palette at work is in screens/test_palette.py."""

import pytest
from fake_source import NOW, info, row
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Input

from monitor.tui.data.board import Entry
from monitor.tui.lists.query import parse
from monitor.tui.palette import Palette, _glob, letters, score

NAMES = ["shop front", "workshop", "search orders", "orders"]


@pytest.mark.parametrize(
    ("typed", "order"),
    [
        ("shop", ["shop front", "workshop"]),
        ("orders", ["orders", "search orders"]),
        ("sf", ["shop front"]),
        ("zzz", []),
    ],
)
def test_what_begins_a_word_or_stands_close_together_comes_first(typed: str, order: list[str]) -> None:
    found = sorted((name for name in NAMES if score(typed, name)), key=lambda name: -score(typed, name))
    assert found[: len(order)] == order


@given(st.text(min_size=1, max_size=8), st.text(max_size=20))
def test_the_letters_found_are_those_typed_in_their_order(typed: str, name: str) -> None:
    places = letters(typed, name)
    assert places == sorted(places)
    found = "".join(name[place] for place in places)
    assert not places or found in (typed, "".join(typed.split()))


def test_the_name_itself_is_the_best_answer() -> None:
    assert score("orders", "orders") == pytest.approx(1.0)


@pytest.mark.parametrize("group", ["shop", "shop & co", 'a "b"', "c:d", "~x"])
def test_any_group_can_be_filtered_by(group: str) -> None:
    query = parse(f"group:{_glob(group)}")
    assert query.matches(Entry(info(1, group=group), row(1)), NOW)
    assert not query.matches(Entry(info(1, group="another one"), row(1)), NOW)


async def test_its_cursor_does_not_blink(seat):
    await seat.press("colon")
    assert isinstance(seat.app.screen, Palette)
    assert not seat.app.screen.query_one(Input).cursor_blink


async def test_turning_a_page_before_there_is_a_list_is_harmless(seat):
    await seat.press("colon", "pagedown", "pageup", "escape")
    assert seat.app.screen is seat.app.overview
