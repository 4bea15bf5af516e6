"""Kills a daemon again and again (`kill -9`) while it checks a target that counts every check.

    python bench/crash.py [--kills 300] [--seed 1]

After each kill: the file is sound; every check is in it once, but for those of the last second; states,
streaks, marks, heartbeats and the open incident are those of the results; time that was checked is known.
After each start: the daemon says what the file said. Prints how much the kills made lost, or what is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "service"))


async def main() -> None:
    from crashing import Ordeal

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ordeal = Ordeal(Path(folder), arguments.seed)
        for number in range(1, arguments.kills + 1):
            await ordeal.round()
            if number % 25 == 0 or number == arguments.kills:
                checks = sum(map(len, ordeal.target.hits.values()))
                print(
                    f"{number:4} kills: {checks} checks, {ordeal.stored} results in the file; "
                    f"at most the last {ordeal.worst_loss:.2f} s lost",
                    flush=True,
                )


if __name__ == "__main__":
    asyncio.run(main())
