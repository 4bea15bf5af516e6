"""What is counted of each endpoint's checks."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import pytest

from monitor.engine import Engine
from monitor.judge.availability import Availability, Edge, Kind
from monitor.link.figures import GetCounts, GetMeasures, GetStateChanges, GetUptimes
from monitor.model import Config, Endpoint, Incident, Reason, Result, State, Status
from monitor.model.events import Checked, EndpointRemoved, IncidentOpened
from monitor.probes.tcp import Tcp
from monitor.service import figures as module
from monitor.service.figures import Counters, StateLog

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


# ---- changes of state


@pytest.fixture
async def engine() -> Engine:
    endpoint = Endpoint(
        id="a", name="a", probe=Tcp(url="tcp://192.0.2.1:1"), interval=3600.0, down_after=2, up_after=1
    )
    return Engine(Config(endpoints=(endpoint,)), clock=lambda: NOW)


@pytest.fixture
async def log(engine: Engine) -> StateLog:
    made = StateLog(engine)
    engine.start()
    await engine.stop()
    return made


def check(engine: Engine, status: Status, at: float) -> None:
    (handle,) = engine.endpoints
    reason = Reason.STATUS_MISMATCH if status is Status.DOWN else None
    result = Result(
        endpoint="a", status=status, reason=reason, message=status.value, checked_at=at, latency_ms=at - NOW
    )
    engine.publisher.publish(engine.tracker.accept(handle, result, at))


async def test_every_change_is_kept_with_the_check_that_caused_it(engine: Engine, log: StateLog):
    for second, status in enumerate((Status.UP, Status.UP, Status.DOWN, Status.DOWN, Status.UP)):
        check(engine, status, NOW + second)
    changes = log.page(GetStateChanges()).changes
    assert [(one.number, one.at - NOW, one.before, one.after, one.message) for one in changes] == [
        (1, 0.0, State.PENDING, State.UP, "up"),
        (2, 2.0, State.UP, State.FAILING, "down"),
        (3, 3.0, State.FAILING, State.DOWN, "down"),
        (4, 4.0, State.DOWN, State.UP, "up"),
    ]
    assert (changes[2].reason, changes[2].latency_ms, changes[2].checked_at) == (
        Reason.STATUS_MISMATCH,
        3.0,
        NOW + 3,
    )


async def test_a_page_begins_after_the_last_known_change(
    engine: Engine, log: StateLog, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "CHANGES_AT_ONCE", 2)
    for second, status in enumerate((Status.UP, Status.DOWN, Status.DOWN, Status.UP)):
        check(engine, status, NOW + second)
    pages = [log.page(GetStateChanges(after=after)) for after in (0, 2, 3, 4, 99)]
    assert [[one.number for one in page.changes] for page in pages] == [[1, 2], [3, 4], [4], [], []]
    assert [page.more for page in pages] == [True, False, False, False, False]


async def test_the_oldest_changes_are_forgotten(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "CHANGES_KEPT", 2)
    log = StateLog(engine)
    engine.start()
    await engine.stop()
    for second, status in enumerate((Status.UP, Status.DOWN, Status.UP)):
        check(engine, status, NOW + second)
    page = log.page(GetStateChanges())
    assert ([one.number for one in page.changes], page.total) == ([2, 3], 3)
