"""Incidents beyond the board, from a real history file."""

from __future__ import annotations

import pytest
import stored_past
from fake_source import NOW
from stored_past import DAY, incident

from monitor.link.history import LocalHistory
from monitor.store.travel import PAGE
from monitor.tui.data import older_incidents
from monitor.tui.data.older_incidents import GONE, OlderIncidents, merged


@pytest.fixture
def older(tmp_path, board):
    """The incidents of a file with these, until a moment."""

    def make(incidents, moment=None):
        history = LocalHistory(stored_past.write(tmp_path / "history.db", incidents))
        return OlderIncidents(lambda: history, board, moment)

    return make


def many(count):
    return [incident(number, NOW - DAY + number, NOW - DAY + number + 1) for number in range(count)]


async def test_pages_are_loaded_until_the_last(older):
    found = older(many(PAGE * 2 + 10))
    counts = []
    assert not found.complete
    while found.can_load:
        await found.load()
        counts.append(len(found.incidents()))
    assert counts == [PAGE, PAGE * 2, PAGE * 2 + 10]
    assert (found.why_no_more(), found.complete) == ("", True)
    await found.load()
    assert len(found.incidents()) == PAGE * 2 + 10


async def test_a_limit_keeps_memory_bounded_and_is_reported(older, monkeypatch):
    monkeypatch.setattr(older_incidents, "MOST", PAGE)
    found = older(many(PAGE * 2))
    await found.load()
    assert not found.can_load
    assert found.why_no_more() == f"only the newest {PAGE} are loaded"


async def test_incidents_have_the_present_handles_and_safe_texts(older):
    found = older([incident(1, NOW - 9, NOW - 5), incident(2, NOW - 9, NOW - 5, "removed")])
    await found.load()
    incidents = found.incidents()
    assert {id: one.handle for id, one in incidents.items()} == {"00001": 1, "00002": GONE}
    assert not any("\x1b" in one.latest for one in incidents.values())


async def test_a_past_moment_has_no_later_incidents(older):
    found = older([incident(1, NOW - 90, NOW - 80), incident(2, NOW - 9, NOW - 5)], NOW - 50)
    await found.load()
    assert list(found.incidents()) == ["00001"]


async def test_the_board_knows_better_and_open_ones_in_the_file_alone_are_left_out(older, board):
    found = older([incident(1, NOW - 90, None), incident(2, NOW - 9, None), incident(3, NOW - 9, NOW - 5)])
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
