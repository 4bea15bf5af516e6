"""Uptimes of every endpoint over the usual windows."""

from types import SimpleNamespace

import pytest
from virtual import Script, endpoint, until, virtual, watching

from monitor.engine.uptimes import AT_ONCE, ROUND, UptimeBacklog, UptimeCache, Uptimes
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


# ---- uptimes that dashboards are owed


NOW = 1_000_000_000.0


def tracked(*handles):
    return {handle: SimpleNamespace(handle=handle, id=f"e{handle}") for handle in handles}


def down_for(seconds):
    """An uptime of a day in which an endpoint was down, a week ago."""
    began = NOW - 20 * DAY
    edges = [Edge(began, Kind.UP), Edge(began + DAY, Kind.DOWN), Edge(began + DAY + seconds, Kind.UP)]
    return Availability(edges, checked=NOW, patience=1e9)


class Dashboard:
    """A backlog of its own, and a count of the figures that were computed."""

    def __init__(self, *handles, cache=None):
        self.uptimes, self.endpoints = Uptimes(), tracked(*handles)
        for one in self.endpoints.values():
            self.uptimes.restore(one.id, down_for(one.handle * DAY))
        self.backlog = UptimeBacklog(cache or UptimeCache(self.uptimes))

    def pull(self, *windows, at=0.0):
        found = self.backlog.next(windows, self.endpoints, NOW + at)
        return {one.handle: one.uptimes for one in found}


def test_only_the_windows_that_were_asked_for_are_sent():
    dashboard = Dashboard(0, 1)
    assert dashboard.pull("30d") == {0: (None, None, None, 10_000), 1: (None, None, None, 9500)}


@pytest.mark.parametrize("windows", [(), ("90d",), ("",)])
def test_nothing_is_sent_without_a_known_window(windows):
    assert Dashboard(0, 1).pull(*windows) == {}


def test_a_figure_is_sent_once():
    dashboard = Dashboard(1)
    assert dashboard.pull("7d") == {1: (None, None, 10_000, None)}
    assert dashboard.pull("7d", at=ROUND) == {}


def test_a_figure_is_sent_again_when_it_changes_as_shown():
    dashboard = Dashboard(1)
    dashboard.uptimes.restore("e1", down_for(DAY + 60))
    assert dashboard.pull("30d") == {1: (None, None, None, 9490)}
    dashboard.uptimes.restore("e1", down_for(DAY + 120))
    assert dashboard.pull("30d", at=ROUND) == {}  # still 94.9 % for people
    dashboard.uptimes.restore("e1", down_for(DAY + 3600))
    assert dashboard.pull("30d", at=2 * ROUND) == {1: (None, None, None, 9470)}


def test_another_choice_of_windows_begins_again():
    dashboard = Dashboard(1)
    dashboard.pull("30d")
    assert dashboard.pull("7d", "30d") == {1: (None, None, 10_000, 9500)}


def test_an_endpoint_without_known_time_is_not_sent():
    dashboard = Dashboard(1)
    dashboard.uptimes.restore("e1", Availability())
    assert dashboard.pull("1h") == {}


def test_many_endpoints_are_looked_at_in_parts_and_the_first_round_is_waited_for():
    dashboard = Dashboard(*range(AT_ONCE + 1))
    assert len(dashboard.pull("1h")) == AT_ONCE
    assert dashboard.backlog.is_behind
    assert len(dashboard.pull("1h")) == 1
    assert not dashboard.backlog.is_behind
    dashboard.pull("1h", at=ROUND)
    assert not dashboard.backlog.is_behind


def test_a_new_dashboard_uses_the_figures_of_another():
    first = Dashboard(1)
    first.pull("1h")
    first.uptimes.restore("e1", Availability())
    second = Dashboard(1, cache=first.backlog._cache)
    assert second.pull("1h", at=ROUND / 4) == {1: (10_000, None, None, None)}
    third = Dashboard(1, cache=first.backlog._cache)
    assert third.pull("1h", at=ROUND) == {}


@virtual
async def test_an_outage_lowers_the_figures_of_a_dashboard_that_shows_them():
    async with watching(Script(a="u" * 10 + "d" * 30 + "u"), endpoint("a"), endpoint("b")) as running:
        showing, plain = running.engine.feed(10), running.engine.feed(10)
        showing.snapshot(), plain.snapshot()
        await until(60)
        first = showing.changes(("1h",)).uptimes
        assert [one.uptimes[0] for one in first] == [10_000, 10_000]
        await until(400)
        (changed,) = showing.changes(("1h",)).uptimes
        assert changed.handle == first[0].handle
        assert changed.uptimes[0] < 9000
        assert plain.changes().uptimes == ()
