"""Optional libraries and programs."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from monitor.config import load
from monitor.doctor import Level
from monitor.doctor.extras import EXTRAS, examine, judged

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("missing", "needed", "level"),
    [(False, True, Level.OK), (True, False, Level.OK), (True, True, Level.BAD)],
)
def test_only_what_the_config_needs_is_bad_to_lack(missing: bool, needed: bool, level: Level):
    finding = judged("alerts", "messages", missing=missing, needed=needed)
    assert finding.level is level
    assert ("pip install 'monitor[alerts]'" in finding.remedy) is missing


def test_every_extra_is_known():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(EXTRAS) == set(project["optional-dependencies"]) - {"all", "dev"}


def test_a_program_of_an_exec_endpoint_that_is_not_here_is_bad(tmp_path: Path):
    file = tmp_path / "monitor.toml"
    file.write_text(
        '[[endpoints]]\nname = "a"\nurl = "exec:no-such-program -x"\n[[endpoints]]\nurl = "exec:true"\n'
    )
    bad = [one.text for one in examine(load(file)) if one.level is Level.BAD]
    assert bad == ["the program no-such-program of an exec endpoint does not exist, or may not be run"]
