"""The same checks by prometheus-blackbox-exporter and by our engine: CPU time per check.

    python bench/blackbox.py [--endpoints 1000] [--interval 10] [--seconds 20] [--rounds 3]

Both are at work at the same time on the same pages of one nginx on loopback, and figures are those of
the same windows: the exporter as a Prometheus has it probe (each target every interval, evenly
spread, over kept connections, its metrics uncompressed, which is cheaper for it), the engine with a
dashboard that listens. Only the two processes are counted, not who asks them and not nginx.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import rig

from monitor.link.process import LocalEngine, engine

MODULES = """
modules:
  http_2xx:
    prober: http
    timeout: 10s
    http: { preferred_ip_protocol: ip4 }
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--endpoints", type=int, default=1000)
    parser.add_argument("--interval", type=float, default=10.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, rig.nginx(Path(name)) as ports:
        urls = rig.pages(f"http://127.0.0.1:{ports.plain}", arguments.endpoints)
        config = rig.write_config(Path(name), urls, f"interval = {arguments.interval}")
        with exporter(Path(name)) as (port, theirs), engine(config=str(config)) as child:
            asyncio.run(
                compare(port, {"blackbox": theirs, "engine": child.pid}, child.source(), urls, arguments)
            )


@contextmanager
def exporter(folder: Path) -> Iterator[tuple[int, int]]:
    """The exporter's port and process."""
    program = shutil.which("prometheus-blackbox-exporter") or shutil.which("blackbox_exporter")
    if program is None:
        sys.exit("bench/blackbox.py needs prometheus-blackbox-exporter")
    [port] = rig.free_ports(1)
    config = folder / "blackbox.yml"
    config.write_text(MODULES)
    words = [
        program,
        f"--config.file={config}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    ]
    child = subprocess.Popen(words)
    try:
        rig.listening(port)
        yield port, child.pid
    finally:
        child.terminate()
        child.wait()


async def compare(
    port: int, pids: dict[str, int], source: LocalEngine, urls: Sequence[str], arguments: argparse.Namespace
) -> None:
    await rig.first_checks(source)
    probes = Probes(f"http://127.0.0.1:{port}/probe")
    at_work = asyncio.create_task(probes.run(urls, arguments.interval))
    await rig.listen(source, arguments.interval)
    taken: dict[str, list[float]] = {name: [] for name in pids}
    for _ in range(arguments.rounds):
        for name, cost in (await _window(source, pids, probes, arguments)).items():
            taken[name].append(cost)
    at_work.cancel()
    print(f"{probes.asked} probes by the exporter, {probes.failed} of them failed")
    theirs, ours = (statistics.median(taken[name]) for name in pids)
    print(f"blackbox_exporter       {theirs:8.0f} µs of CPU per check")
    print(f"monitor's engine        {ours:8.0f} µs of CPU per check: 1/{theirs / ours:.1f}")


async def _window(
    source: LocalEngine, pids: dict[str, int], probes: Probes, arguments: argparse.Namespace
) -> dict[str, float]:
    """Microseconds of CPU per check of each process over the next seconds."""
    before = {name: rig.cpu_seconds(pid) for name, pid in pids.items()}
    began, asked = time.perf_counter(), probes.asked
    await rig.listen(source, arguments.seconds)
    ours = (time.perf_counter() - began) * arguments.endpoints / arguments.interval
    made = {"blackbox": probes.asked - asked, "engine": ours}
    return {name: (rig.cpu_seconds(pid) - before[name]) / made[name] * 1e6 for name, pid in pids.items()}


class Probes:
    """Has the exporter probe, as Prometheus does, and counts."""

    def __init__(self, url: str) -> None:
        self.asked = self.failed = 0
        self._url = url
        self._client = httpx.AsyncClient(headers={"Accept-Encoding": "identity"}, timeout=15)

    async def run(self, targets: Sequence[str], interval: float) -> None:
        """Probe each target every ``interval`` seconds, evenly spread, until cancelled."""
        begins = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for at in range(sys.maxsize):
                await asyncio.sleep(begins + at * interval / len(targets) - time.monotonic())
                group.create_task(self._probe(targets[at % len(targets)]))

    async def _probe(self, target: str) -> None:
        answer = await self._client.get(self._url, params={"module": "http_2xx", "target": target})
        self.asked += 1
        self.failed += "\nprobe_success 1" not in answer.text


if __name__ == "__main__":
    main()
