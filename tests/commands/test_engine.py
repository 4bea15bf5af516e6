"""`monitor engine`, as the dashboard starts it."""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from monitor_command import monitor

from monitor.cli import main
from monitor.commands import engine


@pytest.fixture
def socket() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "s"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "monitor.toml"
    file.write_text('[[endpoints]]\nurl = "tcp://127.0.0.1:1"\ninterval = "1h"\n')
    return file


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """The command with a dashboard that leaves at once."""
    command = monitor("engine", *arguments)
    return subprocess.run(command, input=b"", capture_output=True, check=False)


def said(ended: subprocess.CompletedProcess[bytes]) -> Any:
    """The one line on standard output."""
    (line,) = ended.stdout.splitlines()
    return json.loads(line)


def test_it_says_that_it_listens_and_leaves_with_the_dashboard(config: Path, socket: Path):
    ended = run("--socket", str(socket), "--config", str(config), "--")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert said(ended) == {"problems": [], "usage": "", "running": ""}
    assert not socket.exists()


def test_problems_of_the_config_are_told_in_one_line(config: Path, socket: Path):
    config.write_text('[[endpoints]]\nurl = "tcp://127.0.0.1:1"\ntimeout = "soon"\ntags = 3\n')
    ended = run("--socket", str(socket), "-c", str(config))
    assert ended.returncode == 2
    assert [(one["file"], one["line"]) for one in said(ended)["problems"]] == [
        (str(config), 3),
        (str(config), 4),
    ]


def test_a_target_that_is_none_is_told_in_one_line(socket: Path):
    ended = run("--socket", str(socket), "--", "gopher://x")
    assert ended.returncode == 2
    assert "gopher" in said(ended)["usage"]


def test_what_else_goes_wrong_is_told_on_standard_error(config: Path, tmp_path: Path):
    ended = run("--socket", str(tmp_path / "missing" / "s"), "-c", str(config))
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert ended.stderr.startswith(b"monitor: cannot listen on ")


def test_it_wants_a_socket(capsys: pytest.CaptureFixture[str]):
    assert main(["engine"]) == 2
    assert "--socket" in capsys.readouterr().err


def test_it_is_not_for_users(capsys: pytest.CaptureFixture[str]):
    assert engine.HELP == ""
    assert main(["--help"]) == 0
    assert "\n  engine" not in capsys.readouterr().out


SIGNALS = (signal.SIGINT, signal.SIGHUP)


def test_what_is_typed_in_the_terminal_is_for_the_dashboard(
    socket: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
):
    ignored: list[Any] = []
    monkeypatch.setattr(signal, "signal", lambda number, handler: ignored.append((number, handler)))
    assert main(["engine", "--socket", str(socket), "--config", "", "--", "gopher://x"]) == 2
    assert ignored == [(number, signal.SIG_IGN) for number in SIGNALS]
