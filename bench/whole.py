"""The daemon with everything on: a history, the web address, and one dashboard that listens.

    python bench/whole.py [--endpoints 10000] [--interval 10] [--seconds 60]

Runs it on plain HTTP endpoints on loopback, once with a history and once without, and prints the engine's
share of a core, its memory, and how late checks start.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import rig

from monitor.link.client import Client

ASKED = 1000
"""Endpoints whose starts are looked at."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--endpoints", type=int, default=10_000)
    parser.add_argument("--interval", type=float, default=10.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    arguments = parser.parse_args()
    print(f"{arguments.endpoints} endpoints every {arguments.interval:g} s, web address, one dashboard")
    for name, history in (("with a history", "h.db"), ("without a history", "off")):
        with tempfile.TemporaryDirectory() as folder, rig.web_server() as port:
            (listen,) = rig.free_ports(1)
            urls = rig.pages(f"http://127.0.0.1:{port}", arguments.endpoints)
            config = rig.write_config(Path(folder), urls, f"interval = {arguments.interval}", listen=listen)
            rig.use_history(config, history)
            with rig.daemon(config) as (pid, socket):
                asyncio.run(_measure(name, pid, socket, arguments))


async def _measure(name: str, pid: int, socket: Path, arguments: argparse.Namespace) -> None:
    dashboard = Client(socket)
    await rig.first_checks(dashboard)
    began, cpu = time.perf_counter(), rig.cpu_seconds(pid)
    await rig.listen(dashboard, arguments.seconds)
    share = (rig.cpu_seconds(pid) - cpu) / (time.perf_counter() - began)
    handles = (await rig.picture(dashboard)).handles
    times = await rig.starts(dashboard, handles[:: len(handles) // ASKED + 1])
    late = rig.lateness_ms([own[1:] for own in times if own[1:]], arguments.interval)
    await dashboard.close()
    print(
        f"  {name:<18} {share:6.1%} of a core, {rig.resident_mb(pid):.0f} MB; "
        f"starts late by {rig.percentile(late, 0.5):.2f} ms p50, "
        f"{rig.percentile(late, 0.99):.2f} ms p99"
    )


if __name__ == "__main__":
    main()
