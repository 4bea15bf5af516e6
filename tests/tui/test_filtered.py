"""Screens whose list is narrowed by words."""

import pytest

from monitor.tui.filtered import has_words


@pytest.mark.parametrize(
    ("text", "words", "has"),
    [
        ("Shop front", "", True),
        ("Shop front", "front SHOP", True),
        ("Straße", "STRASSE", True),
        ("Shop front", "shop back", False),
        ("", "x", False),
    ],
)
def test_every_word_has_to_be_there_in_any_order_and_case(text: str, words: str, has: bool) -> None:
    assert has_words(text, words) is has


@pytest.fixture(params=["log", "incidents", "certificates"])
async def narrowed(request, seat):
    """Somebody in front of a view whose list can be narrowed."""
    seat.app.action_view(request.param)
    await seat.until(lambda: seat.app.screen is not seat.app.overview)
    return seat


async def test_what_is_typed_counts_at_once_and_enter_keeps_it(narrowed) -> None:
    view = narrowed.app.screen
    await narrowed.press("slash", "a", "b")
    assert view.filter_words == "ab"
    await narrowed.press("enter")
    assert (view.filter_words, view.filter_note) == ("ab", "/ab")
    assert view.listing.has_focus


async def test_escape_drops_it_first_and_then_goes_back(narrowed) -> None:
    view = narrowed.app.screen
    await narrowed.press("slash", "a", "enter", "escape")
    assert (narrowed.app.screen, view.filter_words) == (view, "")
    await narrowed.press("escape")
    assert narrowed.app.screen is narrowed.app.overview
