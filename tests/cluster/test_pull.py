"""Messages of a pull consumer, each as it comes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from natsd import until

from monitor.cluster.connection import ClusterError
from monitor.cluster.pull import Pull
from monitor.cluster.streams import CHECKS, ensure_consumer, ensure_streams


class Receiver:
    def __init__(self, bus: Any, room: int) -> None:
        self.room = room
        self.messages: list[Any] = []
        self.pull = Pull(bus, CHECKS, "eu", self._take, lambda: self.room - len(self.messages))

    async def _take(self, message: Any) -> None:
        self.messages.append(message)
        await message.ack()


async def prepared(bus: Any, count: int) -> None:
    await ensure_streams(bus.jetstream())
    await ensure_consumer(bus.jetstream(), "eu")
    for number in range(count):
        await bus.jetstream().publish(f"monitor.due.eu.{number}", b"{}")


async def test_no_more_come_than_there_is_room_for(bus: Any):
    await prepared(bus, 10)
    receiver = Receiver(bus, 4)
    pulling = asyncio.create_task(receiver.pull.run())
    await until(lambda: len(receiver.messages) == 4)
    await bus.flush()
    assert len(receiver.messages) == 4
    receiver.room = 100
    receiver.pull.more()
    await until(lambda: len(receiver.messages) == 10)
    pulling.cancel()
    await asyncio.wait([pulling])


async def test_a_consumer_that_has_gone_is_an_error(bus: Any):
    await prepared(bus, 0)
    pulling = asyncio.create_task(Receiver(bus, 4).pull.run())
    await bus.flush()
    await bus.jetstream().delete_consumer(CHECKS, "eu")
    with pytest.raises(ClusterError, match="consumer"):
        await asyncio.wait_for(pulling, 20)
