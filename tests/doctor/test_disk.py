"""Room for the history."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config import load
from monitor.doctor import Level
from monitor.doctor.disk import history_bytes, judged

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
