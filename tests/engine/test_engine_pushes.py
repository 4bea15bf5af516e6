"""Endpoints that report in: silence is noticed in time, whatever the interval."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from virtual import clock, config, until, virtual

from monitor.checks.run_probe import run_probe
from monitor.engine import Engine
from monitor.model import Endpoint, State
from monitor.probes._heartbeats import Call, Heartbeats
from monitor.probes.push import Push
from monitor.trace import Resources

HOUR = 3600.0


@asynccontextmanager
async def waiting() -> AsyncIterator[tuple[Engine, Heartbeats]]:
    """An engine that expects a heartbeat every hour, give or take a minute."""
    probe = Push(url="push:backup", interval=HOUR, grace=60.0)
    endpoint = Endpoint(id="a", name="a", probe=probe, interval=HOUR, down_after=1, up_after=1)
    resources = Resources()
    heartbeats = resources.of(Heartbeats)
    heartbeats.listen()
    check = partial(run_probe, resources=resources)
    engine = Engine(config(endpoint), clock=clock, run_probe=check)
    engine.start()
    try:
        yield engine, heartbeats
    finally:
        await engine.stop()


def state(engine: Engine) -> State:
    (watched,) = engine.endpoints.values()
    return watched.state


@virtual
async def test_silence_from_the_beginning_is_noticed_when_the_time_is_over():
    async with waiting() as (engine, _):
        await until(HOUR + 59)
        assert state(engine) is State.INCONCLUSIVE
        await until(HOUR + 61)
        assert state(engine) is State.DOWN


@virtual
async def test_silence_is_noticed_when_it_is_too_long_and_not_at_the_next_slot():
    async with waiting() as (engine, heartbeats):
        await until(1000)
        heartbeats.take(Call("backup"))
        engine.check_now(engine.endpoints)
        await until(1001)
        assert state(engine) is State.UP
        await until(1000 + HOUR + 59)
        assert state(engine) is State.UP
        await until(1000 + HOUR + 61)
        assert state(engine) is State.DOWN


@virtual
async def test_heartbeats_in_time_keep_it_up():
    async with waiting() as (engine, heartbeats):
        for hour in range(10):
            await until(hour * (HOUR + 50) + 20)
            heartbeats.take(Call("backup"))
            engine.check_now(engine.endpoints)
            await until(hour * (HOUR + 50) + 21)
            assert state(engine) is State.UP
        (watched,) = engine.endpoints.values()
        assert watched.samples.total < 40
