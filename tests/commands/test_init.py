"""`monitor init`: a config to begin with."""

from pathlib import Path

import pytest

from monitor.cli import main
from monitor.config import starter


def test_the_starter_is_written_and_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MONITOR_CONFIG", raising=False)
    assert main(["init"]) == 0
    assert capsys.readouterr().out == ""
    assert "#" in Path("monitor.toml").read_text(encoding="utf-8")
    assert main(["validate"]) == 0


def test_a_dash_is_standard_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "-"]) == 0
    written = capsys.readouterr()
    assert (written.out, written.err) == (starter(), "")
    assert not list(tmp_path.iterdir())


def test_nothing_is_ever_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("precious")
    assert main(["init", str(file)]) == 2
    assert "exists and was not changed" in capsys.readouterr().err
    assert file.read_text() == "precious"


def test_a_folder_that_is_not_there_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "no" / "a.toml")]) == 2
    assert "No such file or directory" in capsys.readouterr().err
