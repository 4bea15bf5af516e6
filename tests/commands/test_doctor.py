"""`monitor doctor`: findings with their remedies, as lines or JSON, and the exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.cli import main
from monitor.doctor import SUBJECTS, Finding, Level


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("MONITOR_CONFIG", raising=False)
    return tmp_path


def found(monkeypatch: pytest.MonkeyPatch, level: Level) -> None:
    finding = Finding(level, "something\x1b[2J", "mend it")
    monkeypatch.setattr("monitor.doctor.examine", lambda _subject, _config: [finding])


@pytest.mark.parametrize(("level", "status"), [(Level.OK, 0), (Level.WARN, 0), (Level.BAD, 1)])
def test_the_exit_status_says_whether_something_is_bad(
    level: Level, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    found(monkeypatch, level)
    assert main(["doctor"]) == status
    said = capsys.readouterr().out
    assert f"{level.value:<5}clock:" in said
    assert "→ mend it" in said
    assert "\x1b" not in said


def test_json_has_every_subject(capsys: pytest.CaptureFixture[str]):
    main(["doctor", "--format", "json"])
    document = json.loads(capsys.readouterr().out)
    assert document["config"] is None
    assert {one["subject"] for one in document["findings"]} == set(SUBJECTS)
    assert {one["level"] for one in document["findings"]} <= {"ok", "warn", "bad"}


def test_the_config_is_had_in_mind(nowhere: Path, capsys: pytest.CaptureFixture[str]):
    file = nowhere / "monitor.toml"
    file.write_text('[[endpoints]]\nname = "a"\nurl = "exec:no-such-program"\n')
    assert main(["doctor", "-c", str(file)]) == 1
    assert "no-such-program" in capsys.readouterr().out


def test_a_config_that_is_wrong_or_not_there_is_an_error(nowhere: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["doctor", "-c", "none.toml"]) == 2
    (nowhere / "monitor.toml").write_text("broken")
    assert main(["doctor"]) == 2
    assert "monitor.toml:1" in capsys.readouterr().err
