"""Uptimes of every endpoint over the usual windows."""

import pytest
from virtual import Script, endpoint, until, virtual, watching

from monitor.engine.uptimes import Uptimes
from monitor.judge.availability import Availability, Edge, Kind
from monitor.model import State
from monitor.model.events import EndpointRemoved, StateChanged
from monitor.model.report import Budget

DAY = 86400.0


def test_each_window_has_its_own_uptime():
    uptimes, now = Uptimes(), 100 * DAY
    edges = [
        Edge(now - 20 * DAY, Kind.UP),
        Edge(now - 3 * DAY, Kind.DOWN),
        Edge(now - 2 * DAY, Kind.UP),
    ]
    uptimes.restore("a", Availability(edges, now))
    assert uptimes.of("a", now) == (1.0, 1.0, 0.85714285, 0.95)
    assert uptimes.of("unknown", now) == (None, None, None, None)


def test_changes_are_collected_from_the_earliest_on():
    uptimes = Uptimes()
    for at, after in ((5.0, State.UP), (9.0, State.PAUSED)):
        uptimes.accept(StateChanged(at=at, endpoint="a", before=State.PENDING, after=after))
    assert uptimes.changed == {"a": 5.0}


def test_time_after_a_removal_is_unknown():
    uptimes = Uptimes()
    uptimes.accept(StateChanged(at=0.0, endpoint="a", before=State.PENDING, after=State.UP))
    uptimes.accept(EndpointRemoved(at=10.0, endpoint="a"))
    assert uptimes.availability("a").edges()[-1] == Edge(10.0, Kind.UNKNOWN)


@virtual
async def test_an_outage_counts_from_its_first_failed_check():
    async with watching(Script(a="u" * 10 + "d" * 30 + "u"), endpoint("a")) as running:
        await until(400)
        (incident,) = running.engine.incidents.values()
        uptime = running.row("a").uptime
        seconds = running.engine.uptimes.availability("a").seconds(0, running.engine.clock())
        assert incident.ended
        assert seconds.down == incident.ended - incident.began
        assert uptime == seconds.uptime


def test_the_error_budget_is_that_of_thirty_days():
    uptimes = Uptimes()
    assert uptimes.budget("a", None, 1e9) == Budget()
    budget = uptimes.budget("a", 99.9, 1e9)
    assert (budget.budget_s, budget.left_s, budget.burn) == (
        pytest.approx(2592.0),
        pytest.approx(2592.0),
        None,
    )
