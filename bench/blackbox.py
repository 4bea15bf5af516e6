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
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import rig
from exporter import Exporter, exporter, program

from monitor.link.process import LocalEngine, engine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--endpoints", type=int, default=1000)
    parser.add_argument("--interval", type=float, default=10.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    if program() is None:
        sys.exit("bench/blackbox.py needs prometheus-blackbox-exporter")
    with tempfile.TemporaryDirectory() as name, rig.nginx(Path(name)) as ports:
        urls = rig.pages(f"http://127.0.0.1:{ports.plain}", arguments.endpoints)
        config = rig.write_config(Path(name), urls, f"interval = {arguments.interval}")
        with exporter(Path(name)) as theirs, engine(config=str(config)) as child:
            asyncio.run(compare(theirs, child.pid, child.source(), urls, arguments))


async def compare(
    theirs: Exporter, ours: int, source: LocalEngine, urls: Sequence[str], arguments: argparse.Namespace
) -> None:
    await rig.first_checks(source)
    at_work = asyncio.create_task(probe_all(theirs, urls, arguments.interval))
    await rig.listen(source, arguments.interval)
    windows = [await _window(source, ours, theirs, arguments) for _ in range(arguments.rounds)]
    at_work.cancel()
    print(f"{theirs.asked} probes by the exporter, {theirs.failed} of them failed")
    exporters, engines = (statistics.median(costs) for costs in zip(*windows, strict=True))
    print(f"blackbox_exporter       {exporters:8.0f} µs of CPU per check")
    print(f"monitor's engine        {engines:8.0f} µs of CPU per check: 1/{exporters / engines:.1f}")


async def _window(
    source: LocalEngine, ours: int, theirs: Exporter, arguments: argparse.Namespace
) -> tuple[float, float]:
    """Microseconds of CPU per check of the exporter and of the engine over the next seconds."""
    began, asked = time.perf_counter(), theirs.asked
    before = theirs.cpu_seconds(), rig.cpu_seconds(ours)
    await rig.listen(source, arguments.seconds)
    made = (time.perf_counter() - began) * arguments.endpoints / arguments.interval
    exporters, engines = theirs.cpu_seconds() - before[0], rig.cpu_seconds(ours) - before[1]
    return exporters / (theirs.asked - asked) * 1e6, engines / made * 1e6


async def probe_all(exporter: Exporter, targets: Sequence[str], interval: float) -> None:
    """Have each target probed every ``interval`` seconds, evenly spread, until cancelled."""
    begins = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for at in range(sys.maxsize):
            await asyncio.sleep(begins + at * interval / len(targets) - time.monotonic())
            group.create_task(exporter.probe(targets[at % len(targets)]))


if __name__ == "__main__":
    main()
