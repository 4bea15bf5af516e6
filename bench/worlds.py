"""Scripted worlds under our alert rules, beside the default rules of Uptime Kuma and Gatus. In virtual time.

    python bench/worlds.py [--interval 60]      interval of the other two; default: ours, 30 s

Each cell has: false alarms / missed outages / seconds to the first alarm, in the slowest case / messages.
The other two are models written from their sources (tests/judge/alerting/other_tools.py); they check the
same endpoints at the same regular times, without our quick retries. The last column says whether our
messages are exactly those that an operator wants. The second table has the same worlds with restarts.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "judge" / "alerting"))

from other_tools import run_gatus, run_uptime_kuma
from worlds import Score, World, about, notices, run_ours, score, worlds


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--interval", type=float, default=0.0, help="seconds, of Uptime Kuma and Gatus")
    interval = parser.parse_args().interval
    began = time.perf_counter()
    for title, restarted in (("without a restart", False), ("with restarts", True)):
        print(f"| {title} | ours | Uptime Kuma | Gatus | as wanted |\n|---|---|---|---|---|")
        for world in worlds():
            print(row(world, interval, restarted))
        print()
    print(f"false alarms / missed outages / first alarm / messages; {time.perf_counter() - began:.0f} s")


def row(world: World, interval: float, restarted: bool) -> str:
    """One line of a table."""
    restarts = world.restarts if restarted else ()
    course = run_ours(world, restarts)
    scores = (
        score(world, notices(world, course.messages)),
        score(world, run_uptime_kuma(world, interval)),
        score(world, run_gatus(world, interval, restarts)),
    )
    wanted = tuple(map(about, course.messages)) == world.wanted
    return f"| {world.name} | {' | '.join(map(cell, scores))} | {'yes' if wanted else 'no'} |"


def cell(found: Score) -> str:
    """Four figures."""
    first = "–" if found.first_s is None else f"{found.first_s:.0f} s"
    return f"{found.false_alarms} / {found.missed} / {first} / {found.messages}"


if __name__ == "__main__":
    main()
