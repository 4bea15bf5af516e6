"""Room for the history."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from monitor.config import load
from monitor.doctor import Level
from monitor.doctor.disk import endpoint_bytes, examine, history_bytes, judged
from monitor.model import Result, Retention, Status
from monitor.model.events import Checked
from monitor.store.batch import Batch
from monitor.store.writer import Writer

MB = 1_000_000
MIDNIGHT, HOUR, DAY = 1_799_971_200.0, 3600.0, 86400.0
ENDPOINTS, PART = 10, 600.0
PHASES = ("dns", "connect", "tls", "wait", "transfer")


@pytest.mark.parametrize(
    ("free", "level"), [(500 * MB, Level.OK), (150 * MB, Level.WARN), (50 * MB, Level.BAD)]
)
def test_the_history_has_to_fit(free: int, level: Level):
    finding = judged("/var", free, 1000 * MB, 100 * MB)
    assert finding.level is level
    assert "100 MB" in finding.text


def test_the_size_grows_with_endpoints_and_falls_with_the_interval(tmp_path: Path):
    file = tmp_path / "monitor.toml"

    def size(count: int, interval: str) -> float:
        file.write_text(
            "".join(
                f'[[endpoints]]\nurl = "tcp://a:{n}"\ninterval = "{interval}"\n' for n in range(1, count + 1)
            )
        )
        return history_bytes(load(file))

    assert size(40, "30s") - size(20, "30s") == pytest.approx(20 * (size(2, "30s") - size(1, "30s")))
    assert size(1, "1s") > size(1, "30s") > size(1, "1h") > 0


def test_what_is_kept_for_longer_takes_more(tmp_path: Path):
    file = tmp_path / "monitor.toml"
    sizes = []
    for raw in ("48h", "96h"):
        file.write_text(f'[monitor]\nretention = {{ raw = "{raw}" }}\n[[endpoints]]\nurl = "tcp://a:1"\n')
        sizes.append(history_bytes(load(file)))
    assert sizes[1] > sizes[0]


def test_the_place_is_that_of_the_configs_history(tmp_path: Path):
    file = tmp_path / "monitor.toml"
    file.write_text(f'[monitor]\nhistory = "{tmp_path}/deep/down/history.db"\n')
    assert f"free at {tmp_path};" in next(iter(examine(load(file)))).text
    file.write_text('[monitor]\nhistory = "off"\n')
    (finding,) = examine(load(file))
    assert "history is off" in finding.text


@pytest.mark.parametrize("interval", [10, 60])
def test_the_size_of_a_real_history_is_told_in_advance(tmp_path: Path, interval: int):
    kept = Retention(raw=DAY, minutes=DAY, hours=DAY)
    path, chance, now = tmp_path / "h.db", Random(1), [MIDNIGHT]
    writer = Writer(path, retention=kept, clock=lambda: now[0])
    writer.start()
    for part in range(26 * 6):  # finished hours are packed a few endpoints at a time, after each batch
        now[0] = MIDNIGHT + (part + 1) * PART
        writer.submit(Batch(list(checks(now[0] - PART, interval, chance))))
        writer.flush().result()
    writer.close(30)
    with closing(sqlite3.connect(path)) as database:
        (size,) = database.execute("SELECT sum(pgsize) FROM dbstat").fetchone()
    told = ENDPOINTS * endpoint_bytes(HOUR / interval, kept)
    assert told / 1.5 < size < told * 1.5


def checks(begin: float, interval: int, chance: Random) -> Iterator[Checked]:
    for second in range(0, int(PART), interval):
        for number in range(ENDPOINTS):
            result = Result(
                endpoint=str(number),
                status=Status.UP,
                reason=None,
                message="200 OK",
                checked_at=begin + second + number / ENDPOINTS + chance.random() * 0.002,
                latency_ms=chance.lognormvariate(3.5, 0.25),
                phases_ms={phase: chance.lognormvariate(1.9, 0.25) for phase in PHASES},
            )
            yield Checked(at=result.checked_at, endpoint=result.endpoint, result=result)
