"""Stored results, oldest first, in bounded memory."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest
from scripted_month import EVERY, SINCE, UNTIL, local, moments, result

from monitor.selection import compile_selection
from monitor.store import raw
from monitor.store.reader import Reader


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
