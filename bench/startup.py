"""What starting `monitor` costs: CPU seconds (user + system) of whole processes, medians.

    python bench/startup.py [--runs 15]

Every command is run in turn, round after round, so that what else the machine does falls on all
alike; the ratio is to a Python that does nothing.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

CONFIG = """
[[endpoints]]
name = "one"
url = "tcp://127.0.0.1:9"
"""


def cpu_seconds(command: list[str]) -> float:
    """User and system time of one run of ``command`` and all that it waited for."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0  # reaped here, not by subprocess
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "monitor.toml"
        config.write_text(CONFIG)
        monitor = [sys.executable, "-m", "monitor"]
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "monitor --version": [*monitor, "--version"],
            "monitor --help": [*monitor, "--help"],
            "monitor validate": [*monitor, "validate", str(config)],
            "monitor check (1 TCP endpoint)": [*monitor, "check", "-c", str(config)],
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                seconds[name].append(cpu_seconds(command))
    bare = statistics.median(seconds["python -c pass"])
    for name, taken in seconds.items():
        median = statistics.median(taken)
        print(f"{name:<32} {median * 1000:7.1f} ms CPU   {median / bare:5.2f} x bare Python")


if __name__ == "__main__":
    main()
