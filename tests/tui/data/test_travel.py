"""Going back in time."""

from __future__ import annotations

import asyncio

import pytest
import stored_past
from fake_source import NOW, FakeSource, failed, info, row
from msgspec.structs import replace

from monitor.link.history import LocalHistory
from monitor.link.messages import CheckProgress, Detail, Point
from monitor.model import (
    Acknowledgement,
    Ending,
    Event,
    Incident,
    Kind,
    NetworkPath,
    Notification,
    NotificationState,
    PathProtocol,
    Result,
    State,
    Status,
)
from monitor.tui.data.travel import beginning

ALL = range(7)


def event(ago, handle=1, text="down"):
    return Event(at=NOW - ago, handle=handle, level="bad", text=text)


@pytest.fixture
async def traveller(seat):
    """Somebody who may go back an hour: until ten minutes ago everything was down."""
    seat.source.snapshot = replace(seat.source.snapshot, started_at=NOW - 3600)
    seat.source.past = lambda moment: [
        failed(handle, since=NOW - 3600) if moment < NOW - 600 else row(handle, since=NOW - 600)
        for handle in ALL
    ]
    seat.app.travel.live.started_at = NOW - 3600
    seat.source.push(
        events=(event(1800), event(600, text="up again"), event(300, handle=None, text="reload"))
    )
    await seat.settle()
    return seat


async def went(traveller, *keys):
    """Press keys, and wait until the dashboard is where they lead."""
    travel = traveller.app.travel
    await traveller.press(*keys)
    await traveller.until(lambda: not travel._going)
    await traveller.pilot.pause()
    return None if travel.moment is None else travel.moment - NOW


def held_back(source):
    """Have ``source`` answer only once this is set."""
    gate, answer = asyncio.Event(), source.states_at

    async def slow(*request):
        await gate.wait()
        async for rows in answer(*request):
            yield rows

    source.states_at = slow
    return gate


def states(traveller):
    return {line.entry.status.state for line in traveller.app.overview.table.lines}


# ── going ───────────────────────────────────────────────────────────────────────────────────────


async def test_the_whole_table_goes_back_and_returns(traveller):
    assert await went(traveller, *["["] * 15) == -900
    assert states(traveller) == {State.DOWN}
    top = traveller.lines()
    assert "7 DOWN" in top[0]
    assert "AS OF" in top[0]
    assert "15m ago: T back to now" in top[1]
    assert await went(traveller, *["]"] * 10) == -300
    assert states(traveller) == {State.UP}
    assert await went(traveller, "T") is None
    assert states(traveller) > {State.UP, State.DOWN}
    assert "AS OF" not in "".join(traveller.lines())


async def test_going_on_beyond_now_is_now(traveller):
    assert await went(traveller, "[", "]", "]") is None


async def test_changes_are_gone_to_one_by_one(traveller):
    assert await went(traveller, "{") == -600
    assert await went(traveller, "{") == -1800
    assert await went(traveller, "{") == -1800
    assert "no change before that" in traveller.lines()[-1]
    assert await went(traveller, "}") == -600
    assert await went(traveller, "}") is None


async def test_nobody_goes_further_back_than_is_remembered(traveller):
    traveller.app.travel.go(NOW - 9999)
    assert await went(traveller) == -3600
    assert "watching began at" in traveller.lines()[-1]


async def test_escape_returns_once_nothing_else_is_to_be_taken_back(traveller):
    assert await went(traveller, "[", "space", "escape") == -60
    assert await went(traveller, "escape") is None


async def test_steps_that_come_quicker_than_answers_are_not_all_asked_for(traveller):
    gate = held_back(traveller.source)
    await traveller.press(*["["] * 9)
    gate.set()
    assert await went(traveller) == -540
    assert [moment - NOW for moment in traveller.source.asked] == [-60, -540]


async def test_a_return_does_not_wait_for_an_answer(traveller):
    gate = held_back(traveller.source)
    await traveller.press("[", "T")
    gate.set()
    assert await went(traveller) is None


async def test_an_engine_that_does_not_answer_leaves_everything_as_it_is(traveller):
    traveller.source.gone = "no engine"
    assert await went(traveller, "[") is None
    assert "the past cannot be shown: no engine" in traveller.app.message


# ── what goes on meanwhile ──────────────────────────────────────────────────────────────────────


async def test_what_is_new_waits_and_is_there_at_once_on_return(traveller):
    await went(traveller, "[")
    traveller.source.push(*(failed(handle) for handle in ALL))
    await traveller.settle()
    assert states(traveller) == {State.UP}
    await went(traveller, "T")
    assert states(traveller) == {State.DOWN}


async def test_another_engine_knows_nothing_of_this_past(traveller):
    await went(traveller, "[")
    traveller.app.travel.live.reset(replace(traveller.source.snapshot, started_at=NOW))
    traveller.app.board_changed()
    assert await went(traveller) is None
    assert "the engine was started again" in traveller.app.message


@pytest.mark.parametrize("key", ["r", "p", "a", "m", "n", "D", "E", "u", "ctrl+r"])
async def test_nothing_is_done_in_the_past(traveller, key):
    await went(traveller, "[")
    asked = len(traveller.source.asked)
    await traveller.press(key)
    assert traveller.app.screen is traveller.app.overview
    assert len(traveller.source.asked) == asked
    assert "read-only while looking at the past; press T for live" in traveller.lines()[-1]


async def test_the_calendar_of_certificates_is_of_the_present(traveller):
    await went(traveller, "[")
    assert await went(traveller, "3") is None
    assert await went(traveller, "[") is None
    assert "only the present is known" in traveller.lines()[-1]


# ── what is seen of the past ────────────────────────────────────────────────────────────────────


def result(ago):
    return Result(endpoint="x", status=Status.UP, reason=None, message=f"{ago} ago", checked_at=NOW - ago)


async def test_details_are_those_of_then(traveller):
    newest = Detail(
        handle=1,
        last=result(10),
        last_failure=result(90),
        last_good=result(10),
        points=tuple(Point(NOW - ago, "u", 1.0) for ago in (120, 60, 30, 1)),
        phases_ms={"wait": 1.0},
        in_progress=CheckProgress("wait"),
        path=NetworkPath(at=NOW - 5, target="192.0.2.1", protocol=PathProtocol.ICMP),
    )

    async def detail(handle, since):
        return newest

    traveller.source.detail = detail
    await went(traveller, "[")
    then = await traveller.app.travel.detail(1, 0.0)
    assert (then.last, then.last_good, then.last_failure) == (None, None, newest.last_failure)
    assert [point.at - NOW for point in then.points] == [-120, -60]
    assert (then.phases_ms, then.in_progress, then.path) == ({}, None, None)
    await went(traveller, "T")
    assert await traveller.app.travel.detail(1, 0.0) == newest


MARK = Acknowledgement(at=NOW - 100, by="ann", note="on it")


@pytest.mark.parametrize("ago", [250, 150, 90, 20])
def test_incidents_are_those_of_then(seat_board, ago):
    whole = Incident(
        id="1",
        endpoint="x",
        handle=1,
        name="x",
        began=NOW - 200,
        ended=NOW - 50,
        ending=Ending.RECOVERED,
        latest="refused",
        failed=7,
        acknowledged=MARK,
    )
    seat_board.incidents = {"1": whole}
    seat_board.events.extend((event(200), event(50, text="up again")))
    board = beginning(seat_board, NOW - ago)
    assert len(board.events) == sum(at >= ago for at in (200, 50))
    if ago == 250:
        assert not board.incidents
    elif ago == 20:
        assert board.incidents == {"1": whole}
    else:
        unfinished = {"ended": None, "ending": None, "latest": "", "failed": 0}
        known = MARK if ago <= 100 else None
        assert board.incidents == {"1": replace(whole, **unfinished, acknowledged=known)}


def sent(ago: float, took: float) -> Notification:
    return Notification(
        alert="Mail",
        channel="mail",
        kind=Kind.DOWN,
        at=NOW - ago,
        state=NotificationState.DELIVERED,
        ended_at=NOW - ago + took,
        tries=1,
    )


@pytest.mark.parametrize(
    ("ago", "states"), [(150, []), (110, ["waiting"]), (80, ["delivered", "waiting"]), (5, ["delivered"] * 2)]
)
def test_messages_are_those_of_then(seat_board, ago, states):
    whole = Incident(id="1", endpoint="x", handle=1, name="x", began=NOW - 200)
    seat_board.incidents = {"1": replace(whole, notifications=(sent(120, 30), sent(85, 60)))}
    (then,) = beginning(seat_board, NOW - ago).incidents.values()
    assert [one.state for one in then.notifications] == states
    assert [one.tries for one in then.notifications] == [int(state == "delivered") for state in states]


@pytest.fixture
async def seat_board(seat):
    return seat.app.travel.live


# ── on the history ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def historian(traveller, tmp_path):
    """Somebody whose engine keeps a history that is older than its run."""
    path = stored_past.write(
        tmp_path / "history.db", [stored_past.incident(1, stored_past.OUTAGE[0], stored_past.OUTAGE[1])]
    )
    traveller.source.stored = LocalHistory(path)
    traveller.app.travel.live.history_file = str(path)
    return traveller


async def gone_to(historian, moment):
    historian.app.travel.go(moment)
    await went(historian)
    return historian.app.travel.moment


async def test_the_table_shows_a_moment_before_the_engine_started(historian):
    moment = stored_past.OUTAGE[0] + 301
    assert await gone_to(historian, moment) == moment
    assert historian.source.asked == []
    lines = "\n".join(historian.lines())
    assert "1 DOWN" in lines
    assert "AS OF" in lines
    (open_one,) = historian.app.board.incidents.values()
    assert (open_one.ended, open_one.handle) == (None, 1)


async def test_nobody_goes_further_back_than_the_history(historian):
    assert await gone_to(historian, stored_past.BEGAN - 9999) == stored_past.BEGAN
    assert "the history begins at" in historian.lines()[-1]


async def test_changes_are_found_in_the_history_in_both_directions(historian):
    down, up = stored_past.OUTAGE
    for key, moment in (("{", -600), ("{", -1800), ("{", up - NOW), ("{", down - NOW)):
        await historian.press(key)
        await historian.until(lambda: not historian.app.travel._seeking)
        assert await went(historian) == moment
    for moment in (up - NOW, -1800, -600):
        await historian.press("}")
        await historian.until(lambda: not historian.app.travel._seeking)
        assert await went(historian) == moment


async def test_the_engine_shows_the_newest_moments_and_those_of_an_unreadable_history(historian, tmp_path):
    assert await gone_to(historian, NOW - 5) == NOW - 5
    historian.source.stored = LocalHistory(tmp_path / "none.db")
    historian.app.travel.live.history_file = "another"
    assert await gone_to(historian, NOW - 1000) == NOW - 1000
    assert historian.source.asked == [NOW - 5, NOW - 1000]
    assert await gone_to(historian, NOW - 9999) == NOW - 3600
    assert "there is no history" in historian.lines()[-1]


async def test_a_detail_that_the_engine_forgot_comes_from_the_history(historian):
    await gone_to(historian, stored_past.OUTAGE[0] + 301)
    detail = await historian.app.travel.detail(1, 0.0)
    assert "".join(point.outcome for point in detail.points) == "uuuuudddddd"
    assert (detail.last.status, detail.last.checked_at) == (Status.DOWN, stored_past.OUTAGE[0] + 300)
    assert detail.last_failure.checked_at == stored_past.OUTAGE[0]
    assert detail.last_good.latency_ms == 41.0
    assert detail.phases_ms == {}


async def test_samples_come_for_the_rows_on_the_screen_and_the_last_one_for_others(make_seat):
    source = FakeSource([info(n) for n in range(300)], [row(n) for n in range(300)])
    source.past = lambda _: [row(n, outcomes="u" * 120, latencies_ms=(5.0,) * 120) for n in range(300)]
    source.snapshot = replace(source.snapshot, started_at=NOW - 3600)
    seat = make_seat(source)
    async with seat.app.run_test(size=(80, 24)) as seat.pilot:
        await seat.settle()
        await went(seat, "[")
        await seat.until(lambda: sum(len(handles) for _, handles in source.sampled) >= 300)
        assert source.sampled[0] == (120, list(range(21)))
        assert {samples for samples, _ in source.sampled[1:]} == {1}
        source.sampled.clear()
        await seat.press("G")
        await seat.until(lambda: source.sampled)
        ((samples, handles),) = source.sampled
        assert (samples, set(handles)) == (120, set(seat.app.overview.table.handles_on_screen()))
