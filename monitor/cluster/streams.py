"""The streams, buckets and consumers of a cluster: create those that are missing, check those that exist.

An operator may create them beforehand, with replicas; then the accounts of monitor need no right to do so.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from monitor.cluster.connection import ClusterError, Note
from monitor.text import plain

if TYPE_CHECKING:
    from nats.js import JetStreamContext
    from nats.js.api import ConsumerConfig, StreamConfig
    from nats.js.kv import KeyValue

CHECKS = "MONITOR_CHECKS"
RESULTS = "MONITOR_RESULTS"
SHARED = "monitor_shared"
"""Marks and silences."""
LEASE = "monitor_lease"
"""The name of the leading daemon."""
DELIVERED = "monitor_delivered"
"""Alerts that have been delivered."""
LEASE_SECONDS = 10.0
DELIVERED_SECONDS = 48 * 3600.0
RESULTS_SECONDS = 3600.0
_AGAIN = 2.0
_RESULTS_BYTES = 1 << 30
_DUPLICATES_SECONDS = 120.0
ACK_WAIT = 5.0
"""Seconds without a sign of life after which a check is given to another agent."""
_MOST_IN_FLIGHT = 20_000
"""Checks of one location that agents may work on at once."""


async def ensure_streams(js: JetStreamContext) -> None:
    """Make the streams that are missing. Raises ClusterError for one that cannot be used."""
    from nats.js.api import StreamConfig

    await _ensure(
        js,
        StreamConfig(
            name=CHECKS,
            description="monitor: schedules, and the checks that are due",
            subjects=["monitor.at.>", "monitor.due.>"],
            max_msgs_per_subject=1,
            allow_msg_schedules=True,
            allow_msg_ttl=True,
            duplicate_window=_DUPLICATES_SECONDS,
        ),
    )
    await _ensure(
        js,
        StreamConfig(
            name=RESULTS,
            description="monitor: results of checks, and the agents' signs of life",
            subjects=["monitor.result.>", "monitor.beat.>"],
            max_age=RESULTS_SECONDS,
            max_bytes=_RESULTS_BYTES,
            duplicate_window=_DUPLICATES_SECONDS,
        ),
    )


async def streams_made(js: JetStreamContext, note: Note) -> None:
    """As :func:`ensure_streams`, but try again until JetStream answers."""
    from nats.errors import Error

    while True:
        try:
            return await ensure_streams(js)
        except Error as error:
            note("bad", f"JetStream does not answer: {plain(str(error))}")
            await asyncio.sleep(_AGAIN)


async def streams_there(js: JetStreamContext, note: Note) -> None:
    """Wait until a daemon has created the streams."""
    from nats.errors import Error
    from nats.js.errors import NotFoundError

    while True:
        try:
            for name in (CHECKS, RESULTS):
                await js.stream_info(name)
            return
        except NotFoundError:
            note("warn", f"there is no stream {name} yet; a daemon creates it")
        except Error as error:
            note("bad", f"JetStream does not answer: {plain(str(error))}")
        await asyncio.sleep(_AGAIN)


async def _ensure(js: JetStreamContext, wanted: StreamConfig) -> None:
    from nats.js.errors import NotFoundError

    assert wanted.name
    try:
        present = (await js.stream_info(wanted.name)).config
    except NotFoundError:
        await js.add_stream(wanted)
        return
    lacking = [key for key in ("allow_msg_schedules", "allow_msg_ttl") if _lacks(wanted, present, key)]
    if set(wanted.subjects or ()) - set(present.subjects or ()):
        lacking.append("subjects")
    if lacking:
        raise ClusterError(f"the stream {wanted.name} exists with another config: {', '.join(lacking)}")


def _lacks(wanted: StreamConfig, present: StreamConfig, key: str) -> bool:
    return bool(getattr(wanted, key)) and not getattr(present, key)


async def bucket(js: JetStreamContext, name: str, ttl: float | None = None) -> KeyValue:
    """The bucket of that name, whose keys last ``ttl`` seconds; created if it is missing."""
    from nats.js.api import KeyValueConfig
    from nats.js.errors import NotFoundError

    try:
        return await js.key_value(name)
    except NotFoundError:
        return await js.create_key_value(KeyValueConfig(bucket=name, ttl=ttl))


async def ensure_consumer(js: JetStreamContext, location: str) -> str:
    """The name of the durable consumer that all agents of a location share; created if it is missing."""
    from nats.js.errors import NotFoundError

    try:
        await js.consumer_info(CHECKS, location)
    except NotFoundError:
        await js.add_consumer(CHECKS, _consumer(location))
    return location


def _consumer(location: str) -> ConsumerConfig:
    from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

    return ConsumerConfig(
        name=location,
        durable_name=location,
        filter_subject=f"monitor.due.{location}.*",
        ack_policy=AckPolicy.EXPLICIT,
        deliver_policy=DeliverPolicy.NEW,
        ack_wait=ACK_WAIT,
        max_ack_pending=_MOST_IN_FLIGHT,
        max_waiting=64,
    )
