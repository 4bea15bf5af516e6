"""The example of a cluster: it runs, and its accounts may do what they need and no more."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nats
import pytest
from natsd import program, until
from servers import free_port

from monitor.cluster.agent import Agent
from monitor.cluster.connection import connect
from monitor.cluster.streams import ensure_streams
from monitor.model import Cluster, Config

FOLDER = Path(__file__).parents[2] / "contrib" / "cluster"

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(autouse=True)
def needs_a_server():
    if program() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("nats-server is not installed")


def test_the_example_runs():
    run = subprocess.run(
        [sys.executable, str(FOLDER / "try.py"), "--once"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    said = {line.split("  ")[-1].strip() for line in run.stdout.splitlines()[1:-1]}
    assert "ap, eu and us: connected" in said
    assert "us: exit status 2: no output (1 of 3)" in said
    assert "eu: exit status 0" in said
    assert run.stdout.splitlines()[-1] == "2 up, 1 degraded, 1 down"


@pytest.fixture
async def url(tmp_path: Path):
    port = free_port()
    users = ("DAEMON", "EU", "US", "AP")
    environ = {**os.environ, **{f"{name}_PASSWORD": f"{name.lower()}-secret" for name in users}}
    found = program()
    assert found
    command = [found, "-c", str(FOLDER / "nats.conf"), "-a", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(
        [*command, "-sd", str(tmp_path)], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        made = f"nats://127.0.0.1:{port}"
        await until(lambda: logs_in(made, "daemon"))
        daemon = await user(made, "daemon")
        await ensure_streams(daemon.jetstream())
        await daemon.close()
        yield made
        server.kill()


async def user(url: str, name: str, **options: Any) -> Any:
    return await nats.connect(
        url,
        user=name,
        password=f"{name}-secret",
        allow_reconnect=False,
        reconnect_time_wait=0.02,
        error_cb=ignore,
        **options,
    )


async def ignore(_error: Exception) -> None:
    """The server says so as well, later."""


async def logs_in(url: str, name: str) -> bool:
    try:
        await (await user(url, name)).close()
    except Exception:  # noqa: BLE001 -- it does not listen yet
        return False
    return True


@pytest.mark.parametrize(
    "subject",
    [
        "monitor.result.us.shop",
        "monitor.beat.us.a",
        "monitor.due.eu.shop",
        "monitor.at.eu.shop.1000",
        "$KV.monitor_shared.silence.x",
        "$KV.monitor_lease.leader",
        "$JS.API.STREAM.DELETE.MONITOR_CHECKS",
        "$JS.API.STREAM.MSG.GET.MONITOR_RESULTS",
        "$JS.API.CONSUMER.CREATE.MONITOR_CHECKS.eu.monitor.due.us.*",
        "$JS.API.CONSUMER.MSG.NEXT.MONITOR_CHECKS.us",
    ],
)
async def test_an_agent_may_not_speak_for_others(url: str, subject: str):
    bus = await user(url, "eu", inbox_prefix="_INBOX_eu")
    with pytest.raises(nats.errors.Error):
        await bus.request(subject, b"{}", timeout=0.3)
    assert "permissions violation" in str(bus.last_error).lower()
    await bus.close()


@pytest.mark.parametrize("subject", ["monitor.>", "_INBOX.>", "$KV.>"])
async def test_an_agent_may_not_listen_to_others(url: str, subject: str):
    bus = await user(url, "eu", inbox_prefix="_INBOX_eu")
    await bus.subscribe(subject)
    await until(lambda: "permissions violation" in str(bus.last_error).lower(), 5)
    await bus.close()


async def test_an_agent_may_do_all_that_it_has_to(url: str):
    notes: list[str] = []
    cluster = Cluster(nats=(url,), user="eu", password="eu-secret")
    client = await connect(cluster, "test", lambda level, text: notes.append(text), "eu")
    agent = Agent(Config(), "eu", client, lambda level, text: notes.append(text), clock=lambda: 1.0)
    running = asyncio.create_task(agent.run())
    daemon = await user(url, "daemon")
    await until(lambda: waits(daemon))
    running.cancel()
    await asyncio.wait([running])
    await client.close()
    await daemon.close()
    assert len(notes) == 1, notes


async def waits(daemon: Any) -> bool:
    try:
        return (await daemon.jetstream().consumer_info("MONITOR_CHECKS", "eu")).num_waiting == 1
    except nats.js.errors.NotFoundError:
        return False
