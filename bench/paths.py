"""How late checks start while many others lose their network at once, with path traces and without.

    python bench/paths.py [--well 1000] [--failing 1000] [--seconds 40]

Needs root: makes network namespaces, with two routers between the engine and the endpoints that fail. All
pass at first; then the second router drops everything. Prints how late the checks of the well endpoints
started before and after that, the engine's share of a core, and how many incidents say where the path ends.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import rig

from monitor.link.process import LocalEngine, engine
from monitor.model import Incident

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "wire"))
from namespaces import Network

INTERVAL = 10.0
AFFECTED = "10.10.0.0/16"
"""Addresses of the endpoints that fail: all of them are the last host's."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--well", type=int, default=1000)
    parser.add_argument("--failing", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=40.0, help="before the failure, and again after it")
    parser.add_argument("--here", default="", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        _measure_here(arguments)
        return
    network = Network(2)
    try:
        network.add()
        network.connect()
        _affect(network)
        with _far_server(network):
            _again_inside(network)
    finally:
        network.destroy()


def _affect(network: Network) -> None:
    """Lead the affected addresses to the last host."""
    for at, next_hop in enumerate(("10.9.1.2", "10.9.2.2", "10.9.3.2")):
        network.router(at, "ip", "route", "add", AFFECTED, "via", next_hop)
    network.router(3, "ip", "route", "add", "local", AFFECTED, "dev", "lo")


def _far_server(network: Network) -> subprocess.Popen[bytes]:
    serve = "import socket,time; s=socket.create_server(('',80),backlog=4096)\nwhile 1: s.accept()[0].close()"
    return _Ending(["ip", "netns", "exec", network.names[3], sys.executable, "-c", serve])


class _Ending(subprocess.Popen[bytes]):
    """A process that is ended with its block."""

    def __exit__(self, *error: object) -> None:
        self.kill()
        super().__exit__(None, None, None)


def _again_inside(network: Network) -> None:
    """Run this script where the engine is."""
    command = ["ip", "netns", "exec", network.names[0], sys.executable, *sys.argv, "--here", network.names[2]]
    subprocess.run(command, check=True)


# ── inside ──────────────────────────────────────────────────────────────────────────────────────


def _measure_here(arguments: argparse.Namespace) -> None:
    for tracing in (False, True):
        word = "on" if tracing else "off"
        print(f"{arguments.well} endpoints well, {arguments.failing} failing, traces {word}")
        with tempfile.TemporaryDirectory() as folder, rig.web_server() as port:
            urls = [f"http://127.0.0.1:{port}/{at}" for at in range(arguments.well)]
            urls += [f"tcp://10.10.{at // 250}.{at % 250 + 1}:80" for at in range(arguments.failing)]
            keys = f'interval = {INTERVAL}\ntimeout = "2s"\ntrace_path = {str(tracing).lower()}'
            config = rig.write_config(Path(folder), urls, keys)
            with engine(config=str(config)) as child:
                asyncio.run(_measure(child.source(), child.pid, arguments))


async def _measure(source: LocalEngine, pid: int, arguments: argparse.Namespace) -> None:
    await rig.first_checks(source)
    well = (await rig.picture(source)).handles[: arguments.well]
    await rig.listen(source, arguments.seconds)
    router = ["ip", "netns", "exec", arguments.here]
    failed, cpu = time.time(), rig.cpu_seconds(pid)
    subprocess.run([*router, "ip", "route", "add", "blackhole", "10.10.0.0/17"], check=True)
    subprocess.run([*router, "ip", "route", "add", "blackhole", "10.10.128.0/17"], check=True)
    await rig.listen(source, arguments.seconds)
    used = rig.cpu_seconds(pid) - cpu
    for part in ("10.10.0.0/17", "10.10.128.0/17"):
        subprocess.run([*router, "ip", "route", "del", "blackhole", part], check=True)
    times = await rig.starts(source, well)
    _tell("before", [[at for at in own[1:] if at < failed] for own in times])
    _tell("after", [[at for at in own[1:] if at >= failed] for own in times])
    incidents = await _incidents(source)
    traced = sum(bool(one.path) for one in incidents)
    print(f"  share of a core         {used / arguments.seconds:8.1%} after")
    print(f"  incidents               {len(incidents):8}, {traced} with a path")


async def _incidents(source: LocalEngine) -> list[Incident]:
    """Those of the engine, which come in parts."""
    news = await source.hello()
    incidents = list(news.incidents)
    while news.more:
        news = await source.pull()
        incidents += news.incidents
    return incidents


def _tell(when: str, times: list[list[float]]) -> None:
    late = rig.lateness_ms([own for own in times if own], INTERVAL)
    p50, p99 = rig.percentile(late, 0.5), rig.percentile(late, 0.99)
    print(
        f"  starts late {when:11} {p50:8.2f} ms p50, {p99:.2f} ms p99, {max(late, default=0):.1f} ms at most"
    )


if __name__ == "__main__":
    main()
