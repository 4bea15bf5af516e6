"""`monitor daemon` on the command line; the process itself is tested in tests/service."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.cli import main


def test_problems_of_the_config_are_told_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("signal.signal", lambda *_: None)
    config = tmp_path / "m.toml"
    config.write_text('[monitor]\nsocket = "s"\nlisten = "nope"\n[[endpoints]]\nurl = "tcp://x"\n')
    assert main(["daemon", "-c", str(config)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert not (tmp_path / "s.lock").exists()


def test_it_is_in_the_help(capsys: pytest.CaptureFixture[str]):
    assert main(["--help"]) == 0
    assert "\n  daemon" in capsys.readouterr().out


def test_a_format_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]):
    assert main(["daemon", "--log-format", "xml"]) == 2
    assert "--log-format" in capsys.readouterr().err
