"""Streams, buckets and consumers on a real server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from nats.js.api import StreamConfig
from natsd import until

from monitor.cluster.connection import ClusterError
from monitor.cluster.streams import CHECKS, RESULTS, bucket, ensure_consumer, ensure_streams, streams_there


async def test_what_is_missing_is_made_once(bus: Any):
    js = bus.jetstream()
    for _ in range(2):
        await ensure_streams(js)
        assert await ensure_consumer(js, "eu") == "eu"
        await (await bucket(js, "monitor_test", 5.0)).put("a", b"b")
    assert (await js.stream_info(CHECKS)).config.allow_msg_schedules
    assert (await js.stream_info(RESULTS)).config.max_age == 3600
    assert (await (await bucket(js, "monitor_test")).get("a")).value == b"b"


async def test_a_stream_of_somebody_else_is_not_used(bus: Any):
    js = bus.jetstream()
    await js.add_stream(StreamConfig(name=CHECKS, subjects=["shop.>"]))
    with pytest.raises(ClusterError, match="MONITOR_CHECKS exists with another config: allow_msg_schedules"):
        await ensure_streams(js)


async def test_an_agent_waits_until_a_daemon_has_created_the_streams(bus: Any):
    notes: list[str] = []
    waiting = asyncio.create_task(streams_there(bus.jetstream(), lambda level, text: notes.append(text)))
    await until(lambda: "there is no stream MONITOR_CHECKS yet; a daemon creates it" in notes)
    await ensure_streams(bus.jetstream())
    await asyncio.wait_for(waiting, 10)
