"""The uptimes that each dashboard's columns need."""

from types import SimpleNamespace

import pytest
from virtual import Script, endpoint, until, virtual, watching

from monitor.engine.uptime_backlog import AT_ONCE, ROUND, UptimeBacklog, UptimeCache
from monitor.engine.uptimes import Uptimes
from monitor.judge.availability import Availability, Edge, Kind

DAY, NOW = 86400.0, 1_000_000_000.0


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
