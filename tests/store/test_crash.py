"""An engine's history whose process is killed at any moment."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from monitor.store.reader import Reader

WRITING = """
import sys, time
from pathlib import Path
from monitor.model import Result, Status
from monitor.model.events import Checked
from monitor.store.batch import Batch
from monitor.store.writer import Writer

writer = Writer(Path(sys.argv[1]))
writer.start()
number, base = int(sys.argv[2]), float(sys.argv[3])
while True:
    events = []
    for _ in range(5):
        at = base + number / 100
        result = Result(endpoint="a", status=Status.UP, reason=None, message=str(number), checked_at=at)
        events.append(Checked(at=at, endpoint="a", result=result))
        number += 1
    writer.submit(Batch(events=events))
    writer.flush().result()
    print(number, flush=True)  # everything before this number is on the disk
"""
KILLS = 4


def written_until_killed(path: Path, first: int, base: float, seconds: float) -> int:
    """Write results numbered from ``first`` on for a while; up to which number they were promised."""
    command = [sys.executable, "-P", "-c", WRITING, str(path), str(first), repr(base)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        promised = int(child.stdout.readline())
        time.sleep(seconds)
        child.kill()
        rest = [line for line in child.stdout if line.endswith("\n")]
    return int(rest[-1]) if rest else promised


def stored(path: Path) -> list[int]:
    with Reader(path) as reader:
        (endpoint,) = reader.endpoints()
        return [int(one.message) for one in reader.results(endpoint, 0.0, 1e11)]


def test_a_killed_writer_loses_nothing_that_was_flushed_and_has_nothing_twice(tmp_path: Path):
    path, chosen, first, base = tmp_path / "h.db", random.Random(5), 0, time.time()
    for _ in range(KILLS):
        promised = written_until_killed(path, first, base, chosen.uniform(0, 0.2))
        numbers = stored(path)
        assert numbers == list(range(len(numbers)))
        assert promised <= len(numbers) <= promised + 10
        first = len(numbers)
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
