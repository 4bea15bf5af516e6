"""Does a terminal that stops reading delay checks?

    python bench/stall.py [--endpoints 1000] [--seconds 30]

Runs the whole `monitor` in a pseudo-terminal on plain HTTP endpoints on loopback, stops reading from
the terminal for a while, and reads on. Prints how late checks started on their grid before, during
and after the stall.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import rig

from monitor.link.client import Client

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "tui"))
INTERVAL = 10.0
SETTLED = 12.0
"""Seconds until every endpoint has been checked for the first time."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--endpoints", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=30.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, rig.web_server() as port:
        os.environ["TMPDIR"] = folder  # the engine's socket is to be found
        config = rig.write_config(
            Path(folder),
            rig.pages(f"http://127.0.0.1:{port}", arguments.endpoints),
            f"interval = {INTERVAL}",
        )
        _run(Path(folder), config, arguments.seconds)


def _run(folder: Path, config: Path, seconds: float) -> None:
    from terminal_pty import Terminal

    with Terminal("-m", "monitor", "-c", str(config), size=(120, 40)) as terminal:
        _read(terminal, SETTLED)
        marks = [time.time()]
        for stalled in (False, True, False):
            if stalled:
                time.sleep(seconds)
            else:
                _read(terminal, seconds)
            marks.append(time.time())
        asyncio.run(_report(next(folder.glob("monitor-*/engine.sock")), marks))


def _read(terminal: object, seconds: float) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        terminal.read(0.1)


async def _report(socket: Path, marks: list[float]) -> None:
    client = Client(socket)
    times = await rig.starts(client, (await rig.picture(client)).handles)
    print("starts late by             p50        p99      most")
    for name, since, until in zip(("before", "during", "after"), marks, marks[1:], strict=False):
        late = [
            lateness
            for own in times
            for at, lateness in zip(own, rig.lateness_ms([own], INTERVAL), strict=True)
            if since <= at < until
        ]
        figures = (rig.percentile(late, share) for share in (0.5, 0.99, 1.0))
        print(f"{name:<14}", *(f"{figure:7.2f} ms" for figure in figures), f" ({len(late)} checks)")
    await client.close()


if __name__ == "__main__":
    main()
