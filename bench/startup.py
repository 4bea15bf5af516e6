"""What starting `monitor` costs: CPU seconds (user + system) of whole processes, medians.

    python bench/startup.py [--runs 15] [--endpoints 1000] [--daemon 10000]

Every command is run in turn, round after round, so that what else the machine does falls on all
alike; the ratio is to a Python that does nothing. Then the dashboard is started with its engine on
``--endpoints`` endpoints in a pseudo-terminal: seconds until the first row is drawn, without a history and
with one that an engine has left behind. Last, a daemon of ``--daemon`` endpoints: seconds until it listens.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import rig

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "tui"))

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
    parser.add_argument("--endpoints", type=int, default=1000)
    parser.add_argument("--daemon", type=int, default=10_000)
    arguments = parser.parse_args()
    _commands(arguments.runs)
    _first_paint(arguments.runs, arguments.endpoints)
    _daemon(arguments.runs, arguments.daemon)


def _commands(runs: int) -> None:
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


def _first_paint(runs: int, endpoints: int) -> None:
    from terminal_pty import Terminal

    walls: dict[str, list[float]] = {"without a history": [], "with its history": []}
    with tempfile.TemporaryDirectory() as folder, rig.web_server() as port:
        config = rig.write_config(
            Path(folder), rig.pages(f"http://127.0.0.1:{port}", endpoints), "interval = 10"
        )
        _leave_history(config)
        for _ in range(runs):
            for name, history in (("without a history", "off"), ("with its history", "h.db")):
                rig.use_history(config, history)
                began = time.perf_counter()
                with Terminal("-m", "monitor", "-c", str(config), size=(120, 40)) as terminal:
                    while b"host 0" not in terminal.read(0.01):
                        pass
                    walls[name].append(time.perf_counter() - began)
    for name, taken in walls.items():
        print(f"first paint, {endpoints} endpoints, {name:<20} {statistics.median(taken):6.2f} s")


def _daemon(runs: int, endpoints: int) -> None:
    taken: dict[str, list[tuple[float, float]]] = {"without a history": [], "with its history": []}
    with tempfile.TemporaryDirectory() as folder:
        config = rig.write_config(
            Path(folder), rig.pages("http://127.0.0.1:9", endpoints), "interval = 60\ndown_after = 1"
        )
        _leave_history(config)
        for _ in range(max(runs // 3, 1)):
            for name, history in (("without a history", "off"), ("with its history", "h.db")):
                rig.use_history(config, history)
                began = time.perf_counter()
                with rig.daemon(config) as (pid, _):
                    taken[name].append((time.perf_counter() - began, rig.cpu_seconds(pid)))
    for name, times in taken.items():
        wall, cpu = (statistics.median(each) for each in zip(*times, strict=True))
        print(f"daemon listens, {endpoints} endpoints, {name:<18} {wall:6.2f} s, {cpu:.2f} s of CPU")


def _leave_history(config: Path) -> None:
    """Have a daemon check everything once, with a history, and end."""
    rig.use_history(config, "h.db")
    with rig.daemon(config) as (_, socket):
        asyncio.run(rig.first_checks(rig.Client(socket)))


if __name__ == "__main__":
    main()
