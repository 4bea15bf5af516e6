"""Slower phases of a running engine's endpoints, from its history."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from monitor_command import monitor
from past_phases import NOW, USUAL_MS, continue_past, write_past
from virtual import config, endpoint

from monitor.engine import Engine
from monitor.model import Maintenance, Slowdown
from monitor.service import slowdown_watch
from monitor.service.slowdown_watch import Slowdowns, SlowdownWatch, Watched


def engine_at(moment: list[float]) -> Engine:
    engine = Engine(config(endpoint("shop", enabled=False)), clock=lambda: moment[0])
    engine.start()
    return engine


async def test_a_mark_comes_and_goes_with_a_line_each(tmp_path: Path):
    path, moment = tmp_path / "h.db", [NOW]
    write_past(path, slower_since=NOW - 2400)
    engine = engine_at(moment)
    watch = SlowdownWatch(engine, path)
    (shop,) = engine.endpoints.values()
    for at in (NOW, NOW + 10):
        moment[0] = at
        assert await watch.look_at([shop]) > 0
        assert str(engine.status(shop, 0).slower) == "tls 4 × slower"
    continue_past(path, NOW, NOW + 1300)
    moment[0] = NOW + 1300
    await watch.look_at([shop])
    assert shop.slowdown is None
    lines = [line.text for line in engine.event_log.since(0)]
    assert [line.partition(" since")[0] for line in lines] == [
        "tls 4 × slower",
        "tls is no longer slower than usual, after 1h1m40s",
    ]
    await engine.stop()


@pytest.mark.parametrize(("ended", "marked"), [(NOW + 600, False), (NOW - 600, False), (NOW - 1300, True)])
async def test_minutes_in_maintenance_are_not_compared_with_the_past(
    tmp_path: Path, ended: float, marked: bool
):
    write_past(tmp_path / "h.db", slower_since=NOW - 2400)
    work = Maintenance(name="work", select=("shop",), start=ended - 3600, duration=3600)
    engine = Engine(config(endpoint("shop", enabled=False), maintenance=(work,)), clock=lambda: NOW)
    engine.start()
    (shop,) = engine.endpoints.values()
    await SlowdownWatch(engine, tmp_path / "h.db").look_at([shop])
    assert (shop.slowdown is not None) is marked
    await engine.stop()


async def test_every_endpoint_has_its_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_past(tmp_path / "h.db", slower_since=NOW - 2400)
    monkeypatch.setattr(slowdown_watch, "_PAUSE", 0.001)
    monkeypatch.setattr(slowdown_watch, "_ROUND", 0.05)
    engine = Engine(
        config(*(endpoint(name) for name in ("a", "b", "shop"))), clock=lambda: NOW, run_probe=_never
    )
    engine.start()
    marked = asyncio.Event()
    engine.publisher.subscribe(
        lambda event: marked.set() if type(event).__name__ == "SlowdownChanged" else None
    )
    watch = SlowdownWatch(engine, tmp_path / "h.db")
    watch.begin()
    await asyncio.wait_for(marked.wait(), 10)
    await watch.close()
    await engine.stop()


def test_a_real_daemon_marks_it_and_reports_it_once_over_a_kill(tmp_path: Path, sink):
    now = time.time()
    write_past(tmp_path / "h.db", slower_since=now - 2400, now=now)
    with socket.create_server(("127.0.0.1", 0)) as server:
        (tmp_path / "monitor.toml").write_text(
            f"""
            [monitor]
            history = "h.db"
            socket = "s.sock"
            [[alerts]]
            url = "{sink.url}"
            on = ["slower"]
            digest = 0
            [[endpoints]]
            id = "shop"
            url = "tcp://127.0.0.1:{server.getsockname()[1]}"
            """
        )
        with daemon(tmp_path):
            (message,) = sink.wait(1)
            _until_noted(tmp_path / "h.db")
        with daemon(tmp_path) as again:
            assert again.stderr
            next(line for line in again.stderr if b"dashboards can attach" in line)
            told = subprocess.run(
                monitor("status", "--format", "json"), check=True, cwd=tmp_path, stdout=subprocess.PIPE
            )
    (shop,) = json.loads(told.stdout)["endpoints"]
    assert (shop["slower"]["phase"], round(shop["slower"]["factor"])) == ("tls", 4)
    assert (message["kind"], message["endpoints"][0]["slower"]["phase"]) == ("slower", "tls")
    assert "tls is 4 × slower than usual" in message["text"]
    assert len(sink.received) == 1


@contextmanager
def daemon(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(monitor("daemon"), cwd=folder, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def _until_noted(history: Path) -> None:
    """Wait until the history has the mark, and says that the message was sent: then it is never repeated."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with closing(sqlite3.connect(history)) as database:
            sent = database.execute("SELECT 1 FROM outbox WHERE state = 'sent'").fetchall()
        if sent:
            return
        time.sleep(0.05)
    pytest.fail("no message was noted as sent")


async def _never(*_: object, **__: object) -> None:
    await asyncio.Event().wait()


# ---- what the history says


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
