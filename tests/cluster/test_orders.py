"""Schedules and checks out of turn, on a real server."""

from __future__ import annotations

import asyncio
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import pytest
from natsd import Server, until

from monitor.cluster.orders import Orders, Place, subjects
from monitor.cluster.protocol import Due, decode
from monitor.cluster.reader import Reader
from monitor.cluster.streams import CHECKS, ensure_streams

pytestmark = pytest.mark.long

EU, US = Place("eu", "shop"), Place("us", "shop")


class Leading:
    """Orders at work, and everything that is due."""

    def __init__(self, bus: Any, clock: Any = time.time) -> None:
        self.leads = True
        self.due: list[str] = []
        self.times: list[float] = []
        """When each was due, by the server's clock."""
        self.bus = bus
        self.orders = Orders(bus, lambda: self.leads, clock, lambda level, text: None)
        self._reader = Reader(bus, CHECKS, "monitor.due.>", self._take, lambda level, text: None)

    def _take(self, message: Any, at: float) -> None:
        assert message.subject.endswith(f".{decode(message.data, Due).endpoint}")
        self.due.append(message.subject)
        self.times.append(at)

    async def __aenter__(self) -> Self:
        await ensure_streams(self.bus.jetstream())
        self._tasks = [asyncio.create_task(work) for work in (self.orders.run(), self._reader.run())]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stored(self) -> set[str]:
        return await subjects(self.bus, "monitor.at.>")


async def is_stored(leading: Leading, *subjects: str) -> bool:
    return await leading.stored() == set(subjects)


async def test_every_place_is_due_again_and_again(bus: Any):
    async with Leading(bus) as leading:
        leading.orders.want({EU: 1.0, US: 1.0})
        await until(lambda: leading.due.count("monitor.due.eu.shop") >= 3)
        assert leading.due.count("monitor.due.us.shop") >= 2


async def test_schedules_follow_what_is_wanted(bus: Any):
    async with Leading(bus) as leading:
        leading.orders.want({EU: 1.0, US: 1.0})
        await until(lambda: is_stored(leading, "monitor.at.eu.shop.1000", "monitor.at.us.shop.1000"))
        leading.orders.want({EU: 1.5})
        await until(lambda: is_stored(leading, "monitor.at.eu.shop.1500"))


async def test_another_leader_goes_on_with_what_is_stored(bus: Any):
    async with Leading(bus) as leading:
        leading.orders.want({EU: 1.0, US: 1.0})
        await until(lambda: is_stored(leading, "monitor.at.eu.shop.1000", "monitor.at.us.shop.1000"))
    before = (await bus.jetstream().get_last_msg(CHECKS, "monitor.at.eu.shop.1000", direct=False)).seq
    async with Leading(bus) as other:
        other.orders.want({EU: 1.0})
        await until(lambda: is_stored(other, "monitor.at.eu.shop.1000"))
    after = (await bus.jetstream().get_last_msg(CHECKS, "monitor.at.eu.shop.1000", direct=False)).seq
    assert after == before


async def test_schedules_that_the_server_lost_are_stored_again(bus: Any, nats_server: Server, tmp_path: Path):
    async with Leading(bus) as leading:
        leading.orders.want({EU: 1.0})
        await until(lambda: is_stored(leading, "monitor.at.eu.shop.1000"))
        nats_server.kill()
        shutil.rmtree(tmp_path / "js")
        nats_server.start()
        await until(lambda: is_stored_again(leading, "monitor.at.eu.shop.1000"), 30)


async def test_after_a_kill_of_the_server_checks_are_spread_again(bus: Any, nats_server: Server):
    places = [Place("eu", f"host-{number}") for number in range(30)]
    async with Leading(bus) as leading:
        leading.orders.want(dict.fromkeys(places, 3.0))
        await until(lambda: all_due(leading.due, places, 2), 30)
        nats_server.kill()
        nats_server.start()
        began = len(leading.due)
        await until(lambda: all_due(leading.due[began:], places, 2) and is_spread(leading.times, 3.0), 60)


def is_spread(times: list[float], interval: float) -> bool:
    """Whether no tenth of the last interval has half of its checks."""
    last = [at for at in times if at > times[-1] - interval]
    return all(sum(at <= one < at + interval / 10 for one in last) < len(last) / 2 for at in last)


def all_due(due: list[str], places: list[Place], times: int) -> bool:
    return all(due.count(f"monitor.due.eu.{place.endpoint}") >= times for place in places)


async def is_stored_again(leading: Leading, *subjects: str) -> bool:
    with suppress(Exception):  # JetStream is not ready yet
        return await is_stored(leading, *subjects)
    return False


async def test_a_leader_that_does_not_know_yet_what_is_wanted_removes_nothing(bus: Any):
    async with Leading(bus) as leading:
        leading.orders.want({EU: 1.0})
        await until(lambda: is_stored(leading, "monitor.at.eu.shop.1000"))
    async with Leading(bus) as other:
        other.orders.check(US, 0.0)
        await until(lambda: "monitor.due.us.shop" in other.due)
        assert await is_stored(other, "monitor.at.eu.shop.1000")


async def test_whoever_does_not_lead_orders_nothing(bus: Any):
    async with Leading(bus) as leading, Leading(bus) as other:
        other.leads = False
        other.orders.check(US, 0.0)
        leading.orders.check(EU, 0.0)
        await until(lambda: leading.due)
        assert leading.due == ["monitor.due.eu.shop"]
