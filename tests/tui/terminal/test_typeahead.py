"""Keys that arrive all at once."""

import pytest
from textual.events import Key

from monitor.link.messages import CheckNow
from monitor.tui.screens.log import LogView
from monitor.tui.terminal.typeahead import PATIENCE


def type_at_once(seat, *keys):
    for key in keys:
        seat.app.post_message(Key(key, key if len(key) == 1 else None))


async def typed(seat, *keys, until):
    type_at_once(seat, *keys)
    while not until():
        await seat.pilot.pause()
    await seat.pilot.pause()


async def test_a_filter_typed_ahead_is_no_row_of_commands(seat):
    await typed(seat, "slash", *"parse", "enter", until=lambda: seat.app.overview.arrangement.query.text)
    assert seat.app.overview.arrangement.query.text == "parse"
    assert seat.source.asked == []


async def test_keys_keep_their_order(seat):
    await typed(seat, *"jjkjj", *"r", until=lambda: seat.source.asked)
    assert seat.source.asked == [CheckNow(handles=(6,))]


@pytest.mark.parametrize("letter", ["n", "x"])
async def test_the_letter_of_a_sorting_is_no_command(seat, letter):
    await typed(seat, "s", letter, "G", until=lambda: seat.app.overview.table.cursor == 6)
    assert seat.app.overview.arrangement.sort_by == ("name" if letter == "n" else "severity")


async def test_a_screen_that_comes_to_the_front_gets_what_is_typed_for_it(seat):
    def filtered():
        return isinstance(seat.app.screen, LogView) and seat.app.screen.filter_words == "er"

    await typed(seat, "4", "slash", *"er", until=filtered)
    assert seat.source.asked == []


async def test_quitting_waits_for_its_turn_only(seat):
    await typed(seat, "slash", *"abc", "ctrl+c", until=lambda: seat.app._exit)
    assert seat.app.return_value == 0


async def test_a_key_that_never_comes_back_blocks_the_next_ones_for_a_moment_only(seat, monkeypatch):
    monkeypatch.setattr(seat.app._typed, "arrived", lambda: None)
    await seat.press("j")
    type_at_once(seat, "j")
    await seat.pilot.pause()
    assert seat.app.overview.table.cursor == 1
    monkeypatch.undo()
    monkeypatch.setattr(seat.app._typed, "_since", seat.app._typed._since - PATIENCE)
    await typed(seat, "j", until=lambda: seat.app.overview.table.cursor == 3)
