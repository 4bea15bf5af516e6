"""Medians of phases over any window, against a count over the results."""

from __future__ import annotations

import random
import sqlite3
import statistics
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Result, Retention, Status
from monitor.model.events import Checked
from monitor.store.batch import Batch
from monitor.store.files import connect
from monitor.store.phase_reader import PhaseReader
from monitor.store.recording import Recording, milliseconds
from monitor.store.rolling import Rolling
from monitor.store.schema import MIGRATIONS

START = 1_799_971_200.0
"""A midnight, UTC."""
HOUR, DAY = 3600.0, 86400.0


def results(seed: int, count: int, every: float) -> list[Result]:
    chosen = random.Random(seed)
    statuses = [Status.UP, Status.DOWN, Status.DEGRADED, Status.INCONCLUSIVE]
    return [
        Result(
            endpoint="a",
            status=chosen.choices(statuses, [6, 2, 1, 1])[0],
            reason=None,
            message="",
            checked_at=START + number * every,
            latency_ms=1.0,
            phases_ms={
                name: chosen.lognormvariate(3, 1) for name in ("dns", "tls", "wait") if chosen.random() < 0.8
            },
        )
        for number in range(count)
    ]


def write(path: Path, taken: list[Result], now: float, retention: Retention) -> None:
    with closing(connect(path)) as database:
        database.execute("BEGIN")
        events = [Checked(at=one.checked_at, endpoint="a", result=one) for one in taken]
        Recording(database).write(Batch(events=list(events)))
        database.execute("COMMIT")
        while Rolling(database, retention).step(milliseconds(now), 5):
            pass


def medians(path: Path, since: float, until: float) -> dict[str, float]:
    with PhaseReader(path) as reader:
        endpoint = reader.endpoint("a")
        assert endpoint is not None
        return reader.phases(endpoint, since, until).medians()


def counted(taken: list[Result], since: float, until: float) -> dict[str, float]:
    passed = [
        one for one in taken if since <= one.checked_at < until and one.status in (Status.UP, Status.DEGRADED)
    ]
    named = {
        name: [one.phases_ms[name] for one in passed if name in one.phases_ms]
        for name in ("dns", "tls", "wait")
    }
    return {name: statistics.median_low(values) for name, values in named.items() if values}


@given(
    seed=st.integers(0, 1 << 32),
    every=st.sampled_from([10.0, 97.0, 600.0]),
    rolled=st.floats(0, 1.2),
    first=st.integers(0, 3000),
    length=st.integers(1, 3000),
)
@settings(max_examples=40, deadline=None)
def test_each_window_of_minutes_has_the_medians_of_its_passed_checks(
    seed: int, every: float, rolled: float, first: int, length: int
):
    taken = results(seed, 300, every)
    since = START + first * 60 % (300 * every)
    since -= since % 60
    until = since + length * 60
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "h.db"
        write(path, taken, START + rolled * 300 * every, Retention())
        assert medians(path, since, until) == pytest.approx(counted(taken, since, until), rel=0.0251)


def test_beyond_the_minutes_the_hours_are_read(tmp_path: Path):
    path = tmp_path / "h.db"
    taken = results(1, 3 * 144, 600.0)
    kept = Retention(raw=HOUR, minutes=HOUR, hours=400 * DAY)
    write(path, taken, START + 3 * DAY, kept)
    with closing(sqlite3.connect(path)) as database:
        (first,) = database.execute("SELECT min(start) FROM minute_phases").fetchone()
    assert first > milliseconds(START + 2 * DAY)
    for since, until in ((START, START + 3 * DAY), (START + 5 * HOUR + 60, START + 30 * HOUR - 60)):
        hours = round(since / HOUR) * HOUR, round(until / HOUR) * HOUR
        assert medians(path, since, until) == pytest.approx(counted(taken, *hours), rel=0.0251)


def test_what_an_earlier_version_wrote_has_no_phases(tmp_path: Path):
    path = tmp_path / "h.db"
    with closing(sqlite3.connect(path)) as database:
        for step in MIGRATIONS[:3]:
            database.executescript(step)
        database.execute("PRAGMA user_version = 3")
        database.execute("INSERT INTO endpoints (id, name, first_seen) VALUES ('a', 'A', 0)")
        database.execute("INSERT INTO results VALUES (1, 5000, 0, NULL, 100, NULL)")
        database.commit()
    assert medians(path, 0.0, 10.0) == {}  # read as it is
    taken = results(1, 10, 10.0)
    write(path, taken, START, Retention())  # and after its writer has added the tables
    assert medians(path, 0.0, 10.0) == {}
    assert medians(path, 0.0, START + 100) == pytest.approx(counted(taken, START, START + 100), rel=0.0251)


def test_hours_and_minutes_are_read_one_by_one(tmp_path: Path):
    path = tmp_path / "h.db"
    taken = results(1, 3 * 360, 10.0)
    write(path, taken, START + 2.2 * HOUR, Retention())
    with PhaseReader(path) as reader:
        endpoint = reader.endpoint("a")
        assert endpoint is not None
        hours = list(reader.hourly(endpoint, START, START + 3 * HOUR))
        minutes = list(reader.minutely(endpoint, START + HOUR, START + 3 * HOUR))
    assert [at for at, _ in hours] == [START, START + HOUR]
    starts = [START + HOUR + 60 * number for number in range(120)]
    assert [at for at, _ in minutes] == [at for at in starts if counted(taken, at, at + 60)]
    for at, part in hours:
        assert part.medians() == pytest.approx(counted(taken, at, at + HOUR), rel=0.0251)
    for at, part in minutes:
        assert part.medians() == pytest.approx(counted(taken, at, at + 60), rel=0.0251)
