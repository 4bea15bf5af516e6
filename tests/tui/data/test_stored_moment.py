"""The board of a past moment, from a real history file."""

from __future__ import annotations

import pytest
import stored_past
from fake_source import NOW, info, mixed
from msgspec.structs import replace
from stored_past import BEGAN, GAP, OUTAGE

from monitor.link.history import LocalHistory
from monitor.link.messages import Changes
from monitor.model import Reason, State
from monitor.store.travel import NOT_CHECKED
from monitor.tui.data.board import Board
from monitor.tui.data.stored_moment import Missing, fill_from_history, samples_from_history
from monitor.tui.data.travel import beginning


@pytest.fixture
def history(tmp_path):
    return LocalHistory(stored_past.write(tmp_path / "history.db", []))


@pytest.fixture
def live():
    board = Board(clock=lambda: NOW)
    snapshot = mixed().snapshot
    board.reset(replace(snapshot, infos=(*snapshot.infos, info(7, "new"))))
    return board


async def then(live, history, moment):
    board = beginning(live, moment)
    return board, await fill_from_history(board, history, moment)


async def test_every_endpoint_has_the_state_that_it_was_in(live, history):
    board, missing = await then(live, history, OUTAGE[0] + 301)
    assert missing is None
    statuses = await samples_from_history(board, history, list(board.entries), 120)
    board.apply(Changes(now=board.now(), statuses=statuses))
    states = {handle: entry.status.state for handle, entry in board.entries.items()}
    assert states == {1: State.DOWN, 7: State.PENDING} | dict.fromkeys((0, 2, 3, 4, 5, 6), State.UP)
    api = board.entries[1]
    assert (api.status.since, api.status.reason) == (OUTAGE[0], Reason.CONNECTION_REFUSED)
    assert "\x1b" not in api.status.message
    assert (api.outcomes, api.status.checked_at) == ("uuuuudddddd", OUTAGE[0] + 300)
    assert list(api.latencies)[:6] == [45.0, 44.0, 43.0, 42.0, 41.0, -1.0]
    assert board.now() == OUTAGE[0] + 301


async def test_samples_come_for_the_chosen_endpoints_only(live, history, tmp_path):
    board, _ = await then(live, history, OUTAGE[0] + 301)
    assert {entry.outcomes for entry in board.entries.values()} == {""}
    (found,) = await samples_from_history(board, history, [1], 3)
    assert (found.handle, found.outcomes, found.latencies_ms) == (1, "ddd", (-1.0, -1.0, -1.0))
    assert await samples_from_history(board, LocalHistory(tmp_path / "none.db"), [1], 3) == ()


async def test_time_without_checks_is_neither_up_nor_down(live, history):
    board, _ = await then(live, history, GAP[0] + 60)
    assert {entry.status.state for entry in board.entries.values()} == {State.PENDING}
    assert board.entries[1].status.message == NOT_CHECKED


async def test_the_log_is_that_of_then(live, history):
    board, _ = await then(live, history, OUTAGE[0])
    texts = [(event.text, event.handle) for event in board.events]
    assert texts[0] == ("start", None)
    assert texts[1][0].startswith("api-eu is down")
    assert "\x1b" not in texts[1][0]
    assert texts[1][1] == 1


async def test_nothing_is_known_before_the_history_began(live, history):
    _, missing = await then(live, history, BEGAN - 1)
    assert missing is not None
    assert missing.began == BEGAN


async def test_a_file_that_is_not_there_or_no_database_is_said_so(live, tmp_path):
    _, missing = await then(live, LocalHistory(tmp_path / "none.db"), NOW - 100)
    assert missing == Missing("there is no history")
    (tmp_path / "other.db").write_bytes(b"no database, but longer than its header" * 100)
    _, missing = await then(live, LocalHistory(tmp_path / "other.db"), NOW - 100)
    assert missing is not None
    assert "cannot be read" in missing.why
