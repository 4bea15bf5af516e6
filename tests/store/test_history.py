"""An engine with a history, over restarts."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from msgspec import msgpack
from msgspec.structs import replace
from virtual import config, endpoint

from monitor.engine import Engine
from monitor.errors import EngineRunningError
from monitor.model import Heartbeat, Observation, Reason, State
from monitor.store import Reader
from monitor.store.history import History
from monitor.store.restoring import read_past

QUICK = {"interval": 0.05, "retry_interval": 0.02}


class Script:
    """Stands in for ``run_probe``: the named endpoints are down, the others up."""

    def __init__(self, *down: str) -> None:
        self.down = down
        self.heartbeat: Heartbeat | None = None

    async def __call__(self, probe: Any, _timeout: float, _assertions: Any, _begun: Any) -> Observation:
        reason = Reason.CONNECTION_REFUSED if probe.name in self.down else None
        facts = {"heartbeat": self.heartbeat} if self.heartbeat else {}
        return Observation(started=time.time(), latency_ms=5.0, reason=reason, message="hello", facts=facts)


@asynccontextmanager
async def running(
    path: Path, script: Script, *names: str, **keys: object
) -> AsyncIterator[tuple[Engine, History]]:
    history = History(path)
    saved = history.open("/run/some.sock")
    engine = Engine(config(*(endpoint(name, **{**QUICK, **keys}) for name in names)), run_probe=script)
    history.prepare(engine)
    engine.start(saved)
    following = asyncio.create_task(history.follow(engine))
    try:
        yield engine, history
    finally:
        await engine.stop()
        following.cancel()
        await history.close()


async def until(engine: Engine, name: str, state: State) -> None:
    """Wait until the endpoint is in a state; the test's own time limit ends a vain wait."""
    tracked = engine.tracker.by_id(name)
    assert tracked
    while tracked.state is not state:
        await asyncio.sleep(0.01)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


async def test_states_marks_and_incidents_go_on_after_a_restart(path: Path):
    async with running(path, Script("a"), "a", "b") as (engine, _):
        await until(engine, "a", State.DOWN)
        await until(engine, "b", State.UP)
        handle = engine.tracker.by_id("a").handle
        engine.acknowledge([handle], "ann", "on it")
        engine.silence([handle], engine.clock() + 3600, "ann")
        engine.pause([engine.tracker.by_id("b").handle])
        since, (incident,) = engine.tracker.by_id("a").since, engine.incidents.values()
    async with running(path, Script("a"), "a", "b") as (engine, _):
        a, b = engine.tracker.by_id("a"), engine.tracker.by_id("b")
        assert (a.state, a.since) == (State.DOWN, since)
        assert (a.acknowledged.by, a.acknowledged.note) == ("ann", "on it")
        assert a.silence
        assert b.state is State.PAUSED
        (same,) = engine.incidents.values()
        assert (same.id, same.ended, same.acknowledged.note) == (incident.id, None, "on it")


async def test_a_restart_is_a_gap_and_no_uptime(path: Path):
    async with running(path, Script(), "a", timeout=0.01) as (engine, _):
        while engine.tracker.by_id("a").samples.total < 15:  # three quarters of a second
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.5)  # nobody checks: this is the gap
    async with running(path, Script(), "a", timeout=0.01) as (engine, _):
        while engine.tracker.by_id("a").samples.total < 3:
            await asyncio.sleep(0.01)
        now = engine.clock()
        seconds = engine.uptimes.availability("a").seconds(now - 5, now)
        assert seconds.unknown > 0.4
        assert seconds.up > 0.6
        assert seconds.uptime == 1.0


async def test_the_newest_heartbeat_is_known_after_a_restart(path: Path):
    beats = Script()
    async with running(path, beats, "a") as (engine, history):
        await until(engine, "a", State.UP)
        await history.flush()  # from here on, its state does not change
        beats.heartbeat = Heartbeat(heard_at=5.0, due_at=10.0, grace_s=1.0)
        tracked = engine.tracker.by_id("a")
        while not tracked.last.heartbeat:
            await asyncio.sleep(0.01)
        await history.flush()
        beats.heartbeat = None
        await history.flush()
    (state,) = read_past(path, 0.0).tracker.endpoints
    assert state.last.heartbeat.heard_at == 5.0


async def test_flapping_goes_on_from_the_results_that_count(path: Path):
    async with running(path, Script(), "a") as (engine, history):
        tracked = engine.tracker.by_id("a")
        await until(engine, "a", State.UP)
        tracked.health = replace(tracked.health, changes=0b1010)
        await history.flush()
        shifted = tracked.samples.total
        while tracked.samples.total < shifted + 3:
            await asyncio.sleep(0.01)
        await history.flush()
        (state,) = read_past(path, 0.0).tracker.endpoints
        assert state.health == tracked.health


async def test_an_endpoint_that_comes_back_later_keeps_its_history(path: Path):
    for names in (("a", "b"), ("b",), ("a", "b")):
        async with running(path, Script(), *names) as (engine, history):
            while not engine.tracker.by_id(names[0]).samples.total:
                await asyncio.sleep(0.01)
            await history.flush()
    with Reader(path) as reader:
        a = next(one for one in reader.endpoints() if one.id == "a")
        assert a.removed_at is None
        assert len(list(reader.results(a, 0, 9e9))) >= 2


async def test_a_mark_is_on_the_disk_after_a_flush(path: Path):
    async with running(path, Script(), "a") as (engine, history):
        silence = engine.silence_selection(["*"], None, by="ann")
        await history.flush()
        with Reader(path) as reader:
            assert reader.silences() == [silence]
        engine.end_silence(silence.id)
        await history.flush()
        with Reader(path) as reader:
            assert reader.silences() == []


async def test_a_flush_does_not_wait_for_a_disk_that_is_in_trouble(path: Path):
    async with running(path, Script(), "a") as (_, history):
        await history.flush()
        history._writer.flush = Future  # never done
        history._writer.trouble = "the disk is full"
        await asyncio.wait_for(history.flush(), 1)
        history._writer.trouble = ""
        began = asyncio.get_running_loop().time()
        await history.flush(0.2)
        assert asyncio.get_running_loop().time() - began >= 0.2


async def test_a_deleted_file_gets_the_whole_state_again(path: Path):
    async with running(path, Script("a"), "a", "b") as (engine, history):
        await until(engine, "a", State.DOWN)
        history.put("name", b"data")
        row = ("INSERT INTO outbox VALUES (?, ?, ?, ?, ?)", ("m", "hook", 0, "waiting", msgpack.encode("m")))
        history.unsent = lambda: [row]
        await history.flush()
        for file in path.parent.glob("history.db*"):
            if not file.name.endswith(".lock"):
                file.unlink()
        await history.flush()
        await history.flush()
        found = read_past(path, 0.0)
        assert {one.id for one in found.tracker.endpoints} == {"a", "b"}
        assert [one.endpoint for one in found.tracker.incidents] == ["a"]
        assert found.documents["name"] == b"data"
        assert found.waiting == [msgpack.encode("m")]


async def test_two_engines_never_write_one_history(path: Path):
    async with running(path, Script(), "a"):
        with pytest.raises(
            EngineRunningError, match=r"another engine writes the history .* \(pid \d+\)"
        ) as caught:
            History(path).open()
        assert caught.value.socket == "/run/some.sock"
    other = History(path)
    assert other.open() is not None
    await other.close()


async def test_a_deleted_lock_is_made_again(path: Path):
    async with running(path, Script(), "a") as (_engine, history):
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()
        lock = path.with_name(f"{path.name}.lock")
        while not lock.exists():
            await asyncio.sleep(0.01)
        await history.flush()
        with pytest.raises(EngineRunningError):
            History(path).open()


async def test_an_engine_that_lost_its_lock_to_another_waits_for_it(path: Path):
    async with running(path, Script(), "a") as (_engine, history):
        await history.flush()
        path.with_name(f"{path.name}.lock").unlink()
        other = History(path)
        other.open()
        while "is not written: another engine writes the history" not in history.trouble:
            await asyncio.sleep(0.01)
        await other.close()
        while history.trouble:
            await asyncio.sleep(0.01)


async def test_an_unreadable_history_does_not_keep_an_engine_from_starting(path: Path):
    path.write_bytes(b"nonsense" * 1000)
    async with running(path, Script(), "a") as (engine, history):
        await until(engine, "a", State.UP)
        while not list(path.parent.glob("*.corrupt-*")) or history.trouble:
            await asyncio.sleep(0.05)


async def test_a_history_that_cannot_be_read_is_named_in_the_log(path: Path):
    async with running(path, Script(), "a") as (engine, _):
        await until(engine, "a", State.UP)
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TABLE saved")
    async with running(path, Script(), "a") as (engine, _):
        await asyncio.sleep(0)  # the first batch takes the notes along
        logged = [event.text for event in engine.event_log.since(0)]
        assert any(
            "cannot be read; every endpoint begins again: no such table: saved" in one for one in logged
        )


async def test_a_file_that_was_never_written_to_is_a_new_history(path: Path):
    path.touch()
    async with running(path, Script(), "a") as (engine, _):
        await asyncio.sleep(0)
        assert not engine.event_log.total
