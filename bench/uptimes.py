"""What uptime columns cost: bytes over the link, and the engine's CPU time, without a network.

    python bench/uptimes.py [--endpoints 1000] [--minutes 10] [--outages 0.3]

A dashboard shows the uptimes of 1h, 7d and 30d and pulls four times a second, in virtual time. ``--outages``
is the share of endpoints with three outages in the last 30 days; a tenth of these had one in the last hour.
"""

from __future__ import annotations

import argparse
import random
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from monitor.engine.uptimes import UptimeBacklog, UptimeCache, Uptimes
from monitor.judge.availability import Availability, Edge, Kind
from monitor.link.messages import Changes, encode

if TYPE_CHECKING:
    from monitor.engine.tracked import Tracked

DAY, TICK, NOW = 86400.0, 0.25, 1_800_000_000.0
WINDOWS = ("1h", "7d", "30d")
_RANDOM = random.Random(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--endpoints", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--outages", type=float, default=0.3)
    arguments = parser.parse_args()
    uptimes, endpoints = Uptimes(), {}
    for handle in range(arguments.endpoints):
        endpoints[handle] = cast("Tracked", SimpleNamespace(handle=handle, id=str(handle)))
        uptimes.restore(str(handle), _availability(_RANDOM.random() < arguments.outages))
    backlog = UptimeBacklog(UptimeCache(uptimes))
    first, seconds = _pull(backlog, endpoints, 0.0)
    while backlog.is_behind:
        more = _pull(backlog, endpoints, 0.0)
        first, seconds = first + more[0], max(seconds, more[1])
    print(f"{arguments.endpoints} endpoints, {arguments.outages:.0%} of them with outages")
    print(f"  at first               {first / 1e3:8.1f} kB, at most {seconds * 1e3:.1f} ms of CPU at a time")
    pulls = [_pull(backlog, endpoints, number * TICK) for number in range(1, int(arguments.minutes * 240))]
    spent, span = sum(one[1] for one in pulls), len(pulls) * TICK
    print(f"  then, each second      {sum(one[0] for one in pulls) / span:8.1f} B")
    print(
        f"  of the engine's core   {spent / span:8.2%}, at most {max(one[1] for one in pulls) * 1e3:.1f} ms"
    )


def _availability(troubled: bool) -> Availability:
    edges = [Edge(NOW - 40 * DAY, Kind.UP)]
    ages = sorted((_RANDOM.random() * 30 * DAY for _ in range(3 * troubled)), reverse=True)
    if troubled and _RANDOM.random() < 0.1:
        ages[-1:] = [min(ages[-1], _RANDOM.random() * 3000 + 600)]
    for age in ages:
        edges += [Edge(NOW - age, Kind.DOWN), Edge(NOW - age + 300, Kind.UP)]
    return Availability(edges, checked=NOW, patience=1e9)


def _pull(backlog: UptimeBacklog, endpoints: dict[int, Tracked], after: float) -> tuple[int, float]:
    """Bytes and seconds of CPU of one answer."""
    began = time.process_time()
    figures = backlog.next(WINDOWS, endpoints, NOW + after)
    spent = time.process_time() - began
    bare = len(encode(Changes(now=NOW)))
    return len(encode(Changes(now=NOW, uptimes=figures))) - bare, spent


if __name__ == "__main__":
    main()
