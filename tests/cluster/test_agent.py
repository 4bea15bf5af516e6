"""An agent: from a message that is due to a result in the stream."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
from natsd import Server, client, until

from monitor.cluster import protocol
from monitor.cluster.agent import Agent
from monitor.cluster.protocol import Due, Report
from monitor.cluster.reader import Results
from monitor.cluster.streams import CHECKS, ensure_streams
from monitor.model import Config, Endpoint, Observation, Reason, Settings, Status
from monitor.probes.tcp import Tcp


def endpoint(id: str) -> Endpoint:
    return Endpoint(id=id, name=id, probe=Tcp(url="tcp://127.0.0.1:9"))


CONFIG = Config(
    endpoints=(endpoint("shop"), endpoint("slow")), redact=lambda text: text.replace("hunter2", "•••")
)


async def answer(probe: Any, timeout: float, assertions: Any, begun: Any) -> Observation:
    return Observation(started=time.time(), latency_ms=1.0, message="hello hunter2")


async def never(probe: Any, timeout: float, assertions: Any, begun: Any) -> Observation:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.fixture(autouse=True)
async def _streams(bus: Any) -> None:
    """As a daemon creates them."""
    await ensure_streams(bus.jetstream())


class Read:
    """Everything that the stream of results brings."""

    def __init__(self) -> None:
        self.reports: list[tuple[str, Report]] = []
        self.beats: list[Any] = []
        self.notes: list[tuple[str, str]] = []

    def note(self, level: str, text: str) -> None:
        self.notes.append((level, text))

    def results(self, bus: Any, sequence: int = 0) -> Results:
        return Results(
            bus,
            sequence,
            lambda location, report, at: self.reports.append((location, report)),
            lambda location, beat, at: self.beats.append((location, beat)),
            self.note,
        )


@asynccontextmanager
async def running(*works: Any):
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def agent(bus: Any, read: Read, run_probe: Any = answer) -> Agent:
    return Agent(CONFIG, "eu", bus, read.note, clock=time.time, run_probe=run_probe)


async def ask(bus: Any, id: str) -> None:
    await bus.jetstream().publish(protocol.due_subject("eu", id), protocol.encode(Due(endpoint=id)))


async def asked(bus: Any, id: str) -> bool:
    """JetStream answers some time after the server does."""
    with suppress(Exception):
        await ask(bus, id)
        return True
    return False


async def has_consumer(bus: Any) -> bool:
    with suppress(Exception):
        return bool(await bus.jetstream().consumer_info(CHECKS, "eu"))
    return False


async def test_what_is_due_is_checked_and_published_redacted(bus: Any):
    read = Read()
    async with running(agent(bus, read).run(), read.results(bus).run()):
        await until(lambda: has_consumer(bus))
        await ask(bus, "shop")
        await until(lambda: read.reports)
    location, report = read.reports[0]
    assert (location, report.result.endpoint, report.result.status) == ("eu", "shop", Status.UP)
    assert report.result.message == "hello •••"


async def test_an_agent_says_that_it_is_alive_and_that_it_leaves(bus: Any):
    read = Read()
    async with running(read.results(bus).run()):
        async with running(agent(bus, read).run()):
            await until(lambda: read.beats)
        await until(lambda: read.beats[-1][1].leaving)


async def test_an_endpoint_that_is_not_in_the_config_is_said_to_be_so(bus: Any):
    read = Read()
    async with running(agent(bus, read).run(), read.results(bus).run()):
        await until(lambda: has_consumer(bus))
        await ask(bus, "unknown")
        await until(lambda: read.reports)
    assert read.reports[0][1].result.status is Status.INCONCLUSIVE
    assert "has no such endpoint" in read.reports[0][1].result.message


async def test_an_agent_that_is_cut_off_says_nothing_of_the_endpoint(bus: Any):
    read = Read()
    canary = Tcp(url="tcp://127.0.0.1:1")
    cut_off = replace(CONFIG, settings=Settings(connectivity=(canary,)))
    one = Agent(cut_off, "eu", bus, read.note, clock=time.time, run_probe=refused)
    async with running(one.run(), read.results(bus).run()):
        await until(lambda: has_consumer(bus))
        await ask(bus, "shop")
        await until(lambda: read.reports)
        await until(lambda: read.beats and not read.beats[-1][1].online)
    assert read.reports[0][1].result.status is Status.INCONCLUSIVE
    assert "offline" in read.reports[0][1].result.message


async def refused(probe: Any, timeout: float, assertions: Any, begun: Any) -> Observation:
    return Observation(started=time.time(), reason=Reason.CONNECTION_REFUSED, message="refused")


async def test_a_message_that_is_none_of_ours_stops_nothing(bus: Any):
    read = Read()
    async with running(agent(bus, read).run(), read.results(bus).run()):
        await until(lambda: has_consumer(bus))
        await bus.jetstream().publish("monitor.due.eu.x", b"\x1b[31m{")
        await ask(bus, "shop")
        await until(lambda: read.reports)
    assert any("ignored an invalid message" in text for _, text in read.notes)


async def test_a_check_of_an_agent_that_dies_is_made_by_another(nats_server: Server, bus: Any):
    read = Read()
    dying = await client(nats_server)
    async with running(read.results(bus).run()):
        async with running(agent(dying, read, never).run()):
            await until(lambda: has_consumer(bus))
            await ask(bus, "shop")
            await until(lambda: in_flight(bus))
        await dying.close()
        async with running(agent(bus, read).run()):
            await until(lambda: read.reports)
    assert len(read.reports) == 1


async def in_flight(bus: Any) -> bool:
    return (await bus.jetstream().consumer_info(CHECKS, "eu")).num_ack_pending == 1


async def test_results_are_read_on_after_the_server_was_killed(nats_server: Server, bus: Any):
    read = Read()
    async with running(agent(bus, read).run(), read.results(bus).run()):
        await until(lambda: has_consumer(bus))
        await ask(bus, "shop")
        await until(lambda: len(read.reports) == 1)
        nats_server.kill()
        nats_server.start()
        await until(lambda: asked(bus, "slow"), 30)
        await until(lambda: len(read.reports) == 2, 30)
    assert [report.result.endpoint for _, report in read.reports] == ["shop", "slow"]
