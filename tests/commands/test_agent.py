"""`monitor agent`: what it refuses. The running agent is tested with the service."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.cli import main


def test_a_location_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]):
    assert main(["agent", "--location", "e u"]) == 2
    assert "'e u' is no location" in capsys.readouterr().err


def test_a_config_without_a_cluster_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "monitor.toml"
    file.write_text("")
    assert main(["agent", "--location", "eu", "-c", str(file)]) == 2
    assert "has no table [cluster]" in capsys.readouterr().err
