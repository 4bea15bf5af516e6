"""Feeds changed bytes to everything that reads the network, for as long as one wants.

    python tests/fuzz [--minutes N] [--seed N] [TARGET ...]

Each failure is printed with what brings it back. Exit status 1 when there was one.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
import traceback
from random import Random

from mutation import mutated
from targets import TARGETS, Target

from monitor.checks.loop import run

SLOW = 2.0
"""Seconds that no example may take: checks have a deadline."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    arguments = parser.parse_args()
    unknown = set(arguments.targets) - set(TARGETS)
    if unknown:
        parser.error(f"there is no target {min(unknown)!r}")
    names = arguments.targets or list(TARGETS)
    print(f"seed {arguments.seed}")
    return run(_fuzz(names, arguments.seed, time.monotonic() + arguments.minutes * 60))


async def _fuzz(names: list[str], seed: int, until: float) -> int:
    failures = rounds = 0
    while time.monotonic() < until:
        for name in names:
            failures += not await _holds(name, TARGETS[name], Random(f"{seed} {name} {rounds}"))
        rounds += 1
    print(f"{rounds} rounds of {len(names)} targets, {failures} failures")
    return int(failures > 0)


async def _holds(name: str, target: Target, random: Random) -> bool:
    data = mutated(random.choice(target.seeds), random)
    began = time.monotonic()
    try:
        await asyncio.wait_for(target.run(data), 30)
    except Exception:  # noqa: BLE001 -- whatever it is, it is what we look for
        print(f"\n{name}: {data!r}\n{traceback.format_exc()}", flush=True)
        return False
    if time.monotonic() - began > SLOW:
        print(f"\n{name}: {time.monotonic() - began:.1f} s for {data!r}", flush=True)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
