"""What is counted of each endpoint's checks."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import pytest

from monitor.engine import Engine
from monitor.judge.availability import Availability, Edge, Kind
from monitor.link.figures import GetCounts, GetMeasures, GetUptimes
from monitor.model import Config, Endpoint, Incident, Result, Status
from monitor.model.events import Checked, EndpointRemoved, IncidentOpened
from monitor.probes.tcp import Tcp
from monitor.service import counters as module
from monitor.service.counters import Counters

NOW = 1_000_000.0


@pytest.fixture
async def counters() -> Counters:
    endpoints = tuple(
        Endpoint(id=id, name=id, probe=Tcp(url="tcp://192.0.2.1:1"), interval=3600.0) for id in "abc"
    )
    engine = Engine(Config(endpoints=endpoints), clock=lambda: NOW)
    made = Counters(engine)
    engine.start()
    await engine.stop()
    return made


def checked(id: str, status: Status, at: float = NOW - 10) -> Checked:
    result = Result(
        endpoint=id,
        status=status,
        reason=None,
        message="",
        checked_at=at,
        latency_ms=5.0,
        phases_ms={"connect": 3.0},
    )
    return Checked(at=at, endpoint=id, result=result)


async def test_checks_and_incidents_are_counted_and_the_last_check_is_kept(counters: Counters):
    for status in (Status.UP, Status.DOWN, Status.DOWN):
        counters.accept(checked("b", status))
    incident = Incident(id="i", endpoint="b", handle=1, name="b", began=NOW - 10)
    counters.accept(IncidentOpened(at=NOW, incident=incident))
    _, counted, _ = counters.page(GetCounts(uptimes=True)).counts
    assert (counted.checks[Status.UP], counted.checks[Status.DOWN], counted.incidents) == (1, 2, 1)
    assert (counted.status, counted.latency_ms, counted.phases_ms) == (Status.DOWN, 5.0, {"connect": 3.0})


async def test_very_many_come_in_pages(counters: Counters, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "AT_ONCE", 2)
    first = counters.page(GetCounts(uptimes=True))
    assert ([one.handle for one in first.counts], first.after) == ([0, 1], 1)
    second = counters.page(GetCounts(after=1))
    assert ([one.handle for one in second.counts], second.after) == ([2], None)


async def test_uptimes_follow_from_the_engine(counters: Counters):
    edges = [Edge(NOW - 100, Kind.UP), Edge(NOW - 50, Kind.DOWN)]
    counters._engine.uptimes.restore("a", Availability(edges, NOW - 1, 7210.0))
    counted = counters.page(GetCounts(uptimes=True)).counts[0]
    assert counted.uptimes == (0.5, 0.5, 0.5, 0.5)
    asked = GetUptimes(handles=(0, 2, 99), bounds=(NOW - 100, NOW - 50, NOW, NOW + 50))
    assert counters.uptimes(asked).shares == {0: (1.0, 0.0, None), 2: (None, None, None)}


@pytest.mark.parametrize("bounds", [(), (1.0,), (nan, inf, -inf), (5.0, 1.0), tuple(map(float, range(999)))])
async def test_windows_that_are_none_do_no_harm(counters: Counters, bounds: Any):
    shares = counters.uptimes(GetUptimes(handles=tuple(range(1000)), bounds=bounds)).shares
    assert all(share is None for one in shares.values() for share in one)


async def test_what_left_the_config_is_forgotten(counters: Counters):
    counters.accept(checked("a", Status.UP))
    counters.accept(EndpointRemoved(at=NOW, endpoint="a"))
    assert counters.page(GetCounts(uptimes=True)).counts[0].checks[Status.UP] == 0


async def test_incidents_in_maintenance_are_named(counters: Counters):
    engine = counters._engine
    edges = [Edge(NOW - 100, Kind.UP), Edge(NOW - 80, Kind.MAINTENANCE), Edge(NOW - 20, Kind.UP)]
    engine.uptimes.restore("b", Availability(edges, NOW - 1, 7210.0))
    for id, began, ended in (("planned", NOW - 60, NOW - 40), ("outage", NOW - 10, None)):
        incident = Incident(id=id, endpoint="b", handle=1, name="b", began=began, ended=ended)
        engine.tracker.incidents.known[id] = incident
    _, b, c = counters.measures(GetMeasures(since=NOW - 3600, until=NOW)).measures
    assert (b.in_maintenance, c.in_maintenance) == (("planned",), ())
