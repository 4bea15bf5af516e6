"""Incidents and lines of the log beyond the board's, from a real history file."""

from __future__ import annotations

import pytest
import stored_past
from fake_source import NOW, mixed
from msgspec.structs import replace
from stored_past import DAY, incident

from monitor.link.history import LocalHistory
from monitor.link.messages import Changes
from monitor.model import Event
from monitor.store.travel import LOG_LINES, PAGE
from monitor.tui.data import older
from monitor.tui.data.board import EVENTS
from monitor.tui.data.older import GONE, OlderIncidents, OlderLog, merged


@pytest.fixture
def stored_incidents(tmp_path, board):
    """The incidents of a file with these, until a moment."""

    def make(incidents, moment=None):
        history = LocalHistory(stored_past.write(tmp_path / "history.db", incidents))
        return OlderIncidents(lambda: history, board, moment)

    return make


def many(count):
    return [incident(number, NOW - DAY + number, NOW - DAY + number + 1) for number in range(count)]


async def test_pages_are_loaded_until_the_last(stored_incidents):
    found = stored_incidents(many(PAGE * 2 + 10))
    counts = []
    assert not found.complete
    while found.can_load:
        await found.load()
        counts.append(len(found.incidents()))
    assert counts == [PAGE, PAGE * 2, PAGE * 2 + 10]
    assert (found.why_no_more(), found.complete) == ("", True)
    await found.load()
    assert len(found.incidents()) == PAGE * 2 + 10


async def test_a_limit_keeps_memory_bounded_and_is_reported(stored_incidents, monkeypatch):
    monkeypatch.setattr(older, "MOST", PAGE)
    found = stored_incidents(many(PAGE * 2))
    await found.load()
    assert not found.can_load
    assert found.why_no_more() == f"only the newest {PAGE} are loaded"


async def test_incidents_have_the_present_handles_and_safe_texts(stored_incidents):
    found = stored_incidents([incident(1, NOW - 9, NOW - 5), incident(2, NOW - 9, NOW - 5, "removed")])
    await found.load()
    incidents = found.incidents()
    assert {id: one.handle for id, one in incidents.items()} == {"00001": 1, "00002": GONE}
    assert not any("\x1b" in one.latest for one in incidents.values())


async def test_a_past_moment_has_no_later_incidents(stored_incidents):
    found = stored_incidents([incident(1, NOW - 90, NOW - 80), incident(2, NOW - 9, NOW - 5)], NOW - 50)
    await found.load()
    assert list(found.incidents()) == ["00001"]


async def test_the_board_knows_better_and_open_ones_in_the_file_alone_are_left_out(stored_incidents, board):
    found = stored_incidents(
        [incident(1, NOW - 90, None), incident(2, NOW - 9, None), incident(3, NOW - 9, NOW - 5)]
    )
    await found.load()
    board.incidents = {"00001": incident(1, NOW - 90, NOW - 80)}
    present = {one.id: one.ended for one in merged(found.incidents(), board, present=True)}
    assert present == {"00001": NOW - 80, "00003": NOW - 5}
    assert len(list(merged(found.incidents(), board, present=False))) == 3


async def test_without_a_history_one_line_says_why(board):
    found = OlderIncidents(lambda: None, board, None)
    assert not found.can_load
    await found.load()
    assert found.incidents() == {}
    assert found.why_no_more().startswith("no history: only since ")


async def test_an_unreadable_file_is_named_and_not_asked_again(board, tmp_path):
    history = LocalHistory(tmp_path / "none.db")
    found = OlderIncidents(lambda: history, board, None)
    await found.load()
    assert (found.why_no_more(), found.can_load) == ("there is no history", False)


# ---- lines of the log


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
    monkeypatch.setattr(older, "MOST", LOG_LINES)
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
