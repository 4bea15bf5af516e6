"""Blockers and dependents."""

from fake_source import NOW, info, mixed, row

from monitor.link.messages import Changes
from monitor.model import Incident, State
from monitor.tui.data.board import Board


def board():
    known = Board(clock=lambda: NOW)
    known.reset(mixed().snapshot)
    return known


def changes(*rows, **more):
    return Changes(now=NOW, statuses=rows, **more)


def dependent(handle, *needs):
    return info(handle, depends_on=needs)


def test_an_unreachable_endpoint_names_the_dependency_that_is_down():
    known = board()
    down, blocked = row(10, State.DOWN), [row(n, State.UNREACHABLE) for n in (11, 12)]
    infos = (info(10), dependent(11, "ep-10"), dependent(12, "ep-0", "ep-11"))
    known.apply(changes(down, *blocked, infos=infos))
    assert [known.entries[n].blocked_by for n in (10, 11, 12)] == ["", "ep-10", "ep-10"]
    known.apply(changes(row(10), row(11), row(12)))
    assert not any(entry.blocked_by for entry in known.entries.values())


def test_a_circle_of_dependencies_has_an_end():
    known = board()
    infos = dependent(11, "ep-12"), dependent(12, "ep-11")
    known.apply(changes(row(11, State.UNREACHABLE), row(12, State.UNREACHABLE), infos=infos))
    assert known.entries[11].blocked_by == ""
    assert known.dependents(known.entries[11]) == [known.entries[12]]


def test_dependents_are_those_of_dependents_too():
    known = board()
    known.apply(changes(infos=(info(10), dependent(11, "ep-10"), dependent(12, "ep-11"))))
    assert [one.info.handle for one in known.dependents(known.entries[10])] == [11, 12]


def test_a_failure_that_is_not_counted_names_the_dependency_that_fails_too():
    known = board()
    fails = row(10, State.FAILING, streak=1, needed=3), row(11, State.FAILING)
    known.apply(changes(*fails, infos=(info(10), dependent(11, "ep-10"))))
    assert [known.entries[n].blocked_by for n in (10, 11)] == ["", "ep-10"]
    known.apply(changes(row(11, State.FAILING, streak=1, needed=3)))
    assert known.entries[11].blocked_by == ""


def outage(handle, **more):
    fields = {"endpoint": f"id-{handle}", "handle": handle, "name": f"ep-{handle}", "began": NOW - 60}
    return Incident(id=str(handle), **(fields | more))


def test_an_endpoint_that_was_down_before_its_dependency_stays_as_severe():
    known = board()
    infos = (info(10), dependent(11, "ep-10"), dependent(12, "ep-10"))
    known.apply(changes(row(11, State.DOWN), infos=infos, incidents=(outage(11),)))
    known.apply(changes(row(10, State.DOWN), *(row(n, State.UNREACHABLE) for n in (11, 12))))
    assert [known.entries[n].severity for n in (11, 12)] == [State.DOWN, State.UNREACHABLE]
    known.apply(changes(incidents=(outage(11, ended=NOW),)))
    assert known.entries[11].severity is State.UNREACHABLE
