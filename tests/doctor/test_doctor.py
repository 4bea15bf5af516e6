"""The table of subjects, and that one which breaks does not end the others."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from monitor.doctor import SUBJECTS, Level, examine, kinds
from monitor.model import Config


def test_no_subject_is_forgotten_in_the_table():
    folder = Path(sys.modules["monitor.doctor"].__file__ or "").parent
    assert {f"monitor.doctor.{path.stem}" for path in folder.glob("[!_]*.py")} == set(SUBJECTS.values())


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_has_something_to_say_about_this_machine(subject: str):
    findings = examine(subject, Config())
    assert findings
    assert not any("could not be examined" in one.text for one in findings)


def test_whatever_is_bad_has_a_remedy():
    for subject in SUBJECTS:
        assert all(one.remedy for one in examine(subject, Config()) if one.level is Level.BAD)


def test_a_subject_that_breaks_is_a_warning(monkeypatch: pytest.MonkeyPatch):
    def broken(_config: Config) -> list[object]:
        raise OSError("no such thing")

    monkeypatch.setattr("monitor.doctor.icmp.examine", broken)
    (finding,) = examine("icmp", Config())
    assert finding.level is Level.WARN
    assert "no such thing" in finding.text


def test_only_kinds_that_are_enabled_count(tmp_path: Path):
    from monitor.config import load

    file = tmp_path / "monitor.toml"
    file.write_text('[[endpoints]]\nurl = "icmp://a"\nenabled = false\n[[endpoints]]\nurl = "tcp://a:1"\n')
    assert kinds(load(file)) == {"tcp"}
