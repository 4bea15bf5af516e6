"""A disk whose power is cut: everything synced is there, and any part of the writes since the last sync.

A library (``power.c``) logs what a writing process does to its files. The log is played up to a random point;
of each file's writes since its last sync, some are left out and some are torn.
"""

from __future__ import annotations

import os
import random
import sqlite3
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from monitor.store.reader import Reader

WRITING = """
import os, struct, sys
from pathlib import Path
from monitor.model import Result, Status
from monitor.model.events import Checked
from monitor.store.batch import Batch
from monitor.store.writer import Writer

path, base, number = Path(sys.argv[1]), float(sys.argv[2]), 0
answered = os.open(path.with_name("answered"), os.O_RDWR | os.O_CREAT)
writer = Writer(path)
writer.start()
for _ in range(250):
    events = []
    for _ in range(5):
        at = base + number / 100
        text = f"{number} " + "x" * 900
        result = Result(
            endpoint=str(number % 50), status=Status.UP, reason=None, checked_at=at, message=text
        )
        events.append(Checked(at=at, endpoint=result.endpoint, result=result))
        number += 1
    writer.submit(Batch(events=events))
    writer.flush().result()
    os.pwrite(answered, struct.pack("<Q", number), 0)  # everything before this number was promised
os._exit(0)
"""
CUTS = 60
SECTOR = 512
"""Bytes that a disk writes as a whole."""
_HEAD = struct.Struct("<QQQQ")


class Action(NamedTuple):
    """Something that the process did to a file."""

    kind: str
    """``W``: wrote, ``T``: truncated, ``S``: synced, ``U``: removed it."""
    name: str
    at: int
    data: bytes


def actions(log: bytes) -> Iterator[Action]:
    place = 0
    while place < len(log):
        kind, name, at, size = _HEAD.unpack_from(log, place)
        place += _HEAD.size
        yield Action(
            chr(kind), log[place : place + name].decode(), at, log[place + name : place + name + size]
        )
        place += name + size


def applied(file: bytearray, action: Action) -> None:
    if action.kind == "T":
        del file[action.at :]
        file.extend(bytes(action.at - len(file)))
        return
    end = action.at + len(action.data)
    file.extend(bytes(max(end - len(file), 0)))
    file[action.at : end] = action.data


def after_a_cut(done: Sequence[Action], chosen: random.Random) -> tuple[dict[str, bytearray], int]:
    """The files on the disk when the power is cut after ``done``, and what was promised by then."""
    files: dict[str, bytearray] = {}
    unsynced: dict[str, list[Action]] = {}
    promised = 0
    for action in done:
        if action.name == "answered":
            (promised,) = struct.unpack("<Q", action.data)
        elif action.kind == "U":
            files.pop(action.name, None)
            unsynced.pop(action.name, None)
        elif action.kind == "S":
            for each in unsynced.pop(action.name, []):
                applied(files.setdefault(action.name, bytearray()), each)
        else:
            unsynced.setdefault(action.name, []).append(action)
    for name, waiting in unsynced.items():
        for each in waiting:
            _perhaps(files.setdefault(name, bytearray()), each, chosen)
    return files, promised


def _perhaps(file: bytearray, action: Action, chosen: random.Random) -> None:
    """The disk had time for all of a write, for some of its sectors, or for nothing."""
    fate = chosen.random()
    if fate < 0.4:
        applied(file, action)
    elif fate < 0.7 and action.kind == "W":
        sectors = range(0, len(action.data), SECTOR)
        for sector in chosen.sample(sectors, chosen.randrange(len(sectors) + 1)):
            part = action.data[sector : sector + SECTOR]
            applied(file, action._replace(at=action.at + sector, data=part))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory, needs: Callable[[str], str]) -> list[Action]:
    """What a writer did to its files."""
    compiler = needs("cc")
    folder = tmp_path_factory.mktemp("power")
    library = folder / "power.so"
    source = Path(__file__).with_name("power.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl", "-lpthread"], check=True)
    disk = folder / "disk"
    disk.mkdir()
    watch = {"LD_PRELOAD": str(library), "POWER_FOLDER": str(disk), "POWER_LOG": str(folder / "log")}
    command = [sys.executable, "-P", "-c", WRITING, str(disk / "h.db"), repr(time.time())]
    subprocess.run(command, check=True, env={**os.environ, **watch}, timeout=50)
    return list(actions((folder / "log").read_bytes()))


def stored(path: Path) -> list[int]:
    try:
        with Reader(path) as reader:
            results = (one for each in reader.endpoints() for one in reader.results(each, 0.0, 1e11))
            return sorted(int(one.message.split()[0]) for one in results)
    except FileNotFoundError:
        return []  # the tables were not there yet


def test_the_log_has_syncs_of_the_file_and_of_sqlites_own_log(log: list[Action]) -> None:
    synced = [action.name for action in log if action.kind == "S"]
    assert synced.count("h.db-wal") >= 250
    assert synced.count("h.db") >= 2, "no checkpoint: the test writes too little"


@pytest.mark.parametrize("seed", range(CUTS))
def test_after_a_power_cut_the_file_is_sound_and_has_everything_promised(
    tmp_path: Path, log: list[Action], seed: int
) -> None:
    chosen = random.Random(seed)
    files, promised = after_a_cut(log[: chosen.randrange(len(log))], chosen)
    for name, data in files.items():
        if not name.endswith("-shm"):
            (tmp_path / name).write_bytes(data)
    numbers = stored(tmp_path / "h.db")
    assert numbers == list(range(len(numbers)))
    assert promised <= len(numbers) <= promised + 5
    if (tmp_path / "h.db").exists():
        with closing(sqlite3.connect(tmp_path / "h.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
