"""The board of a past moment, from a real history file."""

from __future__ import annotations

import pytest
import stored_past
from fake_source import NOW, info, mixed, row
from msgspec.structs import replace
from stored_past import BEGAN, GAP, OUTAGE

from monitor.link.history import LocalHistory
from monitor.link.messages import Changes, Snapshot
from monitor.model import Reason, State
from monitor.store.travel import NOT_CHECKED
from monitor.tui.data.board import SAMPLES, Board
from monitor.tui.data.stored_moment import PART, Missing, PastSamples, fill_from_history, samples_from_history
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


# ---- the samples of a past moment, in parts


class Past:
    """A board of many endpoints; keeps which samples were asked for."""

    def __init__(self, count=2 * PART + 5):
        self.board = Board(clock=lambda: NOW)
        infos, rows = [info(n) for n in range(count)], [row(n) for n in range(count)]
        self.board.reset(
            Snapshot(
                version="1", title="t", started_at=NOW, now=NOW, infos=tuple(infos), statuses=tuple(rows)
            )
        )
        self.asked = []
        self.samples = PastSamples(self.board, self.ask)

    async def ask(self, handles, samples):
        self.asked.append((samples, list(handles)))
        return [row(one, outcomes="u" * samples, latencies_ms=(5.0,) * samples) for one in handles]

    async def load(self):
        async for _ in self.samples.load():
            pass


async def test_what_is_on_the_screen_comes_first_and_in_full_and_of_the_rest_the_last():
    past = Past()
    assert past.samples.show([7, 3], {"severity"})
    await past.load()
    assert past.asked[0] == (SAMPLES, [7, 3])
    assert [(samples, len(handles)) for samples, handles in past.asked[1:]] == [(1, PART), (1, PART), (1, 3)]
    assert len(past.board.entries[7].outcomes) == SAMPLES
    assert past.board.entries[8].outcomes == "u"
    assert not past.samples.show([7, 3], {"severity"})


async def test_a_row_that_comes_into_view_gets_all_its_samples_once():
    past = Past()
    past.samples.show([1], ())
    await past.load()
    before = len(past.asked)
    assert past.samples.show([1, 2], ())
    await past.load()
    assert past.asked[before:] == [(SAMPLES, [2])]
    entry = past.board.entries[2]
    assert (len(entry.outcomes), len(entry.latencies)) == (SAMPLES, SAMPLES)


async def test_an_order_by_a_percentile_needs_the_samples_of_all():
    past = Past(5)
    past.samples.show([0], {"p95"})
    await past.load()
    assert past.asked == [(SAMPLES, [0]), (SAMPLES, [1, 2, 3, 4])]


async def test_a_screen_that_scrolls_meanwhile_is_served_next():
    past = Past()
    past.samples.show([0], ())
    async for _ in past.samples.load():
        assert not past.samples.show([9], ())  # it is loading already
    assert past.asked[:2] == [(SAMPLES, [0]), (SAMPLES, [9])]


async def test_a_load_that_was_given_up_can_begin_again():
    past = Past()
    past.samples.show([0], ())
    loading = past.samples.load()
    await anext(loading)
    await loading.aclose()
    assert past.samples.show([0], ())


async def test_an_endpoint_that_the_past_does_not_know_changes_nothing():
    past = Past(1)
    past.board.apply(Changes(now=NOW, order=()))
    past.samples._take([row(0, outcomes="u", latencies_ms=(1.0,))])
    assert past.board.entries == {}
