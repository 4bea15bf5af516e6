"""Slower phases, found in a history on disk."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from past_phases import NOW, USUAL_MS, continue_past, write_past

from monitor.model import Slowdown
from monitor.store.slowdowns import Slowdowns, Watched

SHOP = Watched("shop", 10.0, None)


def mark_of(path: Path, watched: Watched = SHOP, at: float = NOW) -> Slowdown | None:
    return Slowdowns(path).examine([watched], at).get("shop", watched.mark)


def test_a_phase_that_is_slower_since_a_while_is_found_with_its_start(tmp_path: Path):
    write_past(tmp_path / "h.db", slower_since=NOW - 2400)
    mark = mark_of(tmp_path / "h.db")
    assert mark is not None
    assert (str(mark), mark.usual_ms) == ("tls 4 × slower", pytest.approx(USUAL_MS, rel=0.05))
    assert mark.since == pytest.approx(NOW - 2400, abs=60)


@pytest.mark.parametrize(
    "past",
    [
        {},
        {"slower_since": NOW - 300},
        {"days": 2, "slower_since": NOW - 2400},
        {"slower_since": 0, "factor": 1.3},
    ],
    ids=["as ever", "for five minutes only", "young", "a little"],
)
def test_anything_else_is_not(tmp_path: Path, past: dict):
    write_past(tmp_path / "h.db", **past)
    assert mark_of(tmp_path / "h.db") is None


def test_the_mark_stays_while_nothing_passes_and_goes_when_it_is_over(tmp_path: Path):
    path = tmp_path / "h.db"
    write_past(path, slower_since=NOW - 2400)
    slowdowns = Slowdowns(path)
    mark = slowdowns.examine([SHOP], NOW)["shop"]
    marked = SHOP._replace(mark=mark)
    assert slowdowns.examine([marked], NOW + 60) == {}
    assert slowdowns.examine([marked], NOW + 3600) == {}  # no checks meanwhile
    continue_past(path, NOW + 3600, NOW + 4200)
    assert slowdowns.examine([marked], NOW + 4200) == {}
    continue_past(path, NOW + 4200, NOW + 4900)
    assert slowdowns.examine([marked], NOW + 4900) == {"shop": None}


def test_an_endpoint_that_is_checked_rarely_needs_as_many_checks(tmp_path: Path):
    write_past(tmp_path / "h.db", slower_since=NOW - 2400)
    assert (
        mark_of(tmp_path / "h.db", Watched("shop", 120.0, None)) is None
    )  # 64 minutes, of which 40 are slow


def test_the_past_of_something_else_counts_for_nothing(tmp_path: Path):
    write_past(tmp_path / "h.db", slower_since=NOW - 2400)
    slowdowns = Slowdowns(tmp_path / "h.db")
    assert set(slowdowns.examine([SHOP], NOW)) == {"shop"}
    moved = SHOP._replace(since=NOW - 2 * 86400)
    assert slowdowns.examine([moved], NOW) == {}
    assert set(slowdowns.examine([SHOP._replace(since=NOW - 4 * 86400)], NOW)) == {"shop"}


def test_one_baseline_is_made_at_a_time(tmp_path: Path):
    write_past(tmp_path / "h.db", slower_since=NOW - 2400)
    with closing(sqlite3.connect(tmp_path / "h.db")) as database:
        database.execute("INSERT INTO endpoints (id, name, first_seen) VALUES ('other', 'Other', 0)")
        database.commit()
    slowdowns = Slowdowns(tmp_path / "h.db")
    other = Watched("other", 10.0, None)
    assert slowdowns.examine([other, SHOP], NOW) == {}
    assert set(slowdowns.examine([other, SHOP], NOW)) == {"shop"}
    slowdowns.forget_others({"other"})
    assert set(slowdowns.examine([other, SHOP], NOW)) == {"shop"}


def test_a_history_that_cannot_be_read_changes_nothing(tmp_path: Path):
    marked = SHOP._replace(mark=Slowdown(phase="tls", since=0.0, ms=68.0, usual_ms=17.0))
    assert Slowdowns(tmp_path / "none.db").examine([marked], NOW) == {}
    write_past(tmp_path / "damaged.db")
    with closing(sqlite3.connect(tmp_path / "damaged.db")) as database:
        database.execute("UPDATE hour_phases SET data = x'00'")
        database.commit()
    assert Slowdowns(tmp_path / "damaged.db").examine([marked], NOW) == {}
    (tmp_path / "h.db").write_bytes(b"this is no database" * 1000)
    assert Slowdowns(tmp_path / "h.db").examine([marked], NOW) == {}
