"""`monitor export` as users run it, on the history of a scripted month."""

from __future__ import annotations

import csv
import json
import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from monitor_command import monitor

from monitor.cli import main

EVENING = ("--since", "2025-03-31T18:00Z", "--until", "2025-03-31T22:00Z")
Run = Callable[..., str]


@pytest.fixture
def config(month: Path, tmp_path: Path) -> Path:
    (tmp_path / "m.toml").write_text(f'[monitor]\nhistory = "{month}"\n')
    return tmp_path / "m.toml"


@pytest.fixture
def run(config: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def running(*arguments: str, status: int = 0) -> str:
        assert main(["export", "-c", str(config), *arguments]) == status
        output = capsys.readouterr()
        return output.err if status else output.out

    return running


def test_csv_is_the_default_and_the_oldest_comes_first(run: Run):
    rows = list(csv.DictReader(run(*EVENING).splitlines()))
    assert len(rows) == 2 * 4 * 12
    assert [rows[0]["checked_at"], rows[-1]["checked_at"]] == [
        "2025-03-31T18:00:00.000Z",
        "2025-03-31T21:55:00.000Z",
    ]
    assert (rows[-1]["id"], rows[-1]["status"], rows[-1]["reason"]) == ("api", "down", "status_mismatch")


def test_json_lines_of_a_selection_go_to_a_file(run: Run, tmp_path: Path):
    file = tmp_path / "o.jsonl"
    assert run(*EVENING, "--format", "jsonl", "--select", "tag:eu", "-o", str(file)) == ""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert {line["id"] for line in lines} == {"shop"}
    assert len(lines) == 4 * 12


def test_a_selection_that_selects_nothing_is_an_error_and_leaves_no_file(run: Run, tmp_path: Path):
    file = tmp_path / "o.csv"
    assert "nothing in the history is selected by nobody" in run(
        "--select", "nobody", "-o", str(file), status=2
    )
    assert not file.exists()


@pytest.mark.parametrize("terminal", [True, False])
def test_only_a_terminal_gets_a_progress_bar(config: Path, tmp_path: Path, terminal: bool):
    master, slave = pty.openpty()
    with (tmp_path / "out.csv").open("wb") as out:
        command = monitor("export", "-c", str(config), *EVENING)
        errors = slave if terminal else subprocess.PIPE
        environ = {**os.environ, "TERM": "xterm"}
        ended = subprocess.run(command, stdout=out, stderr=errors, check=True, timeout=30, env=environ)
    os.close(slave)
    shown = os.read(master, 10_000) if terminal else ended.stderr
    os.close(master)
    assert (b"exporting" in shown) == terminal
    assert (tmp_path / "out.csv").read_bytes().count(b"\n") == 1 + 2 * 4 * 12


def test_a_reader_that_goes_away_ends_it_quietly(config: Path):
    command = monitor("export", "-c", str(config), "--since", "2025-03-01")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(30) in (0, 141)
