"""Three NATS servers with copies of the streams, of which any one may die."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import nats
import nats.js.errors
import pytest
from cluster_processes import Processes, Recorded, config_of
from natsd import Server, until
from servers import free_port

from monitor.cluster.streams import CHECKS, DELIVERED, LEASE, LEASE_SECONDS, SHARED, bucket, ensure_streams

# Not marked as long: beside the other tests of clusters, it would leave them too little of two cores.
pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def servers(needs_nats: None, tmp_path: Path) -> Iterator[list[Server]]:
    ports = [free_port() for _ in range(3)]
    routes = ", ".join(f"nats://127.0.0.1:{port}" for port in ports)
    made = []
    for number, port in enumerate(ports):
        folder = tmp_path / f"nats{number}"
        folder.mkdir()
        cluster = f'cluster {{ name: c, listen: "127.0.0.1:{port}", routes: [{routes}] }}'
        made.append(Server(folder, f"server_name: n{number}\n{cluster}"))
    for server in made:
        server.start()
    yield made
    for server in made:
        server.kill()


async def copied(js: Any) -> bool:
    """Whether all three have the streams."""
    try:
        await ensure_streams(js)
        for name, ttl in ((SHARED, None), (LEASE, LEASE_SECONDS), (DELIVERED, None)):
            await bucket(js, name, ttl)
        for info in await js.streams_info():
            info.config.num_replicas = 3
            await js.update_stream(info.config)
    except (nats.errors.Error, nats.js.errors.Error):  # they have no leader yet
        return False
    infos = await js.streams_info()
    return all(len(info.cluster.replicas or ()) == 2 for info in infos)


@pytest.fixture
async def client(servers: list[Server]) -> AsyncIterator[Any]:
    made = await nats.connect([one.url for one in servers])
    yield made
    await made.close()


@pytest.mark.parametrize("leads", [True, False])
async def test_any_server_may_die(
    servers: list[Server], client: Any, leads: bool, tmp_path: Path, stack: ExitStack, sink: Any
):
    await until(lambda: copied(client.jetstream()), 40)
    alert = f'[[alerts]]\nname = "hook"\nurl = "{sink.url}"\ndigest = "200ms"\n'
    recorded = Recorded(client)
    with socket.create_server(("127.0.0.1", 0)) as target:
        url = f"tcp://127.0.0.1:{target.getsockname()[1]}"
        processes = Processes(tmp_path, config_of(servers, url, more=alert), stack)
        async with recorded as reports:
            for name in ("a", "b"):
                processes.agent(name, "eu")
                processes.daemon(f"daemon-{name}")
            await until(lambda: len(reports) >= 3, 60)
            leader = (await client.jetstream().stream_info(CHECKS)).cluster.leader
            next(one for number, one in enumerate(servers) if (f"n{number}" == leader) == leads).kill()
            count = len(reports)
            await until(lambda: len(reports) >= count + 10, 60)
    await until(lambda: sink.received, 40)
    assert [document["kind"] for document in sink.wait(1)] == ["down"]
    starts = sorted(set(recorded.of("monitor.result.eu.0")))  # an agent may have to publish a result again
    pauses = [later - earlier for earlier, later in pairwise(starts)]
    assert max(pauses) < 20  # a new leader takes up to 9 s by itself, more on a machine with other work
