"""A location that a network cuts off: in a namespace of its own, with packets that are lost in silence."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from alert_sink import Sink, running_sink
from cluster_processes import Processes, Recorded, config_of
from namespaces import Network, network
from natsd import Server, client, program, until

pytestmark = [pytest.mark.long, pytest.mark.timeout(180)]

ENDPOINTS = 10
HERE = "10.9.1.1"
"""The daemon, the agent of ``eu``, NATS and the targets."""
CANARY = "10.9.1.3"
"""A further address of here, whose loss leaves NATS within reach."""
NOWHERE = "02:00:00:00:00:01"


@pytest.fixture
def net() -> Iterator[Network]:
    if program() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("nats-server is not installed")
    with network(routers=0) as made:
        made.router(0, "ip", "addr", "add", f"{CANARY}/24", "dev", "east")
        yield made


@contextmanager
def cut(net: Network, address: str) -> Iterator[None]:
    """Lose everything that there sends to an address of here: the packets go to nobody's hardware address."""
    net.router(1, "ip", "neigh", "replace", address, "lladdr", NOWHERE, "dev", "west", "nud", "permanent")
    try:
        yield
    finally:
        net.router(1, "ip", "neigh", "del", address, "dev", "west")


class Cluster:
    """A server, a daemon and an agent here, and the agent of ``us`` there; made inside the network."""

    def __init__(self, net: Network, folder: Path, stack: ExitStack) -> None:
        self._net = net
        self._folder = folder
        self._stack = stack
        self.sink: Sink = stack.enter_context(running_sink())
        self.server = Server(folder, host="0.0.0.0")
        self.server.start()
        stack.callback(self.server.kill)

    @asynccontextmanager
    async def running(self, target: str = HERE) -> AsyncIterator[None]:
        """Everything is up inside; the endpoints are at the address ``target``."""
        async with listening(target) as url, listening(CANARY) as canary:
            await self._start(url, canary)
            yield

    async def _start(self, url: str, canary: str) -> None:
        config = config_of(
            self.server,
            *[url] * ENDPOINTS,
            more=f'[[alerts]]\nname = "hook"\nurl = "{self.sink.url}"\ndigest = "200ms"\n',
        )
        config = f'connectivity = ["{canary}"]\n{config}'
        self.here = Processes(self._folder, config, self._stack)
        config = config.replace(self.server.url, f"nats://{HERE}:{self.server.port}")
        prefix = ("ip", "netns", "exec", self._net.names[1])
        Processes(self._folder, config, self._stack, prefix).agent("us", "us")
        self.here.agent("eu", "eu")
        self.here.daemon("daemon")
        await until(lambda: self.say("eu and us: "), 60)

    async def say(self, beginning: str) -> bool:
        """Whether the messages of all endpoints begin like this."""
        found = await self.here.statuses("daemon")
        return bool(found) and all(one.message.startswith(beginning) for one in found)

    async def states(self) -> set[str]:
        return {one.state.value for one in await self.here.statuses("daemon")}

    def logged(self, text: str) -> bool:
        return text in (self._folder / "daemon.log").read_text()


@asynccontextmanager
async def listening(address: str) -> AsyncIterator[str]:
    """The URL of a server that accepts and closes every connection."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), address, 0, backlog=128)
    async with server:
        yield f"tcp://{address}:{server.sockets[0].getsockname()[1]}"


def lengths(starts: list[float]) -> list[float]:
    """Seconds between successive checks."""
    return [later - earlier for earlier, later in pairwise(sorted(starts))]


def test_a_location_cut_off_from_nats_is_a_gap_and_comes_back_without_a_storm(
    net: Network, tmp_path: Path, stack: ExitStack
):
    async def scenario() -> None:
        cluster = Cluster(net, tmp_path, stack)
        bus = await client(cluster.server)
        recorded = Recorded(bus)
        async with recorded as reports, cluster.running():
            began = time.time()
            with cut(net, HERE):
                await until(lambda: cluster.logged("location us is offline"), 30)
                unseen = time.time() - began
                await until(lambda: cluster.say("eu: connected"), 15)
                assert await cluster.states() == {"up"}
            healed = time.time()
            await until(lambda: cluster.say("eu and us: connected"), 40)
            recovered = time.time()
            await asyncio.sleep(5)  # a storm would be under way
            count = Counter(int(report.result.checked_at) for subject, report in reports if ".us." in subject)
        assert unseen < 25
        assert recovered - healed < 30
        # Of what was missed, each endpoint is checked once; from then on the interval holds.
        assert max(number for second, number in count.items() if second >= healed) <= 3 * ENDPOINTS
        for number in range(ENDPOINTS):
            there = recorded.of(f"monitor.result.us.{number}")
            assert len(there) == len(set(there))
            assert sum(length > 5 for length in lengths(there)) == 1
            here = recorded.of(f"monitor.result.eu.{number}")
            assert len(here) == len(set(here))
            assert max(lengths(here)) < 5
        assert not cluster.sink.received
        await bus.close()

    net.run_here(scenario)


def test_a_location_that_lost_its_own_network_but_not_nats_has_no_vote(
    net: Network, tmp_path: Path, stack: ExitStack
):
    async def scenario() -> None:
        cluster = Cluster(net, tmp_path, stack)
        async with cluster.running(target=CANARY):  # as behind a broken uplink
            with cut(net, CANARY):
                await until(lambda: cluster.logged("location us is offline"), 40)
                await until(lambda: cluster.say("eu: connected"), 20)
                assert await cluster.states() == {"up"}
            await until(lambda: cluster.say("eu and us: connected"), 40)
        assert not cluster.sink.received

    net.run_here(scenario)
