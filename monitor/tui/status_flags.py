"""The dashboard's own warnings, as short flags and as a sentence; and the title of the terminal's window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from monitor.link.messages import EngineStats
from monitor.text import plain
from monitor.tui.data.board import Board
from monitor.tui.data.follow import Link
from monitor.tui.data.freezing import Freezing
from monitor.tui.data.moments import moment, zone
from monitor.tui.drawing.words import age
from monitor.tui.lists.order import PROBLEMS, SEVERITY
from monitor.tui.terminal.pace import in_words
from monitor.tui.terminal.symbols import Symbols
from monitor.tui.widgets.header import Flags

if TYPE_CHECKING:
    from monitor.tui.app import Dashboard

_NOT_CURRENT = {Link.SILENT: "no answer", Link.LOST: "engine gone"}


def flags(app: Dashboard, notes: Sequence[str] = ()) -> Flags:
    """The flags of the header; ``notes`` are those of the screen."""
    live, link = app.travel.live, app.follower.link
    problems = len(live.problems)
    wrong = f"config: {problems} problem{'s'[: problems > 1]} ({app.key('view.config')})" if problems else ""
    bad = [
        "OFFLINE" if live.stats.offline else "",
        "HISTORY NOT WRITTEN" if live.stats.history else "",
        f"ALERT FAILS: {plain(live.stats.alerts, 30)}" if live.stats.alerts else "",
        "ENGINE GONE" if link is Link.LOST else "",
        wrong,
    ]
    slow = in_words(app.terminal.slowness) if app.terminal else ""
    waiting = {Link.LOADING: "loading …", Link.SILENT: "no answer"}.get(link, "")
    more = [_frozen_flag(app.freezing), *_attached(live.stats), waiting, slow, *notes]
    old = link in (Link.SILENT, Link.LOST) or bool(app.freezing.trouble)
    return Flags(tuple(filter(None, bad)), tuple(filter(None, more)), _as_of(app), old)


def _attached(stats: EngineStats) -> list[str]:
    """Flags of the connection: read-only, and the number of other dashboards."""
    others = len(stats.others)
    return ["READ-ONLY" if stats.read_only else "", f"+{others} attached" if others else ""]


def _as_of(app: Dashboard) -> str:
    then = app.travel.moment
    return "" if then is None else f"AS OF {moment(then, app.travel.live.now())}{zone()}"


def notice(app: Dashboard) -> str:
    """The most important warning as a sentence; empty if there is none."""
    then, live = app.travel.moment, app.travel.live
    if then is not None:
        keys = (app.key(name) for name in ("travel.earlier", "travel.later", "travel.before", "travel.after"))
        earlier, later, before, after = keys
        return (
            f"{_as_of(app)}, {age(live.now() - then)} ago: {app.key('travel.now')} back to now,"
            f" {earlier} {later} a minute, {before} {after} a change"
        )
    return (
        _broken_link(app)
        or _frozen(app)
        or (f"config not in force: {plain(str(live.problems[0]))}" if live.problems else "")
    )


def _frozen(app: Dashboard) -> str:
    """The time at which the view was frozen, and the way back; empty if it is not."""
    live, freezing = app.travel.live, app.freezing
    if not freezing.on or live.heard_at is None:
        return ""
    then = moment(live.heard_at + live.offset, live.now())
    lost = f"no engine: {plain(freezing.trouble)}" if freezing.trouble else "checks and alerts continue"
    return f"frozen since {then}: {app.key('freeze')} shows the present; {lost}"


def _frozen_flag(freezing: Freezing) -> str:
    """``FROZEN 3m, 7 unseen``: the age of the view, and the changes of state that it does not show."""
    unseen = f", {freezing.unseen} unseen" if freezing.unseen else ""
    return f"FROZEN {age(freezing.seconds)}{unseen}" if freezing.on else ""


def _broken_link(app: Dashboard) -> str:
    """Why the engine does not answer, and the age of the displayed data; empty if it answers."""
    live, link = app.travel.live, app.follower.link
    since = "" if live.heard_at is None else f" since {moment(live.heard_at + live.offset, live.now())}"
    if link is Link.SILENT:
        return f"the engine has not answered{since}: the data is from then"
    if link is not Link.LOST:
        return ""
    if live.problems:
        return f"no engine{since}: none starts with {plain(str(live.problems[0]))}"
    return f"no engine{since}, trying again: {plain(app.follower.trouble)}"


def window_title(board: Board, link: Link, symbols: Symbols) -> str:
    """``✖2 ▲3 shop.toml``: endpoints by state, problems only; and whether that is current."""
    counts = board.counts()
    wrong = [f"{symbols.states[one]}{counts[one]}" for one in SEVERITY if one in PROBLEMS and counts[one]]
    title = symbols.text(board.title)
    return " ".join(filter(None, (_NOT_CURRENT.get(link, ""), *wrong, title or "monitor")))
