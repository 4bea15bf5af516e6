"""The whole engine at work: when checks start, and what they cost.

    python bench/engine.py [--endpoints 1000] [--interval 10] [--minutes 1]

Runs an engine process on plain HTTP endpoints on loopback, and prints: when the last endpoint was
first checked, how late starts are on their grid (p50, p99, from the first check to the last, so
that drift would show), the engine's share of a core and memory, and its CPU time per check.

Then, in turns in the same run, all endpoints are checked at once, again and again, against stock
httpx getting the same pages one after the other (``AsyncClient.get``, fresh connection, shared SSL
context): CPU time per check with nothing idle in it, medians of the turns, and their ratio.
"""

from __future__ import annotations

import argparse
import asyncio
import ssl
import statistics
import tempfile
import time
from pathlib import Path

import httpx
import rig

from monitor.link.messages import CheckNow
from monitor.link.process import Own, engine

TURNS = 7
TICK = 0.05
"""Seconds between two pulls: five times as often as a dashboard."""
GETS = 300
"""Requests of stock httpx in each turn."""
MEASURABLE = 0.5
"""Seconds of CPU of the engine in each turn: the kernel counts in hundredths."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--endpoints", type=int, default=1000)
    parser.add_argument("--interval", type=float, default=10.0)
    parser.add_argument("--minutes", type=float, default=1.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, rig.web_server() as port:
        config = rig.write_config(Path(folder), port, arguments.endpoints, arguments.interval)
        began = time.perf_counter()
        with engine(config=str(config)) as child:
            source = child.source()
            print(f"listening after         {time.perf_counter() - began:8.2f} s")
            asyncio.run(_measure(source, child.pid, port, arguments))


async def _measure(source: Own, pid: int, port: int, arguments: argparse.Namespace) -> None:
    snapshot = await source.hello()
    await _first_checks(source, snapshot.started_at, arguments.endpoints)
    await _pace(pid, arguments)
    await _report_starts(source, arguments.interval)
    honesty = (await source.pull()).honesty
    print(f"engine's own lateness   {honesty.lateness_p99_ms:8.2f} ms p99, skipped {honesty.skipped}")
    await _compare(source, pid, f"http://127.0.0.1:{port}/", await rig.handles(source))


async def _pace(pid: int, arguments: argparse.Namespace) -> None:
    cpu, began = rig.cpu_seconds(pid), time.perf_counter()
    await asyncio.sleep(arguments.minutes * 60)
    used, lasted = rig.cpu_seconds(pid) - cpu, time.perf_counter() - began
    checks = lasted * arguments.endpoints / arguments.interval
    print(f"share of a core         {used / lasted:8.1%}, resident {rig.resident_mb(pid):.0f} MB")
    print(f"CPU per check, paced    {used / checks * 1e6:8.0f} µs")


async def _compare(source: Own, pid: int, url: str, handles: list[int]) -> None:
    context = ssl.create_default_context()
    mine, theirs = [], []
    for _ in range(TURNS):
        mine.append(await _all_at_once(source, pid, tuple(handles)))
        theirs.append(await _stock(url, context))
    ours, stock = statistics.median(mine), statistics.median(theirs)
    print(f"CPU per check, busy     {ours:8.0f} µs, stock httpx {stock:.0f} µs: 1/{stock / ours:.1f}")


async def _all_at_once(source: Own, pid: int, handles: tuple[int, ...]) -> float:
    """The engine's microseconds of CPU per check when every endpoint is checked at the same time."""
    await source.pull()
    cpu, checked = rig.cpu_seconds(pid), 0
    while rig.cpu_seconds(pid) - cpu < MEASURABLE:
        await source.command(CheckNow(handles=handles))
        left = set(handles)
        while left:
            await asyncio.sleep(TICK)
            left -= await _told(source)
        checked += len(handles)
    return (rig.cpu_seconds(pid) - cpu) / checked * 1e6


async def _told(source: Own) -> set[int]:
    """Who was checked since the last time, as a dashboard asks it."""
    news = await source.pull()
    told = {row.handle for row in news.rows}
    while news.more:
        news = await source.pull()
        told |= {row.handle for row in news.rows}
    return told


async def _stock(url: str, context: ssl.SSLContext) -> float:
    """Microseconds of CPU that one request by stock httpx takes."""
    before = time.process_time()
    for _ in range(GETS):
        async with httpx.AsyncClient(verify=context) as client:
            (await client.get(url)).raise_for_status()
    return (time.process_time() - before) / GETS * 1e6


async def _first_checks(source: Own, started_at: float, endpoints: int) -> None:
    checked: dict[int, float] = {}
    while len(checked) < endpoints:
        await asyncio.sleep(0.2)
        for row in (await source.pull()).rows:
            if row.checked_at is not None:
                checked.setdefault(row.handle, row.checked_at)
    print(f"last first check after  {max(checked.values()) - started_at:8.2f} s")


async def _report_starts(source: Own, interval: float) -> None:
    times = await rig.starts(source)
    late = rig.lateness_ms(times, interval)
    drift = [(own[-1] - own[0]) - (len(own) - 1) * interval for own in times if len(own) > 1]
    p50, p99 = rig.percentile(late, 0.5), rig.percentile(late, 0.99)
    print(f"starts late by          {p50:8.2f} ms p50, {p99:.2f} ms p99")
    print(f"drift, first to last    {max(map(abs, drift), default=0) * 1000:8.2f} ms at most")


if __name__ == "__main__":
    main()
