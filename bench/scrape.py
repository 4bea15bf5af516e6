"""Whether scraping /metrics makes checks late.

    python bench/scrape.py [--endpoints 10000] [--interval 10] [--seconds 30]

Runs a daemon with a web address on plain HTTP endpoints on loopback, and prints how late checks start on
their grid (p50, p99) while nobody scrapes, while somebody scrapes every second, and afterwards, in one
run; how long a scrape takes; and the shares of a core of engine and web address.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import httpx
import rig

from monitor.link.client import Client

PAUSE = 1.0
"""Seconds between two scrapes: a second scraper within less is served what the first one got."""
ASKED = 1000
"""Endpoints whose starts are looked at."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--endpoints", type=int, default=10000)
    parser.add_argument("--interval", type=float, default=10.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    arguments = parser.parse_args()
    print(f"{arguments.endpoints} endpoints every {arguments.interval:g} s")
    with tempfile.TemporaryDirectory() as folder, rig.web_server() as port:
        (listen,) = rig.free_ports(1)
        urls = rig.pages(f"http://127.0.0.1:{port}", arguments.endpoints)
        config = rig.write_config(Path(folder), urls, f"interval = {arguments.interval}", listen=listen)
        with rig.daemon(config) as (pid, socket):
            asyncio.run(_measure(arguments, pid, socket, f"http://127.0.0.1:{listen}"))


async def _measure(arguments: argparse.Namespace, pid: int, socket: Path, url: str) -> None:
    source = Client(socket, samples=0, dashboard=False)
    await rig.first_checks(source)
    handles = (await rig.picture(source)).handles
    asked = handles[:: len(handles) // ASKED + 1]
    spans: list[tuple[str, float, float]] = []
    for name, scraping in (("before", False), ("during", True), ("after", False)):
        began, cpu = time.time(), rig.cpu_seconds(pid)
        if scraping:
            await _scrape(url, arguments.seconds)
        else:
            await asyncio.sleep(arguments.seconds)
        share = (rig.cpu_seconds(pid) - cpu) / (time.time() - began)
        print(f"  {name}: the engine takes {share:.1%} of a core")
        spans.append((name, began, time.time()))
    _tell(await rig.starts(source, asked), spans, arguments.interval)
    await source.close()


async def _scrape(url: str, seconds: float) -> None:
    ends, took, size = time.monotonic() + seconds, [], 0
    async with httpx.AsyncClient(timeout=60) as caller:
        while time.monotonic() < ends:
            began = time.monotonic()
            size = len((await caller.get(f"{url}/metrics")).raise_for_status().content)
            took.append(time.monotonic() - began)
            await asyncio.sleep(PAUSE)
    print(f"  {len(took)} scrapes of {size / 1e6:.1f} MB, {sum(took) / len(took):.2f} s each")


def _tell(times: list[list[float]], spans: list[tuple[str, float, float]], interval: float) -> None:
    """Lateness of each span's starts on the grid of all starts of an endpoint."""
    phases = [min(at - number * interval for number, at in enumerate(own[1:])) for own in times]
    for name, since, until in spans:
        late = [
            (at - phase - number * interval) * 1000
            for own, phase in zip(times, phases, strict=True)
            for number, at in enumerate(own[1:])
            if since <= at < until
        ]
        p50, p99 = rig.percentile(late, 0.5), rig.percentile(late, 0.99)
        print(
            f"  {name:7} {len(late):6} starts late by {p50:.2f} ms p50, {p99:.2f} p99, {max(late):.0f} most"
        )


if __name__ == "__main__":
    main()
