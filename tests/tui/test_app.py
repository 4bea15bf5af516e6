"""The frame: following, freezing, quitting."""

import asyncio

import pytest
from fake_source import NOW, FakeSource, failed, info, mixed, row
from msgspec.structs import replace

from monitor.link.messages import EngineStats
from monitor.model import DashboardSettings, State
from monitor.tui.app import MESSAGE_SECONDS
from monitor.tui.data import freezing


async def test_a_frozen_view_takes_nothing_new(seat):
    await seat.press("f")
    assert "FROZEN" in seat.lines()[0]
    seat.source.push(failed(5))
    seat.app.follower.hurry()
    await seat.pilot.pause()
    assert seat.source.waiting
    await seat.press("z")
    await seat.settle()
    assert seat.app.board.entries[5].status.state is State.DOWN


async def test_a_frozen_view_counts_the_changes_that_it_does_not_show(seat, monkeypatch):
    monkeypatch.setattr(freezing, "PAUSE", 0.0)
    await seat.press("f")
    table = seat.lines()[2:]
    seat.seconds, seat.source.state_changes = 75.0, 3
    await seat.until(lambda: "FROZEN 1m, 3 unseen" in seat.lines()[0])
    assert seat.lines()[2:] == table
    await seat.press("f")
    assert "FROZEN" not in seat.lines()[0]


@pytest.mark.parametrize("view", ["2", "3", "4", "5", "7", "8", "enter"])
async def test_every_view_counts_them(seat, monkeypatch, view):
    monkeypatch.setattr(freezing, "PAUSE", 0.0)
    await seat.press(view, "z")
    seat.source.state_changes = 3
    await seat.until(lambda: any("3 unseen" in line for line in seat.lines()))
    await seat.press("z")
    assert not any("FROZEN" in line for line in seat.lines())


async def test_a_lost_engine_is_told_and_found_again(seat):
    seat.source.gone = "engine died: boom"
    seat.app.follower.hurry()
    await seat.pilot.pause()
    await seat.pilot.pause()
    assert "ENGINE GONE" in seat.lines()[0]
    assert "engine died: boom" in seat.lines()[1]
    seat.source.gone = ""
    seat.app.follower.hurry()
    await seat.pilot.pause()
    await seat.pilot.pause()
    assert "ENGINE GONE" not in seat.lines()[0]


def numbered(first: int) -> FakeSource:
    """Endpoints as an engine has them whose handles begin with this number."""
    return FakeSource(
        [replace(info(first + n, f"ep {n}"), id=f"id-{n}") for n in range(3)],
        [row(first + n) for n in range(3)],
    )


@pytest.mark.parametrize("seat", [lambda: numbered(0)], indirect=True)
@pytest.mark.parametrize(("key", "title"), [("enter", "ep 1"), ("v", "latency of 3 endpoints")])
async def test_views_go_on_with_their_endpoints_when_the_engine_was_started_anew(seat, key, title):
    await seat.press("j", key)
    assert title in seat.lines()[1]
    seat.source.gone = "engine died"
    seat.app.follower.hurry()
    await seat.until(lambda: "ENGINE GONE" in seat.lines()[0])
    seat.source.gone, seat.source.snapshot = "", numbered(100).snapshot
    seat.app.follower.hurry()
    await seat.until(lambda: "ENGINE GONE" not in seat.lines()[0])
    await seat.pilot.pause()
    assert title in seat.lines()[1]
    await seat.press("r")
    assert [set(one.handles) for one in seat.source.asked] == [{101} if key == "enter" else {100, 101, 102}]
    await seat.press("1", "r")
    assert seat.current == "ep 1"
    assert seat.source.asked[-1].handles == (101,)


async def test_an_engine_that_takes_its_time_has_its_figures_shown_at_once(make_seat):
    source = mixed()
    hello, may_answer = source.hello, asyncio.Event()

    async def late():
        await may_answer.wait()
        return await hello()

    source.hello = late
    seat = make_seat(source)
    async with seat.app.run_test(size=(120, 30)) as seat.pilot:
        await seat.pilot.pause()
        assert "checks/s" not in seat.lines()[0]
        may_answer.set()
        await seat.settle()
        assert "12 checks/s" in seat.lines()[0]


async def test_figures_change_every_five_seconds(seat):
    assert "12 checks/s" in seat.lines()[0]
    for seconds, told in [(4.9, "12 checks/s"), (5.0, "99 checks/s")]:
        seat.seconds = seconds
        seat.source.push(stats=EngineStats(checks_per_second=99.0))
        await seat.settle()
        assert told in seat.lines()[0]


async def test_an_engine_found_again_tells_its_own_figures_at_once(seat):
    seat.source.gone = "engine died: boom"
    seat.app.follower.hurry()
    await seat.pilot.pause()
    seat.source.snapshot = replace(seat.source.snapshot, stats=EngineStats(checks_per_second=55.0))
    seat.source.gone = ""
    seat.app.follower.hurry()
    await seat.pilot.pause()
    await seat.pilot.pause()
    assert "55 checks/s" in seat.lines()[0]


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_quitting_asks_nothing(seat, key):
    await seat.pilot.press(key)
    assert seat.app.return_value == 0


async def test_a_message_makes_room_for_the_keys_after_a_while(seat):
    seat.app.say("silenced 1 endpoint for 1h")
    seat.seconds += MESSAGE_SECONDS - 1
    seat.source.push(row(0))
    await seat.settle()
    assert "silenced 1 endpoint" in seat.lines()[-1]
    seat.seconds += 1
    seat.source.push(row(0))
    await seat.settle()
    assert "? help" in seat.lines()[-1]


async def test_the_cursor_goes_to_an_endpoint_that_was_just_added(seat):
    seat.app.overview.expect_new()
    seat.source.push(row(7), infos=(info(7, "zz new"),))
    await seat.settle()
    assert seat.current == "zz new"
    await seat.press("k")
    seat.source.push(row(8), infos=(info(8, "somebody else's"),))
    await seat.settle()
    assert seat.current != "somebody else's"


@pytest.mark.parametrize("bell", [True, False])
async def test_the_bell_rings_for_a_new_outage_if_the_config_says_so(seat, monkeypatch, bell):
    rung = []
    monkeypatch.setattr(seat.app, "bell", lambda: rung.append(True))
    seat.source.push(dashboard=DashboardSettings(bell=bell))
    await seat.settle()
    seat.source.push(failed(0, since=NOW + 1))
    await seat.settle()
    assert rung == [True] * bell
