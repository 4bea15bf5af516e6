"""Daemons, agents and the server as processes, each killed: what is lost, doubled or sent twice."""

from __future__ import annotations

import csv
import signal
import socket
import subprocess
from collections import Counter
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cluster_processes import Processes, Recorded, config_of
from monitor_command import monitor
from natsd import Server, until

from monitor.cluster.orders import subjects
from monitor.syntax.duration import iso_time

pytestmark = [pytest.mark.long, pytest.mark.timeout(120)]


async def test_an_agent_that_is_killed_loses_and_doubles_nothing(
    nats_server: Server, bus: Any, tmp_path: Path, stack: ExitStack
):
    url = f"tcp://127.0.0.1:{nats_server.port}"
    processes = Processes(tmp_path, config_of(nats_server, *([url] * 10)), stack)
    recorded = Recorded(bus)
    async with recorded as reports:
        agents = [processes.agent(name, "eu") for name in ("one", "two")]
        processes.daemon("daemon")
        await until(lambda: len({report.agent for _, report in reports}) == 2, 40)
        agents[0].kill()
        count = len(reports)
        await until(lambda: len(reports) > count + 60, 30)
    for number in range(10):
        starts = sorted(recorded.of(f"monitor.result.eu.{number}"))
        pauses = [later - earlier for earlier, later in pairwise(starts)]
        # What the dead agent had in hand is made up for within the time of an acknowledgement.
        assert max(pauses) < 7
        assert min(pauses) > 0


async def test_when_the_leading_daemon_is_killed_an_outage_is_still_told_once(
    nats_server: Server, tmp_path: Path, stack: ExitStack, sink: Any
):
    with socket.create_server(("127.0.0.1", 0)) as target:
        url = f"tcp://127.0.0.1:{target.getsockname()[1]}"
        alert = f'[[alerts]]\nname = "hook"\nurl = "{sink.url}"\ndigest = "200ms"\n'
        processes = Processes(tmp_path, config_of(nats_server, url, more=alert), stack)
        processes.agent("agent", "eu")
        daemons = {name: processes.daemon(name) for name in ("one", "two")}
        for name in daemons:
            await until(lambda name=name: up(processes, name), 40)
    await until(lambda: sink.received, 40)
    assert kinds(sink) == ["down"]
    for name in daemons:
        await until(lambda name=name: is_(processes, name, "down"), 20)
    leader = await leader_of(nats_server, daemons)
    daemons.pop(leader).kill()
    with socket.create_server(("127.0.0.1", int(url.rpartition(":")[2]))):
        await until(lambda: len(sink.received) >= 2, 40)
        processes.daemon(leader)
        await until(lambda: up(processes, leader), 40)
    assert kinds(sink) == ["down", "up"]


def kinds(sink: Any) -> list[str]:
    return [document["kind"] for document in sink.wait(0)]


async def up(processes: Processes, name: str) -> bool:
    return await is_(processes, name, "up")


async def is_(processes: Processes, name: str, state: str) -> bool:
    found = await processes.statuses(name)
    return bool(found) and all(one.state.value == state for one in found)


async def leader_of(server: Server, daemons: dict[str, subprocess.Popen[bytes]]) -> str:
    import nats

    bus = await nats.connect(server.url)
    holder = (await (await bus.jetstream().key_value("monitor_lease")).get("leader")).value or b""
    await bus.close()
    return next(name for name, one in daemons.items() if holder.decode().endswith(f"-{one.pid}"))


async def test_a_daemon_that_was_killed_reads_on_where_it_was(
    nats_server: Server, bus: Any, tmp_path: Path, stack: ExitStack
):
    url = f"tcp://127.0.0.1:{nats_server.port}"
    processes = Processes(tmp_path, config_of(nats_server, url), stack)
    recorded = Recorded(bus)
    async with recorded as reports:
        processes.agent("agent", "eu")
        daemon = processes.daemon("daemon")
        await until(lambda: up(processes, "daemon"), 40)
        await until(lambda: is_scheduled(bus), 40)
        daemon.kill()
        daemon.wait()
        count = len(reports)
        await until(lambda: len(reports) >= count + 4, 20)
        daemon = processes.daemon("daemon")
        await until(lambda: up(processes, "daemon"), 40)
        count = len(reports)
        await until(lambda: len(reports) >= count + 3, 20)
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(10)
    kept = export(processes.config("daemon"))
    sent = [moment(one) for one in recorded.of("monitor.result.eu.0")]
    assert set(kept) <= set(sent)
    assert max(Counter(kept).values()) == 1
    last = sent.index(kept[-1])
    assert sent[: last + 1][-len(kept) :] == kept


async def is_scheduled(bus: Any) -> bool:
    return bool(await subjects(bus, "monitor.at.>"))


def export(file: Path) -> list[str]:
    run = subprocess.run(
        monitor("export", "-c", str(file), "--format", "csv"),
        capture_output=True,
        text=True,
        check=True,
    )
    rows = list(csv.DictReader(run.stdout.splitlines()))
    # On a slow machine, a daemon also notes that nobody has checked for a while.
    rows = [row for row in rows if row["status"] != "inconclusive"]
    from_eu = [row["checked_at"] for row in rows if row["location"] == "eu"]
    verdicts = [row["checked_at"] for row in rows if not row["location"]]
    assert from_eu == verdicts
    return verdicts


def moment(at: float) -> str:
    """As the history has it, in whole milliseconds."""
    return iso_time(round(at, 3) + 1e-4)


async def test_the_server_may_be_killed(nats_server: Server, tmp_path: Path, stack: ExitStack):
    with socket.create_server(("127.0.0.1", 0)) as target:
        url = f"tcp://127.0.0.1:{target.getsockname()[1]}"
        processes = Processes(tmp_path, config_of(nats_server, url), stack)
        processes.agent("agent", "eu")
        processes.daemon("daemon")
        await until(lambda: up(processes, "daemon"), 40)
        nats_server.kill()
        await until(lambda: is_(processes, "daemon", "inconclusive"), 40)
        nats_server.start()
        await until(lambda: up(processes, "daemon"), 40)
    await until(lambda: is_(processes, "daemon", "down"), 40)


async def test_a_location_that_stands_still_has_no_vote_and_comes_back(
    nats_server: Server, bus: Any, tmp_path: Path, stack: ExitStack
):
    with socket.create_server(("127.0.0.1", 0)) as target:
        url = f"tcp://127.0.0.1:{target.getsockname()[1]}"
        processes = Processes(tmp_path, config_of(nats_server, url), stack)
        agents = {location: processes.agent(location, location) for location in ("eu", "us")}
        processes.daemon("daemon")
        await until(lambda: says(processes, "daemon", "eu and us: "), 40)
        agents["us"].send_signal(signal.SIGSTOP)
        await until(lambda: logged(tmp_path, "location us is offline"), 40)
        await until(lambda: says(processes, "daemon", "eu: "), 20)
    await until(lambda: is_(processes, "daemon", "down"), 40)
    recorded = Recorded(bus)
    async with recorded:
        agents["us"].send_signal(signal.SIGCONT)
        with socket.create_server(("127.0.0.1", int(url.rpartition(":")[2]))):
            await until(lambda: says(processes, "daemon", "eu and us: connected"), 40)
    starts = recorded.of("monitor.result.us.0")
    assert len(starts) == len(set(starts))


def logged(folder: Path, text: str) -> bool:
    return text in (folder / "daemon.log").read_text()


async def says(processes: Processes, name: str, beginning: str) -> bool:
    found = await processes.statuses(name)
    return bool(found) and all(one.message.startswith(beginning) for one in found)
