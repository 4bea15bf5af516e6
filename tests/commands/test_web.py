"""`monitor web` is the engine's business; the process itself is tested in tests/web."""

from __future__ import annotations

import json
import subprocess

import pytest
from monitor_command import monitor

from monitor.cli import main
from monitor.commands import web


def test_it_is_not_for_users(capsys: pytest.CaptureFixture[str]):
    assert web.HELP == ""
    assert main(["--help"]) == 0
    assert "\n  web" not in capsys.readouterr().out


def test_it_leaves_when_its_input_ends():
    setup = {"engine": "/nobody/s", "fds": []}
    command = monitor("web")
    ended = subprocess.run(
        command, input=json.dumps(setup).encode() + b"\n", capture_output=True, check=False, timeout=30
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
