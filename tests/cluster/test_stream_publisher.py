"""Messages for a stream: stored, or the sender learns why not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from natsd import Server, client, until

from monitor.cluster.connection import ClusterError
from monitor.cluster.stream_publisher import StreamPublisher
from monitor.cluster.streams import RESULTS, ensure_streams


@pytest.fixture
async def publisher(bus: Any) -> AsyncIterator[StreamPublisher]:
    await ensure_streams(bus.jetstream())
    made = StreamPublisher(bus, RESULTS, 2.0)
    running = asyncio.create_task(made.run())
    await asyncio.sleep(0)
    yield made
    running.cancel()
    await asyncio.wait([running])


async def stored(bus: Any) -> int:
    return (await bus.jetstream().stream_info(RESULTS)).state.messages


async def test_a_message_is_in_the_stream_when_publish_returns(bus: Any, publisher: StreamPublisher):
    await publisher.publish("monitor.result.eu.a", b"x", "1")
    assert await stored(bus) == 1


async def test_many_messages_leave_together(bus: Any, publisher: StreamPublisher):
    await publisher.publish("monitor.result.eu.a", b"x", "first")
    sent: list[bytes] = []
    write = bus._transport.writelines
    bus._transport.writelines = lambda parts: (sent.append(b"".join(parts)), write(parts))
    await asyncio.gather(*(publisher.publish(f"monitor.result.eu.{n}", b"x", str(n)) for n in range(300)))
    assert await stored(bus) == 301
    assert max(one.count(b"HPUB ") for one in sent) == 300


async def test_a_second_message_of_the_same_id_is_not_stored_again(bus: Any, publisher: StreamPublisher):
    for _ in range(2):
        await publisher.publish("monitor.result.eu.a", b"x", "1")
    assert await stored(bus) == 1


async def test_a_subject_of_no_stream_is_an_error(publisher: StreamPublisher):
    with pytest.raises(ClusterError, match="503"):
        await publisher.publish("monitor.elsewhere", b"x", "1")


async def test_a_subject_of_another_stream_is_an_error(publisher: StreamPublisher):
    with pytest.raises(ClusterError, match="not in the stream MONITOR_RESULTS"):
        await publisher.publish("monitor.due.eu.a", b"{}", "1")


async def test_a_stream_that_refuses_says_why(bus: Any, publisher: StreamPublisher):
    config = (await bus.jetstream().stream_info(RESULTS)).config
    await bus.jetstream().update_stream(replace(config, max_msg_size=10))
    with pytest.raises(ClusterError, match="size"):
        await publisher.publish("monitor.result.eu.a", b"x" * 100, "1")


async def test_a_server_that_dies_fails_what_it_has_not_answered(
    nats_server: Server, bus: Any, publisher: StreamPublisher
):
    await publisher.publish("monitor.result.eu.a", b"x", "1")
    nats_server.kill()
    with pytest.raises(ClusterError, match="does not answer"):
        await publisher.publish("monitor.result.eu.a", b"x", "2")
    nats_server.start()
    await until(lambda: published(publisher), 30)
    assert await stored(bus) >= 2  # the client may have kept the message for the new connection


async def published(publisher: StreamPublisher) -> bool:
    try:
        await publisher.publish("monitor.result.eu.a", b"x", "3")
    except ClusterError:
        return False
    return True


async def test_what_has_not_left_when_it_ends_has_failed(bus: Any):
    await ensure_streams(bus.jetstream())
    made = StreamPublisher(bus, RESULTS, 2.0)
    running = asyncio.create_task(made.run())
    await asyncio.sleep(0)
    publishing = asyncio.create_task(made.publish("monitor.result.eu.a", b"x", "1"))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(ClusterError, match="does not answer"):
        await publishing
    assert await stored(bus) == 0


async def test_an_answer_that_is_none_of_jetstreams_stores_nothing(nats_server: Server, bus: Any):
    """Whoever may publish to an inbox could answer for the stream; garbage is no confirmation."""
    made = StreamPublisher(bus, "NOWHERE", 2.0)
    running = asyncio.create_task(made.run())
    other = await client(nats_server)

    async def answer(message: Any) -> None:
        await other.publish(f"{message.reply}x", b"{}")
        await other.publish(message.reply, b"[" * 5000)

    await other.subscribe("somewhere", cb=answer)
    await other.flush()
    with pytest.raises(ClusterError, match="none of JetStream's"):
        await made.publish("somewhere", b"x", "1")
    running.cancel()
    await other.close()
