"""What dashboards cost the engine that they are attached to.

    python bench/attached.py [--dashboards 100] [--endpoints 1000] [--interval 10] [--seconds 20]

Runs a daemon on plain HTTP endpoints on loopback, and prints the engine's share of a core without
dashboards, with all of them attached, and without them again, in one run. The dashboards pull as often as
real ones do, from a process of their own.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import rig

from monitor.link.client import Client


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dashboards", type=int, default=100)
    parser.add_argument("--endpoints", type=int, default=1000)
    parser.add_argument("--interval", type=float, default=10.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--attach", metavar="SOCKET", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.attach:
        asyncio.run(_attach(Path(arguments.attach), arguments.dashboards))
    else:
        _measure(arguments)


def _measure(arguments: argparse.Namespace) -> None:
    print(f"{arguments.endpoints} endpoints every {arguments.interval:g} s")
    with tempfile.TemporaryDirectory() as folder, rig.web_server() as port:
        urls = rig.pages(f"http://127.0.0.1:{port}", arguments.endpoints)
        config = rig.write_config(Path(folder), urls, f"interval = {arguments.interval}")
        with rig.daemon(config) as (pid, socket):
            asyncio.run(rig.first_checks(Client(socket, dashboard=False)))
            before = _share(pid, arguments.seconds)
            with _dashboards(socket, arguments.dashboards):
                during = _share(pid, arguments.seconds)
            after = _share(pid, arguments.seconds)
    print(f"  without dashboards      {before:8.1%} of a core, {after:.1%} afterwards")
    print(f"  with {arguments.dashboards:4} of them       {during:8.1%}")
    print(f"  the difference          {during - (before + after) / 2:8.1%}")


def _share(pid: int, seconds: float) -> float:
    cpu, began = rig.cpu_seconds(pid), time.monotonic()
    time.sleep(seconds)
    return (rig.cpu_seconds(pid) - cpu) / (time.monotonic() - began)


@contextmanager
def _dashboards(socket: Path, count: int) -> Iterator[None]:
    """So many dashboards in a process of their own, all of which have the whole picture."""
    command = [sys.executable, __file__, "--attach", str(socket), "--dashboards", str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        yield
        child.kill()


async def _attach(socket: Path, count: int) -> None:
    clients = [Client(socket) for _ in range(count)]
    for client in clients:
        await rig.picture(client)
    print("attached", flush=True)
    await asyncio.gather(*(rig.listen(client, 3600.0) for client in clients))


if __name__ == "__main__":
    main()
