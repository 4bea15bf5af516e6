"""How the dashboard itself stands."""

import pytest
from fake_source import NOW

from monitor.link.messages import EngineStats
from monitor.model import Problem
from monitor.tui import status_flags
from monitor.tui.data.follow import Link
from monitor.tui.data.moments import clock

SINCE = clock(NOW)
PROBLEM = Problem("/etc/monitor.toml", 3, "endpoints[0].url", "is missing")


def calm(_app):
    """Nothing is wrong."""


def offline(app):
    app.board.stats = EngineStats(offline=True)


def lost(app):
    app.follower.link, app.follower.trouble = Link.LOST, "it has gone"


def silent(app):
    app.follower.link = Link.SILENT


def not_startable(app):
    lost(app)
    broken(app)


def broken(app):
    app.board.problems = (PROBLEM, PROBLEM)


def attached(app):
    app.board.stats = EngineStats(others=("ann", "bob"), read_only=True)


def frozen(app):
    app.frozen = True


def undelivered(app):
    app.board.stats = EngineStats(history="disk full", alerts="On call")


STANDINGS = [
    (undelivered, ("HISTORY NOT WRITTEN", "ALERT FAILS: On call"), (), ""),
    (calm, (), (), ""),
    (offline, ("OFFLINE",), (), ""),
    (lost, ("ENGINE GONE",), (), f"no engine since {SINCE}, trying again: it has gone"),
    (
        not_startable,
        ("ENGINE GONE", "config: 2 problems (6)"),
        (),
        f"no engine since {SINCE}: none starts with {PROBLEM}",
    ),
    (
        silent,
        (),
        ("no answer",),
        f"the engine has not answered since {SINCE}: the data is from then",
    ),
    (broken, ("config: 2 problems (6)",), (), f"config not in force: {PROBLEM}"),
    (frozen, (), ("FROZEN",), ""),
    (attached, (), ("READ-ONLY", "+2 attached"), ""),
]


@pytest.mark.parametrize(("happens", "bad", "notes", "notice"), STANDINGS)
async def test_what_has_to_be_warned_of(seat, happens, bad, notes, notice):
    happens(seat.app)
    told = status_flags.flags(seat.app)
    assert (told.bad, told.notes, told.states_at) == (bad, notes, "")
    assert told.old is ("engine" in notice)
    assert status_flags.notice(seat.app) == notice


async def test_the_past_cannot_be_overlooked_and_what_is_wrong_now_is_still_flagged(seat):
    seat.app.travel.live.started_at = NOW - 3600
    seat.app.travel.go(NOW - 840)
    await seat.until(lambda: seat.app.travel.moment)
    seat.app.travel.live.problems = (PROBLEM,)
    told = status_flags.flags(seat.app, ["order held"])
    assert told.bad == ("config: 1 problem (6)",)
    assert told.notes == ("order held",)
    assert told.states_at.startswith("AS OF ")
    assert "14m ago: T back to now, [ ] a minute, { } a change" in status_flags.notice(seat.app)
