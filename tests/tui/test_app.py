"""The frame: following, freezing, quitting."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from fake_source import failed

from monitor.model import State


async def test_a_frozen_view_takes_nothing_new(seat):
    await seat.press("f")
    assert "FROZEN" in seat.lines()[0]
    seat.source.push(failed(5))
    seat.app._follower.hurry()
    await seat.pilot.pause()
    assert seat.source.waiting
    await seat.press("z")
    await seat.settle()
    assert seat.app.board.entries[5].row.state is State.DOWN


async def test_copying_says_what_was_copied(seat):
    await seat.press("y")
    assert seat.app.clipboard == "api-eu https://host1.test/"
    assert "copied" in seat.lines()[-1]


async def test_a_lost_engine_is_told_and_found_again(seat):
    seat.source.gone = "engine died: boom"
    seat.app._follower.hurry()
    await seat.pilot.pause()
    await seat.pilot.pause()
    assert "ENGINE GONE" in seat.lines()[0]
    assert "engine died: boom" in seat.lines()[1]
    seat.source.gone = ""
    seat.app._follower.hurry()
    await seat.pilot.pause()
    await seat.pilot.pause()
    assert "ENGINE GONE" not in seat.lines()[0]


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_quitting_asks_nothing(seat, key):
    await seat.pilot.press(key)
    assert seat.app.return_value == 0
