"""What the web address reads from the history on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.engine import Engine
from monitor.model import Config, Endpoint, Incident, Result, Retention, State, Status
from monitor.model.events import Checked, IncidentOpened, LocationChecked, StateChanged
from monitor.probes.tcp import Tcp
from monitor.store.batch import Batch
from monitor.store.files import connect
from monitor.store.history import History
from monitor.store.recording import Recording
from monitor.store.rolling import Rolling
from monitor.web.past import Past, Series

NOW = 1769860800.0
HOUR, DAY = 3600.0, 86400.0


async def test_a_series_has_the_medians_of_phases(tmp_path: Path):
    events = [
        Checked(at=at, endpoint="a", result=passed(at, tls))
        for at, tls in ((NOW, 10.0), (NOW + 20, 20.0), (NOW + 40, 30.0), (NOW + 70, 99.0))
    ]
    with closing(connect(tmp_path / "h.db")) as database:
        database.execute("BEGIN")
        Recording(database).write(Batch(events=list(events)))
        database.execute("COMMIT")
    series = await Past(tmp_path / "h.db").series("a", NOW, NOW + 180, 60)
    assert series is not None
    assert series.locations == {}
    assert [one["phases_ms"] for one in series.points] == [
        {"tls": pytest.approx(20.0, rel=0.026)},
        {"tls": pytest.approx(99.0, rel=0.026)},
        {},
    ]


@pytest.mark.parametrize("age", [0.0, 3 * DAY])
async def test_each_point_has_the_checks_between_its_time_and_the_next(tmp_path: Path, age: float):
    events = [
        Checked(at=at, endpoint="a", result=passed(at, 1.0)) for at in (NOW + 30, NOW + 630, NOW + 2400)
    ]
    with closing(connect(tmp_path / "h.db")) as database:
        database.execute("BEGIN")
        Recording(database).write(Batch(events=list(events)))
        Rolling(database, Retention(raw=DAY)).step(round((NOW + HOUR + age) * 1000), 8)
        database.execute("COMMIT")
    series = await Past(tmp_path / "h.db").series("a", NOW, NOW + 2700, 600)
    assert series is not None
    assert [(one["at"][11:16], one["checks"]) for one in series.points] == [
        ("12:00", 1),
        ("12:10", 1),
        ("12:20", 0),
        ("12:30", 0),
        ("12:40", 1),
    ]


async def test_a_series_has_each_location_of_a_cluster(tmp_path: Path):
    events = [
        LocationChecked(at=NOW, endpoint="a", location=location, result=passed(NOW, tls))
        for location, tls in (("eu", 10.0), ("us", 20.0))
    ]
    with closing(connect(tmp_path / "h.db")) as database:
        database.execute("BEGIN")
        Recording(database).write(Batch(events=list(events)))
        database.execute("COMMIT")
    series = await Past(tmp_path / "h.db").series("a", NOW, NOW + 120, 60)
    assert series is not None
    assert [one["checks"] for one in series.points] == [0, 0]
    assert {name: [one["checks"] for one in points] for name, points in series.locations.items()} == {
        "eu": [1, 0],
        "us": [1, 0],
    }
    assert series.locations["us"][0]["phases_ms"] == {"tls": pytest.approx(20.0, rel=0.026)}


def passed(at: float, tls: float) -> Result:
    return Result(
        endpoint="a",
        status=Status.UP,
        reason=None,
        message="",
        checked_at=at,
        latency_ms=100.0,
        phases_ms={"tls": tls},
    )


@pytest.fixture
async def history(tmp_path: Path) -> Path:
    """A history of an endpoint that was up for a day, and then down for half of one."""
    path = tmp_path / "history.db"
    endpoint = Endpoint(id="nobody", name="Nobody", probe=Tcp(url="tcp://127.0.0.1:1"), interval=10 * DAY)
    moment = [NOW - 2 * DAY]
    engine = Engine(Config(endpoints=(endpoint,)), clock=lambda: moment[0])
    written = History(path, clock=lambda: moment[0])
    written.open()
    written.prepare(engine)
    engine.start()
    for at, before, after in ((NOW - 2 * DAY, State.PENDING, State.UP), (NOW - DAY, State.UP, State.DOWN)):
        moment[0] = at
        engine.publisher.publish([StateChanged(at=at, endpoint="nobody", before=before, after=after)])
    incident = Incident(id="i", endpoint="nobody", handle=0, name="Nobody", began=NOW - DAY)
    engine.publisher.publish([IncidentOpened(at=NOW - DAY, incident=incident)])
    await written.flush()
    await engine.stop()
    await written.close()
    return path


async def test_uptimes_go_back_further_than_the_engine(history: Path):
    bounds = (NOW - 3 * DAY, NOW - 2 * DAY, NOW - DAY, NOW)
    found = await Past(history).uptimes(["nobody", "other"], bounds)
    assert found == {"nobody": (None, 1.0, 0.0)}


async def test_incidents_of_a_period_are_found(history: Path):
    past = Past(history)
    assert [one.id for one in await past.incidents(NOW - 2 * DAY, NOW) or ()] == ["i"]
    assert await past.incidents(NOW - 3 * DAY, NOW - 2 * DAY) == []


async def test_a_series_has_a_point_for_each_step(history: Path):
    series = await Past(history).series("nobody", NOW - DAY, NOW, DAY / 4)
    assert series is not None
    assert [(one["checks"], one["latency_ms"]) for one in series.points] == [(0, None)] * 4
    assert await Past(history).series("other", NOW - DAY, NOW, DAY) == Series([], {})


async def test_a_report_is_made_from_it(site: Any, history: Path):
    site.history = history
    http: httpx.AsyncClient = await site.caller()
    since, until = "2026-01-30T12:00:00Z", "2026-01-31T12:00:00Z"
    told = (await http.get(f"/api/v1/report?since={since}&until={until}")).json()
    assert [(one["id"], one["uptime"], one["down_s"]) for one in told["entries"]] == [("nobody", 0.0, DAY)]
    assert [one["id"] for one in told["incidents"]] == ["i"]


def garbage(file: Path) -> None:
    file.write_bytes(b"this is no database" * 1000)


def newer(file: Path) -> None:
    with closing(connect(file)) as database:
        database.execute("PRAGMA user_version = 999")


def missing(_file: Path) -> None:
    """Leave no file."""


@pytest.mark.parametrize("write", [missing, garbage, newer])
async def test_without_a_history_that_can_be_read_there_is_nothing(
    tmp_path: Path, write: Callable[[Path], None]
):
    file = tmp_path / "history.db"
    write(file)
    for past in (Past(None), Past(file)):
        assert await past.incidents(0.0, 1.0) is None
        assert await past.uptimes(["a"], (0.0, 1.0)) is None
        assert await past.series("a", 0.0, 1.0, 1.0) is None


async def test_a_damaged_row_is_a_history_that_cannot_be_read(history: Path):
    with closing(connect(history)) as database:
        database.execute("UPDATE incidents SET data = x'c1'")
    assert await Past(history).incidents(NOW - 2 * DAY, NOW) is None


async def test_the_page_and_the_api_show_it(site: Any, history: Path):
    site.history = history
    http: httpx.AsyncClient = await site.caller()
    assert (await http.get("/")).status_code == 200
    told = await http.get("/api/v1/incidents?since=2026-01-01T00:00:00Z")
    assert "i" in [one["id"] for one in told.json()["incidents"]]
    points = (await http.get("/api/v1/endpoints/nobody/history?since=1h&step=10m")).json()["points"]
    assert len(points) == 6
    await asyncio.sleep(0)
