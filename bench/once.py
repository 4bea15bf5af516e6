"""How long `monitor check` takes when every endpoint takes a while to answer.

    python bench/once.py [--endpoints 1000] [--seconds 1] [--runs 5]

Runs the command on so many plain HTTP endpoints on loopback, each of which answers after so many
seconds, and prints wall and CPU time of the whole command, the median of its runs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import rig


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--endpoints", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, rig.web_server() as port:
        urls = rig.pages(f"http://127.0.0.1:{port}/after/{arguments.seconds}", arguments.endpoints)
        config = rig.write_config(Path(folder), urls, f"timeout = {arguments.seconds + 10}")
        runs = [_run(config) for _ in range(arguments.runs)]
    wall, cpu = (statistics.median(figures) for figures in zip(*runs, strict=True))
    print(f"{arguments.endpoints} endpoints that answer after {arguments.seconds:g} s: ", end="")
    print(f"{wall:.2f} s wall, {cpu:.2f} s CPU")


def _run(config: Path) -> tuple[float, float]:
    """Wall and CPU seconds of one run, in which nothing may be down."""
    command = [sys.executable, "-m", "monitor", "check", "-c", str(config), "--format", "json"]
    before, began = rig.children_cpu_seconds(), time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    lasted = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"not all endpoints are up: {json.loads(done.stdout)['summary']}")
    return lasted, rig.children_cpu_seconds() - before


if __name__ == "__main__":
    main()
