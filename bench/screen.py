"""What the dashboard costs, in a real pseudo-terminal of 120 x 40.

    python bench/screen.py [--endpoints 1000] [--changes 200] [--seconds 10]

Prints: time to the first paint (wall and CPU), bytes per second while nothing changes and while
``--changes`` endpoints change each second, the event loop's lag meanwhile, and key to paint.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent / "tests" / "tui"))
SIZE = (120, 40)
LAG_STEP = 0.005


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--endpoints", type=int, default=1000)
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        _dashboard(arguments)
        return
    _first_paint(arguments)
    _traffic(arguments, changes=0)
    _traffic(arguments, changes=arguments.changes)


# ── the terminal's side ─────────────────────────────────────────────────────────────────────────


def _start(arguments: argparse.Namespace, changes: int, report: Path):
    from terminal_pty import Terminal

    words = ["--endpoints", str(arguments.endpoints), "--changes", str(changes), "--child", str(report)]
    return Terminal(str(HERE), *words, size=SIZE)


def _first_paint(arguments: argparse.Namespace, rounds: int = 5) -> None:
    walls, cpus = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report"
            began = time.perf_counter()
            with _start(arguments, 0, report) as terminal:
                while b"host" not in terminal.read(0.01):
                    pass
                walls.append(time.perf_counter() - began)
                terminal.type("q")
                terminal.ended()
            cpus.append(json.loads(report.read_text())["cpu"])
    print(
        f"first paint: {statistics.median(walls):.2f} s wall; whole run: {statistics.median(cpus):.2f} s CPU"
    )


def _traffic(arguments: argparse.Namespace, changes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report"
        with _start(arguments, changes, report) as terminal:
            while b"host" not in terminal.read(0.05):
                pass
            _read_for(terminal, 7.0)  # until the figures in the header have settled
            sent = _read_for(terminal, arguments.seconds)
            keys = [_key_to_paint(terminal, key) for key in "jjkjjkjkjk"]
            terminal.type("q")
            terminal.ended()
        figures = json.loads(report.read_text())
    print(
        f"{changes} changes/s at {arguments.endpoints} endpoints: {sent / arguments.seconds:,.0f} bytes/s, "
        f"loop lag p50 {figures['p50']:.1f} p99 {figures['p99']:.1f} max {figures['max']:.1f} ms, "
        f"key to paint {statistics.median(keys) * 1000:.0f} ms"
    )


def _read_for(terminal, seconds: float) -> int:
    """Bytes read in exactly so many seconds."""
    until, count = time.monotonic() + seconds, 0
    while (left := until - time.monotonic()) > 0:
        count += len(terminal.read(min(left, 0.2)))
    return count


def _key_to_paint(terminal, key: str) -> float:
    terminal.read(0.02)
    cursor = terminal.screen.display[-1]
    began = time.perf_counter()
    terminal.type(key)
    while terminal.screen.display[-1] == cursor and time.perf_counter() - began < 2:
        terminal.read(0.001)
    return time.perf_counter() - began


# ── the dashboard's side ────────────────────────────────────────────────────────────────────────


def _dashboard(arguments: argparse.Namespace) -> None:
    from fake_source import FakeSource, card, row

    from monitor.tui.app import Dashboard

    class Busy(FakeSource):
        """Each pull brings what has changed meanwhile."""

        last = time.monotonic()
        owed = 0.0

        async def pull(self):
            now = time.monotonic()
            self.owed += (now - self.last) * arguments.changes
            self.last = now
            count, self.owed = int(self.owed), self.owed % 1
            rows = [
                row(
                    handle,
                    latency_ms=random.uniform(20, 200),
                    outcomes="u",
                    latencies_ms=(random.uniform(20, 200),),
                )
                for handle in random.sample(range(arguments.endpoints), min(count, arguments.endpoints))
            ]
            if rows:
                self.push(*rows)
            return await super().pull()

    numbers = range(arguments.endpoints)
    sparks = {"outcomes": "u" * 60, "latencies_ms": tuple(random.uniform(20, 200) for _ in range(60))}
    source = Busy([card(n, f"host {n:05}") for n in numbers], [row(n, **sparks) for n in numbers])
    lags: list[float] = []

    class Measured(Dashboard):
        async def measure(self) -> None:
            while True:
                due = time.perf_counter() + LAG_STEP
                await asyncio.sleep(LAG_STEP)
                lags.append((time.perf_counter() - due) * 1000)

        def on_ready(self) -> None:
            self.measuring = asyncio.create_task(self.measure())

    Measured(source).run()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    lags = sorted(lags[len(lags) // 5 :]) or [0.0]
    figures = {"p50": lags[len(lags) // 2], "p99": lags[int(len(lags) * 0.99)], "max": lags[-1]}
    Path(arguments.child).write_text(json.dumps(figures | {"cpu": usage.ru_utime + usage.ru_stime}))


if __name__ == "__main__":
    main()
