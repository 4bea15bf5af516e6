"""The whole engine at work, beside a dashboard that listens: when checks start, and what it takes.

    python bench/engine.py [--endpoints 1000] [--interval 10] [--minutes 1] [--hanging 0 | --tls]

Runs an engine process on plain HTTP endpoints on loopback (``--tls``: on HTTPS ones, verified, of
nginx), pulls its news as often as a dashboard does, and prints: when it listened and when the last
endpoint was first checked; the CPU time of a check, and the share of a core that all of them take at
their pace; its memory at the start, in the middle and at the end; how late checks start on their grid
(p50, p99), and by how much the last one moved from the first. Where the machine is too busy for all
checks, it says how many were made: only those count.

With ``--hanging 0.1`` a tenth of the endpoints never answers, after a run of two minutes at most in
which all do; lateness is that of the others.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import rig

from monitor.demo.certs import Authority
from monitor.link.process import LocalEngine, engine

NEVER = "/never/"
REFERENCE = 2.0
"""Minutes of the run without those that hang, at most."""
MOST_ASKED = 5000
"""Endpoints whose history is looked at: fetching that of each takes a while."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--endpoints", type=int, default=1000)
    parser.add_argument("--interval", type=float, default=10.0)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--hanging", type=float, default=0.0, help="share of endpoints that never answer")
    parser.add_argument("--tls", action="store_true", help="HTTPS endpoints")
    arguments = parser.parse_args()
    if arguments.tls and arguments.hanging:
        parser.error("over TLS, every endpoint answers")
    if arguments.hanging:
        _run(arguments, 0.0, min(arguments.minutes, REFERENCE))
    _run(arguments, arguments.hanging, arguments.minutes)


def _run(arguments: argparse.Namespace, hanging: float, minutes: float) -> None:
    print(f"{arguments.endpoints} endpoints every {arguments.interval:g} s, {hanging:.0%} of them hanging")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        defaults = f"interval = {arguments.interval}"
        if arguments.tls:
            authority = Authority(folder)
            ports = stack.enter_context(rig.nginx(folder, authority.pem("valid")))
            base = f"https://localhost:{ports.secure}"
            defaults += f'\ntls = {{ ca = "{authority.ca}" }}'
        else:
            base = f"http://127.0.0.1:{stack.enter_context(rig.web_server())}"
        urls = _urls(base, arguments.endpoints, hanging)
        config = rig.write_config(folder, urls, defaults)
        began = time.perf_counter()
        with engine(config=str(config)) as child:
            source = child.source()
            print(f"  listens after           {time.perf_counter() - began:8.2f} s")
            answering = [at for at, url in enumerate(urls) if NEVER not in url]
            asyncio.run(_measure(source, child.pid, arguments, minutes, answering))


def _urls(base: str, endpoints: int, hanging: float) -> list[str]:
    """A URL for each endpoint; those that hang are spread evenly."""
    kinds = (NEVER if int((at + 1) * hanging) > int(at * hanging) else "/" for at in range(endpoints))
    return [f"{base}{kind}{at}" for at, kind in enumerate(kinds)]


async def _measure(
    source: LocalEngine, pid: int, arguments: argparse.Namespace, minutes: float, answering: list[int]
) -> None:
    print(f"  last first check after  {await rig.first_checks(source):8.2f} s")
    await _pace(source, pid, minutes, arguments)
    stats = (await source.pull()).stats
    print(f"  the engine's own word   {stats.lateness_p99_ms:8.2f} ms late p99, skipped {stats.skipped}")
    handles = (await rig.picture(source)).handles
    asked = [handles[at] for at in answering[:: len(answering) // MOST_ASKED + 1]]
    _tell_starts(await rig.starts(source, asked), arguments.interval)


async def _pace(source: LocalEngine, pid: int, minutes: float, arguments: argparse.Namespace) -> None:
    made = await _checks(source)
    cpu, began = rig.cpu_seconds(pid), time.perf_counter()
    memory = [rig.resident_mb(pid)]
    for _ in range(2):
        await rig.listen(source, minutes * 30)
        memory.append(rig.resident_mb(pid))
    used, lasted = rig.cpu_seconds(pid) - cpu, time.perf_counter() - began
    made = await _checks(source) - made
    a_second = arguments.endpoints / arguments.interval
    if made < lasted * a_second * 0.98:
        print(
            f"  checks made             {made / lasted / a_second:8.0%} of those due: the machine is too busy"
        )
    share, each = used / made * a_second, used / made * 1e6
    print(f"  share of a core         {share:8.1%}, {each:.0f} µs of CPU per check")
    print(f"  resident                {' -> '.join(f'{size:.0f}' for size in memory):>8} MB")


async def _checks(source: LocalEngine) -> int:
    """How many checks have been made so far."""
    return sum(status.total for status in (await rig.picture(source)).statuses)


def _tell_starts(times: list[list[float]], interval: float) -> None:
    grids = [own[1:] for own in times]  # the very first check may be made ahead of its slot
    late = rig.lateness_ms([own for own in grids if own], interval)
    drift = [(own[-1] - own[0]) - (len(own) - 1) * interval for own in grids if own]
    p50, p99 = rig.percentile(late, 0.5), rig.percentile(late, 0.99)
    print(f"  starts late by          {p50:8.2f} ms p50, {p99:.2f} ms p99")
    print(f"  drift, first to last    {max(map(abs, drift), default=0) * 1000:8.2f} ms at most")


if __name__ == "__main__":
    main()
