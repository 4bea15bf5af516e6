"""`monitor check`, from a config file to an exit status."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import main


@pytest.fixture(autouse=True)
def _never_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Latencies are held against their limits as they are, however busy the machine is."""
    monkeypatch.setattr("monitor.checks.run_probe.busy_since", lambda began, loop: 0.0)


@pytest.fixture
def open_port() -> Iterator[int]:
    """A port that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.fixture
def config(tmp_path: Path, open_port: int, closed_port: int) -> Path:
    file = tmp_path / "monitor.toml"
    file.write_text(
        f"""
        [defaults]
        timeout = "5s"

        [[endpoints]]
        name = "gone"
        url = "tcp://127.0.0.1:{closed_port}"
        group = "back"

        [[endpoints]]
        name = "open"
        url = "tcp://127.0.0.1:{open_port}"
        tags = ["eu"]

        [[endpoints]]
        name = "slow"
        url = "tcp://127.0.0.1:{open_port}"
        warn = {{ latency = 0.000001 }}

        [[endpoints]]
        name = "off"
        url = "tcp://127.0.0.1:{closed_port}"
        enabled = false
        """,
        encoding="utf-8",
    )
    return file


def checked(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any]:
    status = main(["check", *map(str, arguments), "--format", "json"])
    said = capsys.readouterr()
    assert said.err == ""
    return status, json.loads(said.out)


def test_every_enabled_endpoint_is_checked_in_the_order_of_the_file(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = checked(capsys, "-c", config)
    assert status == 1
    assert [(one["endpoint"], one["status"]) for one in told["results"]] == [
        ("gone", "down"),
        ("open", "up"),
        ("slow", "degraded"),
    ]
    assert told["results"][0]["reason"] == "connection_refused"
    assert told["results"][0]["group"] == "back"


@pytest.mark.parametrize(
    ("options", "names", "status"),
    [
        (["--select", "open"], ["open"], 0),
        (["--select", "tag:EU", "--select", "name:g*"], ["gone", "open"], 1),
        (["--select", "slow"], ["slow"], 0),
        (["--select", "slow", "--strict"], ["slow"], 1),
    ],
)
def test_only_what_is_selected_is_checked(
    options: list[str], names: list[str], status: int, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended, told = checked(capsys, "-c", config, *options)
    assert [one["endpoint"] for one in told["results"]] == names
    assert ended == status


def test_targets_are_checked_without_any_config(
    open_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    status, told = checked(capsys, f"tcp://127.0.0.1:{open_port}")
    assert status == 0
    assert [one["target"] for one in told["results"]] == [f"tcp://127.0.0.1:{open_port}"]


def test_with_targets_only_they_are_checked_with_the_configs_defaults(
    open_port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "defaults.toml"
    file.write_text('[defaults]\nwarn = { latency = 0.000001 }\n\n[[endpoints]]\nurl = "tcp://127.0.0.1:1"\n')
    _, told = checked(capsys, f"tcp://127.0.0.1:{open_port}", "-c", file)
    assert [one["status"] for one in told["results"]] == ["degraded"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--select", "nobody"], "nothing is selected by nobody"),
        (["--select", "off"], "nothing that is selected is enabled: off"),
        (["--select", "grup:x"], "did you mean 'group:'"),
        (["-c", "missing.toml"], "missing.toml"),
    ],
)
def test_what_cannot_be_checked_is_a_usage_error(
    arguments: list[str],
    told: str,
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(config.parent)
    assert main(["check", *arguments]) == 2
    said = capsys.readouterr()
    assert told in said.err
    assert said.out == ""


def test_a_wrong_config_is_2_with_every_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.toml"
    file.write_text('[[endpoints]]\nurl = "tcp://127.0.0.1:1"\nintervall = 3\ntimeout = "soon"\n')
    assert main(["check", "-c", str(file)]) == 2
    said = capsys.readouterr()
    assert f"{file}:3: " in said.err
    assert f"{file}:4: " in said.err
    assert said.out == ""


def test_plugin_statuses_are_used_for_nagios(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, status in (("open", 0), ("slow", 1), ("gone", 2)):
        assert main(["check", "-c", str(config), "--select", name, "--format", "nagios"]) == status
    assert "MONITOR CRITICAL" in capsys.readouterr().out


def test_secrets_are_masked_in_everything(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLACE", "127.0.0.1")
    config.write_text('[[endpoints]]\nname = "at ${PLACE}"\nurl = "tcp://${PLACE}:1"\n')
    for format in ("table", "json", "junit", "nagios"):
        main(["check", "-c", str(config), "--format", format, "--explain"])
    said = capsys.readouterr()
    assert "127.0.0.1" not in said.out + said.err
    assert "•••" in said.out


def test_an_interrupt_ends_it_at_once_with_130(open_port: int, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        program = [sys.executable, "-m", "monitor", "check", url]
        with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as check:
            connection, _ = server.accept()  # it is in the middle of its check
            with contextlib.closing(connection):
                os.kill(check.pid, signal.SIGINT)
                out, err = check.communicate(timeout=20)
    assert (check.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_no_command_of_a_check_behind(number: int, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "alive")
    script = tmp_path / "forever"
    script.write_text(f"#!/bin/sh\nexec 3>{tmp_path}/alive\necho began >&3\nsleep 60\n")
    script.chmod(0o755)
    command = [sys.executable, "-m", "monitor", "check", f"exec:{script}", "--timeout", "60s"]
    with subprocess.Popen(command) as process, (tmp_path / "alive").open() as alive:
        assert alive.readline() == "began\n"
        process.send_signal(number)
        assert process.wait(10) == 128 + number
        assert alive.read() == ""  # nobody holds the other end any more


def test_many_endpoints_are_checked_with_few_descriptors(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as server:
        accepting = threading.Thread(target=accept_all, args=(server,), daemon=True)
        accepting.start()
        file = tmp_path / "many.toml"
        port = server.getsockname()[1]
        file.write_text(
            "".join(f'[[endpoints]]\nname = "e{n}"\nurl = "tcp://127.0.0.1:{port}"\n' for n in range(300))
        )
        limited = f"ulimit -n 100; exec {sys.executable} -m monitor check -c {file} --format json"
        ended = subprocess.run(["sh", "-c", limited], capture_output=True, check=False)
        server.close()
    assert json.loads(ended.stdout)["summary"]["up"] == 300
    assert ended.returncode == 0


def accept_all(server: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            server.accept()[0].close()


def test_a_plain_server_asked_over_tls_is_answered_with_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    def refuse() -> None:
        with server.accept()[0] as peer:
            peer.recv(1000)
            peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=refuse)
        thread.start()
        target = f"127.0.0.1:{server.getsockname()[1]}"
        assert main(["check", target]) == 1
        thread.join()
    said = capsys.readouterr()
    assert f"https://{target}" in said.out
    assert f"{target}: https:// is assumed; for plain HTTP, write http://{target}" in said.err


@pytest.mark.parametrize("text", ["", '[[endpoints]]\nurl = "tcp://127.0.0.1:1"\nenabled = false\n'])
@pytest.mark.parametrize(("kind", "status"), [("table", 2), ("json", 2), ("junit", 2), ("nagios", 3)])
def test_a_check_of_nothing_does_not_succeed(
    text: str, kind: str, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "monitor.toml"
    config.write_text(text)
    assert main(["check", "-c", str(config), "--format", kind]) == status
    assert capsys.readouterr().err == "monitor: nothing to check: no endpoint is enabled\n"


def test_a_quiet_check_says_it_all_by_its_exit_status(
    closed_port: int, open_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--quiet", f"tcp://127.0.0.1:{closed_port}"]) == 1
    assert main(["check", "-q", f"tcp://127.0.0.1:{open_port}"]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


def test_a_timeout_may_be_given_for_all(open_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--timeout", "100ms", f"ssh://127.0.0.1:{open_port}"]) == 1
    assert "no answer within 100ms" in capsys.readouterr().out


@pytest.mark.parametrize("timeout", ["soon", "0", "-1s"])
def test_a_timeout_that_is_none_is_refused(timeout: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", f"--timeout={timeout}", "tcp://127.0.0.1:1"]) == 2
    assert capsys.readouterr().err.startswith("monitor: --timeout: ")
