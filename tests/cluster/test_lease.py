"""One leader at a time."""

from __future__ import annotations

import asyncio
from typing import Any

from natsd import Server, until

from monitor.cluster.lease import Lease
from monitor.cluster.streams import LEASE, bucket


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
