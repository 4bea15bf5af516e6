"""Daemons and agents in one process, over a real server."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import pytest
from natsd import Server, client, until

from monitor.cluster.agent import Agent
from monitor.engine import Engine
from monitor.model import Cluster, Config, Endpoint, Observation, Reason, State
from monitor.model.events import LocationChecked
from monitor.probes.tcp import Tcp
from monitor.service.cluster_member import SEQUENCE, ClusterMember

pytestmark = pytest.mark.long


def endpoint(id: str, **keys: Any) -> Endpoint:
    usual = {"interval": 1.0, "retry_interval": 0.2, "down_after": 2, "up_after": 1}
    return Endpoint(id=id, name=id, probe=Tcp(url=f"tcp://{id}:1"), **{**usual, **keys})


class World:
    """What agents find: an endpoint is down where ``down`` says so."""

    def __init__(self) -> None:
        self.down: set[tuple[str, str]] = set()
        self.checks = 0

    def from_(self, location: str) -> Any:
        async def run_probe(probe: Any, timeout: float, assertions: Any, begun: Any) -> Observation:
            self.checks += 1
            down = (location, probe.host) in self.down
            reason = Reason.CONNECTION_REFUSED if down else None
            return Observation(started=time.time(), latency_ms=1.0, message="hello", reason=reason)

        return run_probe


class Daemon:
    def __init__(self, config: Config) -> None:
        self.member = ClusterMember(config)
        self.engine = Engine(config, remote=self.member)

    def state(self, id: str = "shop") -> State:
        tracked = self.engine.tracker.by_id(id)
        assert tracked
        return tracked.state


@asynccontextmanager
async def daemon(config: Config, history: Any = None):
    made = Daemon(config)
    made.engine.start()
    made.member.begin(made.engine, history)
    try:
        yield made
    finally:
        await made.member.close()
        await made.engine.stop()


@asynccontextmanager
async def agent(server: Server, config: Config, location: str, world: World):
    bus = await client(server)
    one = Agent(
        config,
        location,
        bus,
        lambda level, text: None,
        clock=time.time,
        run_probe=world.from_(location),
    )
    running = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        running.cancel()
        await asyncio.wait([running])
        await bus.close()


def config(server: Server, *endpoints: Endpoint) -> Config:
    return Config(endpoints=endpoints, cluster=Cluster(nats=(server.url,)))


async def test_two_daemons_see_the_same_and_one_leads(nats_server: Server):
    world, shared = World(), config(nats_server, endpoint("shop"))
    async with AsyncExitStack() as stack:
        for location in ("eu", "us", "ap"):
            await stack.enter_async_context(agent(nats_server, shared, location, world))
        one = await stack.enter_async_context(daemon(shared))
        other = await stack.enter_async_context(daemon(shared))
        await until(lambda: one.state() is other.state() is State.UP)
        assert one.member.leads is not other.member.leads
        world.down = {("eu", "shop"), ("us", "shop")}
        await until(lambda: one.state() is other.state() is State.DOWN)
        assert one.engine.incidents.keys() == other.engine.incidents.keys()
        world.down = {("eu", "shop")}
        await until(lambda: one.state() is other.state() is State.DEGRADED)


class Documents:
    """The part of a history that stores documents. Notes what is stored, beside results."""

    def __init__(self) -> None:
        self.stored: list[str] = []

    def document(self, name: str) -> None:
        """Nothing is stored yet."""

    def put(self, name: str, data: bytes) -> None:
        self.stored.append(name)


async def test_each_result_is_stored_with_its_place_in_the_stream(nats_server: Server):
    world, shared, documents = World(), config(nats_server, endpoint("shop")), Documents()
    async with agent(nats_server, shared, "eu", world), daemon(shared, documents) as one:
        one.engine.publisher.subscribe(lambda _: documents.stored.append("result"), LocationChecked)
        await until(lambda: len(documents.stored) >= 6)
    assert documents.stored[:6] == ["result", SEQUENCE] * 3


async def test_when_the_leader_ends_the_other_goes_on(nats_server: Server):
    world, shared = World(), config(nats_server, endpoint("shop"))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(agent(nats_server, shared, "eu", world))
        async with daemon(shared) as one:
            await until(lambda: one.member.leads and one.state() is State.UP)
            other = await stack.enter_async_context(daemon(shared))
            await until(lambda: other.state() is State.UP)
        await until(lambda: other.member.leads)
        world.down = {("eu", "shop")}
        await until(lambda: other.state() is State.DOWN)


async def test_a_daemon_that_starts_again_leaves_the_schedules_as_they_are(nats_server: Server, bus: Any):
    world, shared = World(), config(nats_server, endpoint("shop", interval=5.0))
    async with agent(nats_server, shared, "eu", world):
        async with daemon(shared) as one:
            await until(lambda: one.state() is State.UP)
            await until(lambda: stored(bus))
        before = await stored(bus)
        async with daemon(shared) as other:
            await until(lambda: other.member.leads and other.state() is State.UP)
            count = world.checks
            other.engine.check_now([one.handle for one in other.engine.endpoints.values()])
            await until(lambda: world.checks > count)
        assert await stored(bus) == before


async def stored(bus: Any) -> int:
    """The number of the stored schedule; 0 if there is none."""
    with suppress(Exception):
        message = await bus.jetstream().get_last_msg(
            "MONITOR_CHECKS", "monitor.at.eu.shop.5000", direct=False
        )
        return int(message.seq)
    return 0


async def test_what_is_paused_is_not_checked(nats_server: Server):
    world, shared = World(), config(nats_server, endpoint("shop"), endpoint("mail"))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(agent(nats_server, shared, "eu", world))
        one = await stack.enter_async_context(daemon(shared))
        other = await stack.enter_async_context(daemon(shared))
        await until(lambda: one.state() is State.UP and other.state() is State.UP)
        follower = other if one.member.leads else one
        tracked = follower.engine.tracker.by_id("shop")
        assert tracked
        follower.engine.pause([tracked.handle])
        await until(lambda: one.state() is other.state() is State.PAUSED)


async def test_any_daemon_can_have_an_endpoint_checked_at_once(nats_server: Server):
    world, shared = World(), config(nats_server, endpoint("shop", interval=3600.0))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(agent(nats_server, shared, "eu", world))
        one = await stack.enter_async_context(daemon(shared))
        other = await stack.enter_async_context(daemon(shared))
        await until(lambda: one.state() is State.UP and other.state() is State.UP)
        follower = other if one.member.leads else one
        before = world.checks
        follower.engine.check_now([tracked.handle for tracked in follower.engine.endpoints.values()])
        await until(lambda: world.checks > before)


async def test_a_daemon_with_a_location_checks_itself(nats_server: Server):
    async with agent(nats_server, config(nats_server), "us", World()):
        own = Config(
            endpoints=(
                Endpoint(
                    id="nats",
                    name="nats",
                    interval=1.0,
                    locations=("eu",),
                    probe=Tcp(url=f"tcp://127.0.0.1:{nats_server.port}"),
                ),
            ),
            cluster=Cluster(nats=(nats_server.url,), location="eu"),
        )
        async with daemon(own) as one:
            await until(lambda: one.state("nats") is State.UP)


async def test_streams_that_cannot_be_used_are_noted_until_somebody_puts_them_right(nats_server: Server):
    bus = await client(nats_server)
    await bus.jetstream().add_stream(name="MONITOR_CHECKS", subjects=["x"])
    world, shared = World(), config(nats_server, endpoint("shop"))
    async with daemon(shared) as one, agent(nats_server, shared, "eu", world):
        await until(
            lambda: any("cluster cannot be used" in event.text for event in one.engine.event_log.since(0))
        )
        await bus.jetstream().delete_stream("MONITOR_CHECKS")
        await until(lambda: one.state() is State.UP, 30)
    await bus.close()
