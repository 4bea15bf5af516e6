"""Room for the history."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from monitor.config import load
from monitor.doctor import Level
from monitor.doctor.disk import _MINUTE, _RAW, examine, history_bytes, judged
from monitor.store.packing import Row, pack
from monitor.store.summaries import by_place, encode

MB = 1_000_000


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

    assert size(20, "30s") == pytest.approx(20 * size(1, "30s"))
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


def test_the_estimate_is_what_the_history_packs_to():
    """Within a factor of two of the real encoders, at an interval of 30 s."""
    hour = 1_700_000_000_000 // 3_600_000 * 3_600_000
    chance = Random(1)
    latencies = [round(chance.lognormvariate(8.3, 0.3)) for _ in range(120)]
    rows = [
        Row(hour + at * 30_000 + chance.randint(0, 3), 0, None, one, 1) for at, one in enumerate(latencies)
    ]
    assert _RAW / 2 < len(pack(rows)) / len(rows) < _RAW * 2
    minutes = by_place(rows, hour, 60_000)
    assert _MINUTE / 2.5 < len(encode(minutes)) / 60 < _MINUTE * 2
