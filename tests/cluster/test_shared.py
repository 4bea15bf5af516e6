"""Values that daemons share."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any

from natsd import Server, client, until

from monitor.cluster.shared import Lease, Shared
from monitor.cluster.streams import LEASE, bucket


class Daemon:
    def __init__(self, bus: Any) -> None:
        self.heard: dict[str, bytes] = {}
        self.shared = Shared(bus, self.heard.__setitem__, lambda level, text: None)


@asynccontextmanager
async def two(bus: Any):
    daemons = Daemon(bus), Daemon(bus)
    tasks = [asyncio.create_task(one.shared.run()) for one in daemons]
    try:
        yield daemons
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_others_hear_of_a_value_and_of_its_end(bus: Any):
    async with two(bus) as (one, other):
        one.shared.put("ack.shop", b"x")
        await until(lambda: other.heard.get("ack.shop") == b"x")
        one.shared.put("ack.shop", b"")
        await until(lambda: other.heard.get("ack.shop") == b"")
        assert one.heard == {}


async def test_a_value_that_was_heard_does_not_go_in_a_circle(bus: Any):
    async with two(bus) as (one, other):
        one.shared.put("ack.shop", b"x")
        await until(lambda: "ack.shop" in other.heard)
        other.shared.put("ack.shop", b"x")
        other.shared.put("ack.end", b"y")
        await until(lambda: "ack.end" in one.heard)
        assert one.heard == {"ack.end": b"y"}


async def test_a_later_daemon_hears_of_everything(bus: Any, nats_server: Server):
    async with two(bus) as (one, _):
        one.shared.put("ack.shop", b"x")
        later = await client(nats_server)
        async with two(later) as (other, _):
            await until(lambda: other.heard == {"ack.shop": b"x"})
        await later.close()


async def test_a_value_too_large_is_not_taken_over(bus: Any):
    async with two(bus) as (one, other):
        one.shared.put("ack.large", b"x" * 100_000)
        one.shared.put("ack.shop", b"x")
        await until(lambda: "ack.shop" in other.heard)
        assert "ack.large" not in other.heard


# ---- the lease of the leader


class Steady:
    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_only_one_holds_it(bus: Any):
    one, other = (Lease(bus.jetstream(), name) for name in "ab")
    await one.renew()
    await other.renew()
    assert (one.held, other.held) == (True, False)
    await one.renew()
    assert one.held


async def test_it_is_not_counted_on_unless_it_is_renewed(bus: Any, nats_server: Server):
    steady = Steady()
    one = Lease(bus.jetstream(timeout=0.2), "a", steady)
    await one.renew()
    nats_server.kill()
    await one.renew()
    steady.now += 6.9
    assert one.held
    steady.now += 0.2
    assert not one.held


async def test_whoever_ends_gives_it_back(bus: Any):
    one, other = (Lease(bus.jetstream(), name) for name in "ab")
    keeping = asyncio.create_task(one.keep())
    await until(lambda: one.held)
    keeping.cancel()
    await asyncio.wait([keeping])
    assert not one.held
    await other.renew()
    assert other.held


async def test_the_server_lets_it_run_out(bus: Any):
    assert (await (await bucket(bus.jetstream(), LEASE, 10.0)).status()).ttl == 10.0
