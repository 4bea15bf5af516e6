"""How much one caller may ask for."""

from __future__ import annotations

import pytest

from monitor.web import limits as module
from monitor.web.limits import Bucket


def test_a_burst_passes_and_then_so_many_a_second():
    now = [0.0]
    bucket = Bucket(3, 2.0, lambda: now[0])
    assert [bucket.take("a") for _ in range(4)] == [0, 0, 0, 1]
    assert bucket.take("b") == 0
    now[0] = 0.5
    assert bucket.take("a") == 0
    assert bucket.take("a") == 1
    now[0] = 100.0
    assert [bucket.take("a") for _ in range(4)] == [0, 0, 0, 1]


def test_looking_counts_nothing():
    bucket = Bucket(1, 0.1, lambda: 0.0)
    assert [bucket.is_empty("a") for _ in range(3)] == [0, 0, 0]
    assert bucket.take("a") == 0
    assert bucket.is_empty("a") == 10


def test_callers_without_end_take_no_memory_without_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_CALLERS", 3)
    bucket = Bucket(1, 0.1, lambda: 0.0)
    for caller in "abcd":
        bucket.take(caller)
    assert list(bucket._levels) == ["b", "c", "d"]
