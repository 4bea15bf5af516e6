"""`monitor status`, `ack` and `silence` as scripts use them: real processes on a real daemon."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from monitor_command import monitor

CONFIG = """
[monitor]
socket = "s"
[defaults]
interval = "200ms"
down_after = 1
[[endpoints]]
name = "Nobody"
group = "shop"
url = "tcp://127.0.0.1:1"
[[endpoints]]
name = "Off"
url = "tcp://127.0.0.1:2"
enabled = false
"""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a config whose daemon runs, with one endpoint down."""
    folder = tmp_path_factory.mktemp("daemon")
    (folder / "monitor.toml").write_text(CONFIG)
    with subprocess.Popen(monitor("daemon"), cwd=folder, stderr=subprocess.PIPE) as daemon:
        assert daemon.stderr
        for line in daemon.stderr:
            if b"down" in line:
                break
        yield folder
        daemon.kill()


@pytest.fixture
def run(folder: Path) -> Run:
    def running(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            monitor(*arguments), cwd=folder, capture_output=True, text=True, check=False, timeout=30
        )

    return running


def states(run: Run, *arguments: str) -> list[dict[str, Any]]:
    return list(json.loads(run("status", "--format", "json", *arguments).stdout)["endpoints"])


def test_status_is_1_when_something_is_down_and_counts_states(run: Run):
    ended = run("status", "--format", "json")
    document = json.loads(ended.stdout)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert (document["summary"]["down"], document["summary"]["paused"]) == (1, 1)
    assert [one["state"] for one in document["endpoints"]] == ["down", "paused"]
    assert document["endpoints"][0]["reason"] == "connection_refused"


def test_status_is_0_for_a_selection_without_anything_down(run: Run):
    assert run("status", "--select", "Off").returncode == 0
    assert [one["name"] for one in states(run, "--select", "group:shop")] == ["Nobody"]


def test_a_table_is_for_people_and_carries_no_escape_codes(run: Run):
    lines = run("status").stdout.splitlines()
    assert lines[0].split() == ["STATE", "NAME", "LATENCY", "SINCE", "MESSAGE"]
    assert lines[1].startswith("down")
    assert "connection refused" in lines[1]
    assert lines[-1] == "1 down, 1 paused"
    assert "\x1b" not in "".join(lines)


def test_acknowledgements_have_a_note_and_the_users_name(run: Run):
    assert run("ack", "Nobody", "--note", "on it").stdout == "acknowledged 1 endpoint\n"
    mark = states(run)[0]["acknowledged"]
    assert mark["note"] == "on it"
    assert mark["by"]
    assert run("ack", "Nobody", "--undo").returncode == 0
    assert states(run)[0]["acknowledged"] is None


def test_an_acknowledgement_for_a_while_says_when_it_ends(run: Run):
    assert run("ack", "Nobody", "--for", "2h").stdout == "acknowledged 1 endpoint for 2h\n"
    mark = states(run)[0]["acknowledged"]
    lasts = datetime.fromisoformat(mark["until"]) - datetime.fromisoformat(mark["at"])
    assert lasts == timedelta(hours=2)
    assert run("ack", "Nobody", "--undo").returncode == 0


def test_a_silence_is_started_listed_and_ended_by_its_id(run: Run):
    id = run("silence", "group:shop", "--for", "2h", "--note", "deploy").stdout
    assert id == id.strip() + "\n"
    silenced = states(run)[0]["silenced"]
    assert (silenced["id"], silenced["select"], silenced["note"]) == (id.strip(), ["group:shop"], "deploy")
    assert run("silence", "--list").stdout.startswith(f"{id.strip()} ")
    assert run("silence", "--end", id.strip()).returncode == 0
    assert states(run)[0]["silenced"] is None
    assert run("silence", "--list").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["ack", "Nobod"], 2, "no endpoint is called 'Nobod'; did you mean 'Nobody'?"),
        (["ack"], 2, "NAME"),
        (["ack", "Nobody", "--undo", "--for", "2h"], 2, "belong to a new acknowledgement"),
        (["silence"], 2, "write EXPR…"),
        (["silence", "a", "--list"], 2, "write EXPR…"),
        (["silence", "--list", "--for", "2h"], 2, "belong to a new silence"),
        (["silence", "Nobody", "--for", "soon"], 2, "--for soon"),
        (["silence", "Nobody", "--for", "0s"], 2, "more than 0 seconds"),
        (["silence", "group:nope"], 2, "no endpoint matches group:nope"),
        (["silence", "grup:shop"], 2, "did you mean 'group:'"),
        (["status", "--select", "nope"], 2, "nothing is selected by nope"),
        (["status", "--socket", "/nobody/s"], 2, "no daemon answers on /nobody/s"),
    ],
)
def test_what_cannot_be_done_is_2_with_a_message(run: Run, arguments: list[str], status: int, said: str):
    ended = run(*arguments)
    assert (ended.returncode, ended.stdout) == (status, "")
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_what_was_not_there_to_do_is_1(run: Run):
    for arguments in (("ack", "Nobody", "--undo"), ("silence", "--end", "zz")):
        ended = run(*arguments)
        assert (ended.returncode, ended.stdout, bool(ended.stderr)) == (1, "", True)


@pytest.mark.parametrize("arguments", [("ack", "Nobody"), ("silence", "Nobody")])
def test_a_mark_that_is_in_memory_only_is_set_with_a_warning(tmp_path: Path, arguments: tuple[str, ...]):
    history = '[monitor]\nhistory = "/proc/nowhere/h.db"'
    (tmp_path / "monitor.toml").write_text(CONFIG.replace("[monitor]", history))
    with subprocess.Popen(monitor("daemon"), cwd=tmp_path, stderr=subprocess.PIPE) as daemon:
        assert daemon.stderr
        for line in daemon.stderr:
            if b"cannot be written" in line:
                break
        ended = subprocess.run(
            monitor(*arguments), cwd=tmp_path, capture_output=True, text=True, check=False, timeout=30
        )
        daemon.kill()
    assert (ended.returncode, ended.stdout.count("\n")) == (0, 1)
    assert ended.stderr == (
        "monitor: a restart would lose it: "
        "the history /proc/nowhere/h.db cannot be written: No such file or directory\n"
    )
