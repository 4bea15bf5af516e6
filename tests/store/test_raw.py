"""Stored results, oldest first, in bounded memory."""

from __future__ import annotations

import tracemalloc
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from scripted_month import EVERY, SINCE, UNTIL, local, moments, result

from monitor.model import Result, Status
from monitor.model.events import Checked, DomainEvent, LocationChecked
from monitor.store import raw
from monitor.store.batch import Batch
from monitor.store.files import connect
from monitor.store.reader import Reader
from monitor.store.recording import Recording
from monitor.syntax.selection import compile_selection


@pytest.fixture
def path(month: Path) -> Path:
    return month


@pytest.mark.parametrize("at_once", [1, 100, 50_000])
def test_every_result_comes_once_and_the_oldest_first(
    path: Path, at_once: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(raw, "_AT_ONCE", at_once)
    since, until = local("03-31 20:00"), UNTIL
    with Reader(path) as reader:
        found = list(raw.exported(reader, since, until, compile_selection([])))
    times = [one.result.checked_at for one in found]
    assert all(before <= after for before, after in pairwise(times))
    expected = [(at, name) for at in moments() if since <= at < until for name in ("shop", "api")]
    assert sorted((one.result.checked_at, one.endpoint.id) for one in found) == sorted(expected)
    for one in found:
        scripted = result(one.endpoint.id, one.result.checked_at)
        assert (one.result.status, one.result.reason, one.result.message) == (
            scripted.status,
            scripted.reason,
            scripted.message,
        )
        assert one.result.latency_ms == scripted.latency_ms


def test_only_selected_endpoints_are_exported(path: Path):
    with Reader(path) as reader:
        found = list(raw.exported(reader, SINCE, UNTIL, compile_selection(["tag:eu"])))
    assert {one.endpoint.id for one in found} == {"shop"}


def test_progress_ends_with_everything(path: Path):
    shares: list[float] = []
    with Reader(path) as reader:
        list(raw.exported(reader, local("03-31 20:00"), UNTIL, compile_selection([]), shares.append))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_long_time_before_the_first_result_costs_nothing(path: Path):
    shares: list[float] = []
    with Reader(path) as reader:
        list(raw.exported(reader, 0.0, UNTIL, compile_selection([]), shares.append))
    assert len(shares) < 100


def test_memory_does_not_grow_with_the_length(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(raw, "_AT_ONCE", 50)

    def peak(hours: float) -> int:
        tracemalloc.start()
        with Reader(path) as reader:
            for _ in raw.exported(reader, UNTIL - hours * 3600, UNTIL, compile_selection([])):
                pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1)
    assert peak(40) < 2 * peak(4)
    assert EVERY * 50 > 3600


def test_results_of_locations_come_beside_the_verdicts(tmp_path: Path):
    with closing(connect(tmp_path / "h.db")) as database:
        database.execute("BEGIN")
        Recording(database).write(Batch(events=[*round_of("shop", 10.0), checked("db", 20.0)]))
        database.execute("COMMIT")
    with Reader(tmp_path / "h.db") as reader:
        found = list(raw.exported(reader, 0, 100, compile_selection([])))
        assert raw.has_locations(reader, compile_selection([]))
        assert not raw.has_locations(reader, compile_selection(["id:db"]))
    assert sorted((one.endpoint.id, one.location, one.result.status.value) for one in found) == [
        ("db", "", "up"),
        ("shop", "", "up"),
        ("shop", "eu", "up"),
        ("shop", "us", "up"),
    ]


def round_of(id: str, at: float) -> list[DomainEvent]:
    verdict = checked(id, at)
    each = (
        LocationChecked(at=at, endpoint=id, location=name, result=verdict.result) for name in ("eu", "us")
    )
    return [*each, verdict]


def checked(id: str, at: float) -> Checked:
    result = Result(
        endpoint=id, status=Status.UP, reason=None, message="200 OK", checked_at=at, latency_ms=5.0
    )
    return Checked(at=at, endpoint=id, result=result)
