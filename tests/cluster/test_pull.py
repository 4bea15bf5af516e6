"""Messages of a pull consumer, each as it comes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from natsd import until

from monitor.cluster.connection import ClusterError
from monitor.cluster.pull import Position, Pull, position
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


REPLIES = {
    "an older server's": "$JS.ACK.STREAM.CONSUMER.1.42.7.1800000000500000000.3",
    "a newer server's": "$JS.ACK.hub.ACCOUNT.STREAM.CONSUMER.1.42.7.1800000000500000000.3.token",
    "one without a token": "$JS.ACK._.ACCOUNT.STREAM.CONSUMER.1.42.7.1800000000500000000.3",
}


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_a_message_says_where_it_stands(reply: str):
    assert position(reply) == Position(42, 1_800_000_000.5, 3)


@pytest.mark.parametrize("reply", ["", "a", "$JS.ACK.S.C.1.x.7.1.3", "$JS.ACK.S.C.1.2"])
def test_another_reply_is_refused(reply: str):
    with pytest.raises(ClusterError, match="no consumer"):
        position(reply)


async def test_the_server_says_it_like_that(bus: Any):
    await prepared(bus, 3)
    receiver = Receiver(bus, 3)
    pulling = asyncio.create_task(receiver.pull.run())
    await until(lambda: len(receiver.messages) == 3)
    pulling.cancel()
    for message in receiver.messages:
        metadata = message.metadata
        assert position(message.reply) == Position(
            metadata.sequence.stream,
            pytest.approx(metadata.timestamp.timestamp(), abs=1e-5),
            metadata.num_pending,
        )


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
