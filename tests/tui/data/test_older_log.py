"""Lines of the log beyond the board's, from a real history file."""

from __future__ import annotations

import pytest
import stored_past
from fake_source import NOW, mixed
from msgspec.structs import replace

from monitor.link.history import LocalHistory
from monitor.link.messages import Changes
from monitor.model import Event
from monitor.store.travel import LOG_LINES
from monitor.tui.data import older_log
from monitor.tui.data.board import EVENTS
from monitor.tui.data.older_log import OlderLog


def event(number: int, at: float) -> Event:
    return Event(at=at, handle=None, level="info", text=f"event {number}")


@pytest.fixture
def stored(tmp_path, board):
    def make(count: int = 0) -> OlderLog:
        lines = [(NOW - 500 - count + number, f"stored {number}") for number in range(count)]
        history = LocalHistory(stored_past.write(tmp_path / "history.db", [], lines))
        return OlderLog(lambda: history, board)

    return make


def texts(log: OlderLog) -> list[str]:
    return [one.text for one in log.events()]


async def test_what_an_earlier_engine_said_comes_before_what_this_one_says(stored, board):
    board.apply(Changes(now=NOW, events=(event(1, NOW - 5),)))
    log = stored(3)
    await log.load()
    assert texts(log)[-4:] == ["stored 0", "stored 1", "stored 2", "event 1"]
    assert log.events()[1].handle == 1
    assert "\x1b" not in texts(log)[1]


async def test_pages_are_loaded_until_the_first_line(stored):
    log = stored(LOG_LINES * 2)
    while log.can_load:
        await log.load()
    assert len(texts(log)) == len(set(texts(log))) == LOG_LINES * 2 + 2
    assert texts(log)[0] == "start"


async def test_a_line_that_both_know_is_shown_once(stored, board):
    board.apply(Changes(now=NOW, events=(replace(event(0, NOW - 501), text="stored 2"),)))
    log = stored(3)
    await log.load()
    assert texts(log).count("stored 2") == 1


async def test_a_limit_keeps_memory_bounded(stored, monkeypatch):
    monkeypatch.setattr(older_log, "MOST", LOG_LINES)
    log = stored(LOG_LINES * 2)
    await log.load()
    assert not log.can_load


async def test_what_the_board_drops_stays_so_that_there_is_no_gap(stored, board):
    log = stored(1)
    board.apply(Changes(now=NOW, events=tuple(event(number, NOW + number) for number in range(EVENTS))))
    await log.load()
    before = texts(log)
    board.apply(Changes(now=NOW, events=(event(EVENTS, NOW + EVENTS),)))
    assert texts(log) == [*before, f"event {EVENTS}"]


async def test_another_engine_begins_with_its_own_lines(stored, board):
    log = stored(3)
    await log.load()
    board.reset(replace(mixed().snapshot, started_at=NOW + 60))
    assert texts(log) == []
    await log.load()
    assert texts(log)[-1] == "stored 2"


def test_without_a_history_there_is_nothing_to_load(board):
    log = OlderLog(lambda: None, board)
    assert not log.can_load
