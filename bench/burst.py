"""The latencies of endpoints that are all checked at the same time, as by "check all" in the dashboard.

    python bench/burst.py [--endpoints 1000] [--bursts 5]

Each endpoint is a page of one nginx on loopback, which answers in a fraction of a millisecond. The engine
checks them one after the other first, then all at once: whatever the latencies grow by is its own work.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

import rig

from monitor.demo.certs import Authority
from monitor.link.client import Client
from monitor.link.messages import CheckNow
from monitor.link.process import engine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--endpoints", type=int, default=1000)
    parser.add_argument("--bursts", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with rig.nginx(folder, Authority(folder).pem("valid")) as ports:
            urls = rig.pages(f"http://127.0.0.1:{ports.plain}", arguments.endpoints)
            config = rig.write_config(folder, urls, 'interval = "1h"')
            with engine(config=str(config)) as child:
                asyncio.run(compare(child.source(), arguments.bursts))


async def compare(source: Client, bursts: int) -> None:
    await rig.first_checks(source)
    every = (await rig.picture(source)).handles
    alone = [await latency_after(source, [handle]) for handle in every[:100]]
    show("one after the other", [one for latencies in alone for one in latencies])
    together = [await latency_after(source, every) for _ in range(bursts)]
    show(f"{len(every)} at once", [one for latencies in together for one in latencies])


async def latency_after(source: Client, handles: Sequence[int]) -> list[float]:
    """The latencies of these endpoints, checked at the same time, in milliseconds."""
    before = {status.handle: status.total for status in (await rig.picture(source)).statuses}
    await source.command(CheckNow(handles=tuple(handles)))
    found: dict[int, float] = {}
    while len(found) < len(handles):
        await asyncio.sleep(rig.TICK)
        for status in await rig.changed(source):
            if status.total > before[status.handle] and status.latency_ms is not None:
                found[status.handle] = status.latency_ms
    return list(found.values())


def show(title: str, latencies: Sequence[float]) -> None:
    hundredths = statistics.quantiles(latencies, n=100)
    print(f"{title:<22}latency {hundredths[49]:7.2f} ms p50 {hundredths[98]:8.2f} ms p99")


if __name__ == "__main__":
    main()
