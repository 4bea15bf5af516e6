"""The dashboard's own warnings, and the title of the terminal's window."""

import pytest
from fake_source import NOW, mixed, row
from msgspec.structs import replace

from monitor.link.messages import EngineStats
from monitor.model import Problem, State
from monitor.tui import status_flags
from monitor.tui.data.board import Board
from monitor.tui.data.follow import Link
from monitor.tui.data.moments import clock
from monitor.tui.terminal.symbols import ASCII, UNICODE

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
    app.freezing.switch()
    app.freezing.unseen = 7


def frozen_and_lost(app):
    frozen(app)
    app.freezing.trouble = "it has gone"


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
    (
        frozen,
        (),
        ("FROZEN 0s, 7 unseen",),
        f"frozen since {SINCE}: f shows the present; checks and alerts continue",
    ),
    (
        frozen_and_lost,
        (),
        ("FROZEN 0s, 7 unseen",),
        f"frozen since {SINCE}: f shows the present; no engine: it has gone",
    ),
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


def board(**changes):
    shown = Board(clock=lambda: NOW)
    shown.reset(replace(mixed().snapshot, **changes))
    return shown


def test_problems_are_counted_worst_first():
    assert status_flags.window_title(board(), Link.CONNECTED, UNICODE) == "✖1 ◆1 ▲1 test.toml"


def test_a_terminal_without_unicode_gets_ascii():
    assert status_flags.window_title(board(title="läden.toml"), Link.CONNECTED, ASCII).isascii()


def test_nothing_wrong_is_a_bare_title():
    well = board(statuses=tuple(row(n, State.UP) for n in range(7)))
    assert status_flags.window_title(well, Link.CONNECTED, UNICODE) == "test.toml"


@pytest.mark.parametrize(("link", "begins"), [(Link.LOST, "engine gone ✖1"), (Link.SILENT, "no answer ✖1")])
def test_what_is_not_current_says_so(link, begins):
    assert status_flags.window_title(board(), link, UNICODE).startswith(begins)


def test_before_the_engine_answers_there_is_a_name():
    assert status_flags.window_title(Board(clock=lambda: NOW), Link.LOADING, UNICODE) == "monitor"


def test_a_hostile_title_ends_no_escape_sequence():
    title = status_flags.window_title(board(title="x\x1b]0;evil\x07\x9cy"), Link.CONNECTED, UNICODE)
    assert title.isprintable()
