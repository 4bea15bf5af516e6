"""`monitor import`: the config on standard output, what was lost on standard error."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.cli import main


def test_the_config_is_on_standard_output_and_valid(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "gatus.yaml"
    file.write_text(
        "endpoints: [{name: a, url: 'https://u:hunter2@a.example',"
        " conditions: ['[STATUS] == 200', '[IP] == 1.1.1.1']}]"
    )
    assert main(["import", "gatus", str(file)]) == 0
    said = capsys.readouterr()
    assert "hunter2" not in said.out + said.err
    assert "[IP] == 1.1.1.1: which address answers" in said.out
    assert f"{file}:1: a: [IP] == 1.1.1.1: which address answers" in said.err
    assert "monitor: set before use: A_PASSWORD" in said.err
    made = tmp_path / "monitor.toml"
    made.write_text(said.out)
    assert main(["validate", str(made)]) == 2  # the secret is not set
    monkeypatch.setenv("A_PASSWORD", "hunter2")
    assert main(["validate", str(made)]) == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["import"], "required: TOOL, FILE"),
        (["import", "nagios", "x"], "invalid choice"),
        (["import", "urls", "/nowhere"], "cannot be read"),
        (["import", "urls", "x", "--modules", "y"], "--modules belongs to 'monitor import prometheus'"),
    ],
)
def test_what_is_wrong_with_the_command_line_is_reported(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
):
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert complaint in said.err
    assert said.out == ""
