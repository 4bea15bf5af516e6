"""`monitor attach`, as a user types it; a daemon's process at the other end."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from monitor_command import monitor

from monitor.cli import main

CONFIG = """
[monitor]
socket = "s"
[defaults]
interval = "100ms"
down_after = 1
[[endpoints]]
name = "Nobody"
url = "tcp://127.0.0.1:1"
"""


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    """A config whose daemon runs."""
    file = tmp_path / "monitor.toml"
    file.write_text(CONFIG)
    with subprocess.Popen(monitor("daemon", "-c", str(file)), stderr=subprocess.PIPE) as daemon:
        assert daemon.stderr
        for line in daemon.stderr:
            if b"down" in line:
                break
        yield file
        daemon.kill()


def first_line(*arguments: str) -> str:
    """What a dashboard without a screen prints first, and then it is ended."""
    with subprocess.Popen(monitor(*arguments), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout
        line = process.stdout.readline().decode()
        process.kill()
    return line


@pytest.mark.parametrize("arguments", [["attach", "-c", "CONFIG"], ["attach", "SOCKET"], ["-c", "CONFIG"]])
def test_a_running_daemon_is_shown(config: Path, arguments: list[str]):
    places = {"CONFIG": str(config), "SOCKET": str(config.parent / "s")}
    assert "down Nobody: connection refused" in first_line(*(places.get(one, one) for one in arguments))


def test_a_dashboard_with_an_engine_of_its_own_outlives_the_daemon(config: Path):
    """Only an engine of its own still says something once the daemon has been killed."""
    (config.parent / "s").unlink()
    assert "down Nobody" in first_line("-c", str(config), "--standalone")


def test_a_daemon_that_cannot_be_reached_is_named(config: Path):
    (config.parent / "s").unlink()
    ended = subprocess.run(monitor("-c", str(config)), capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert re.search(r"another engine writes the history .* \(pid \d+\)", ended.stderr)


def test_standalone_means_an_engine_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    config = tmp_path / "m.toml"
    config.write_text(CONFIG)
    shown: list[str] = []
    monkeypatch.setattr(
        "monitor.commands.dashboard.show_own", lambda config, _, **_keys: shown.append(config) or 0
    )
    monkeypatch.setattr("monitor.commands.dashboard.show", lambda *_: shown.append("daemon") or 0)
    monkeypatch.setattr("monitor.commands._attached.is_live", lambda _: True)
    assert main(["-c", str(config)]) == 0
    assert main(["-c", str(config), "--standalone"]) == 0
    assert shown == ["daemon", str(config)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["attach", "/nobody/s"], "no daemon answers on /nobody/s"),
        (["attach", "ssh://u:hunter2@host"], "a password has no place"),
        (["attach", "ssh://"], "names no host"),
        (["attach", "--stdio", "/nobody/s"], "no daemon answers on /nobody/s"),
    ],
)
def test_what_cannot_be_attached_to_is_2_with_a_message(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
):
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert "hunter2" not in told.err
    assert told.out == ""
