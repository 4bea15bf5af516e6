"""A cluster on one machine: CPU time per check of each part, and what a kill -9 of each costs.

    python bench/cluster.py [--endpoints 2000] [--locations 3] [--interval 60] [--seconds 60]

Runs nats-server, one agent for each location (and a second one for the first), and two daemons, on plain
HTTP endpoints on loopback. Prints the CPU time per check of the agents, the server and the daemons, beside
that of a single engine with the same endpoints; how long results take from the check to the stream; then
what is lost and doubled, and how long it takes until checks go on, when an agent, the leading daemon and
the server are killed. A result is lost if an endpoint is not checked from a location for more than an
interval and ten seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import nats
import rig

from monitor.cluster.reader import Reader
from monitor.cluster.streams import RESULTS, ensure_streams

SETTLES = 20.0
"""Seconds after every place has been checked once, before anything is measured."""


class _Result(msgspec.Struct):
    checked_at: float


class _Report(msgspec.Struct):
    """As much of a report as is measured here."""

    result: _Result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--endpoints", type=int, default=2000)
    parser.add_argument("--locations", type=int, default=3)
    parser.add_argument("--interval", type=float, default=60.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--no-kills", action="store_true")
    arguments = parser.parse_args()
    asyncio.run(_run(arguments))


async def _run(arguments: argparse.Namespace) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = stack.enter_context(rig.web_server())
        cluster = Cluster(folder, stack, port, arguments)
        rate = arguments.endpoints * arguments.locations / arguments.interval
        print(
            f"{arguments.endpoints} endpoints × {arguments.locations} locations, {rate:.0f} checks a second"
        )
        cluster.single_engine()
        await cluster.start()
        await cluster.measure()
        if not arguments.no_kills:
            await cluster.kills()


class Cluster:
    """The processes of a cluster, and everything that its agents publish."""

    def __init__(self, folder: Path, stack: ExitStack, web: int, arguments: argparse.Namespace) -> None:
        self._folder = folder
        self._stack = stack
        self._arguments = arguments
        self._urls = rig.pages(f"http://127.0.0.1:{web}", arguments.endpoints)
        self._locations = [f"l{number}" for number in range(arguments.locations)]
        self._port = rig.free_ports(1)[0]
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.starts: defaultdict[str, list[float]] = defaultdict(list)
        """Subject -> when its checks started."""
        self.delays: list[float] = []
        self.count = 0

    # ── processes ───────────────────────────────────────────────────────────────────────────────

    def single_engine(self) -> None:
        """CPU time per check of one engine that makes as many checks a second."""
        interval = self._arguments.interval / self._arguments.locations
        folder = self._folder / "single"
        folder.mkdir()
        config = rig.write_config(folder, self._urls, f"interval = {interval}")
        with rig.daemon(config) as (pid, _socket):
            time.sleep(SETTLES)
            with _cpu({"engine": pid}) as used:
                time.sleep(self._arguments.seconds)
        checks = self._arguments.seconds * self._arguments.endpoints / interval
        print(f"  single engine           {used['engine'] / checks * 1e6:8.0f} µs of CPU per check")

    async def start(self) -> None:
        began = time.monotonic()
        self._start_server()
        rig.listening(self._port)
        url = f"nats://127.0.0.1:{self._port}"
        self._bus = await nats.connect(url, max_reconnect_attempts=-1, error_cb=_ignore)
        await ensure_streams(self._bus.jetstream())
        reader = Reader(self._bus, RESULTS, "monitor.result.>", self._take, print)
        self._reading = asyncio.create_task(reader.run())
        for location in [*self._locations, self._locations[0]]:
            self._start_agent(location)
        for name in ("daemon 1", "daemon 2"):
            self._start_daemon(name)
        places = len(self._urls) * len(self._locations)
        while len(self.starts) < places:
            await asyncio.sleep(0.2)
        print(f"  every place checked after {time.monotonic() - began:6.1f} s")
        await asyncio.sleep(self._arguments.interval + SETTLES)  # schedules are spread over the interval

    def _start_server(self) -> None:
        program = shutil.which(str(Path(sys.executable).parent / "nats-server")) or "nats-server"
        store = str(self._folder / "js")
        self._run("server", program, "-js", "-a", "127.0.0.1", "-p", str(self._port), "-sd", store)

    def _start_agent(self, location: str) -> None:
        name = f"agent {len(self._processes)}"
        config = self._config(name)
        monitor = (sys.executable, "-P", "-m", "monitor")
        self._run(name, *monitor, "agent", "--location", location, "-c", str(config))

    def _start_daemon(self, name: str) -> None:
        self._run(name, sys.executable, "-P", "-m", "monitor", "daemon", "-c", str(self._config(name)))

    def _config(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        config = rig.write_config(folder, self._urls, f"interval = {self._arguments.interval}")
        with config.open("a") as file:
            file.write(f'[cluster]\nnats = ["nats://127.0.0.1:{self._port}"]\n')
        return config

    def _run(self, name: str, *command: str) -> None:
        log = self._stack.enter_context((self._folder / f"{name}.log").open("ab"))
        process = self._processes[name] = subprocess.Popen(command, stdout=log, stderr=log)
        self._stack.callback(self._end, process)

    @staticmethod
    def _end(process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()

    # ── figures ─────────────────────────────────────────────────────────────────────────────────

    def _take(self, message: Any, at: float) -> None:
        started = msgspec.json.decode(message.data, type=_Report).result.checked_at
        self.starts[message.subject].append(started)
        self.delays.append(at - started)
        self.count += 1

    async def measure(self) -> None:
        pids = {name: one.pid for name, one in self._processes.items()}
        self.delays.clear()
        count = self.count
        with _cpu(pids) as used:
            await asyncio.sleep(self._arguments.seconds)
        checks = self.count - count
        print(f"  results                 {checks / self._arguments.seconds:8.0f} a second")
        for part in ("agent", "server", "daemon"):
            share = sum(cpu for name, cpu in used.items() if name.startswith(part))
            text = f"{share / checks * 1e6:8.0f} µs of CPU per check, all of them together"
            print(f"  {part + 's':<23} {text}")
        delays = sorted(self.delays)
        median, late = delays[len(delays) // 2], delays[int(len(delays) * 0.99)]
        print(f"  from start to stream    {median * 1000:8.0f} ms (p50), {late * 1000:.0f} ms (p99)")

    # ── kills ───────────────────────────────────────────────────────────────────────────────────

    async def kills(self) -> None:
        leader = await self._leader()
        for name, restart in (("agent 1", False), (leader, False), ("server", True)):
            await self._kill(name, restart=restart)

    async def _leader(self) -> str:
        bucket = await self._bus.jetstream().key_value("monitor_lease")
        holder = (await bucket.get("leader")).value.decode()
        return next(name for name, one in self._processes.items() if holder.endswith(f"-{one.pid}"))

    async def _kill(self, name: str, *, restart: bool) -> None:
        self.starts.clear()
        await asyncio.sleep(self._arguments.interval)
        killed = time.time()
        self._processes[name].kill()
        if restart:
            self._processes[name].wait()
            self._start_server()
        await asyncio.sleep(2 * self._arguments.interval + SETTLES)
        longest, lost, doubled = _gaps(self.starts, self._arguments.interval)
        places = len(self._urls) * len(self._locations)
        unheard = places - sum(times[-1] > killed for times in self.starts.values())
        print(
            f"  kill -9 of {name:<12} longest pause {longest:5.1f} s, {lost} results lost, {doubled} doubled,"
            f" {unheard} places not checked again"
        )


async def _ignore(_error: Exception) -> None:
    """The server is killed on purpose."""


def _gaps(starts: dict[str, list[float]], interval: float) -> tuple[float, int, int]:
    """The longest pause, how many checks are missing, and how many there were twice within a second."""
    pauses = [
        later - earlier
        for times in starts.values()
        for earlier, later in zip(sorted(times), sorted(times)[1:], strict=False)
    ]
    lost = sum(int((pause - 10.0) // interval) for pause in pauses if pause > interval + 10.0)
    return max(pauses, default=0.0), lost, sum(pause < 1.0 for pause in pauses)


@contextmanager
def _cpu(pids: dict[str, int]) -> Iterator[dict[str, float]]:
    """The CPU seconds that each process uses meanwhile."""
    before = {name: rig.cpu_seconds(pid) for name, pid in pids.items()}
    used: dict[str, float] = {}
    yield used
    used |= {name: rig.cpu_seconds(pid) - before[name] for name, pid in pids.items()}


if __name__ == "__main__":
    main()
