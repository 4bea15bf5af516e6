"""Slower phases of a running engine's endpoints, from its history."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from past_phases import NOW, continue_past, write_past
from virtual import config, endpoint

from monitor.engine import Engine
from monitor.service import slowdown_watch
from monitor.service.slowdown_watch import SlowdownWatch


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


async def _never(*_: object, **__: object) -> None:
    await asyncio.Event().wait()
