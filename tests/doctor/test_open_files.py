"""The limit on open files against the number of endpoints."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config import load
from monitor.doctor import Level
from monitor.doctor.open_files import at_the_same_time, judged

CASES = [(100, 10.0, 1000, Level.OK), (1000, 300.0, 400, Level.WARN), (1000, 500.0, 400, Level.BAD)]


@pytest.mark.parametrize(("endpoints", "needed", "most", "level"), CASES)
def test_the_limit_is_held_against_what_is_needed(endpoints: int, needed: float, most: int, level: Level):
    finding = judged(endpoints, needed, most * 2 + 64, most)
    assert finding.level is level
    assert bool(finding.remedy) is (level is not Level.OK)


def test_what_is_needed_is_every_check_taking_as_long_as_it_may(tmp_path: Path):
    file = tmp_path / "monitor.toml"
    file.write_text(
        '[[endpoints]]\nurl = "tcp://a:1"\ninterval = "20s"\ntimeout = "10s"\n'
        '[[endpoints]]\nurl = "tcp://a:2"\ninterval = "5s"\ntimeout = "10s"\n'
    )
    assert at_the_same_time(load(file)) == 1.5
