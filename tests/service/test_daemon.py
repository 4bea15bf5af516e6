"""`monitor daemon` as a process: signals, restarts, and what it leaves behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from grp import getgrnam
from pathlib import Path
from select import select
from typing import Any

import pytest
from monitor_command import monitor

from monitor.errors import UsageError
from monitor.link.client import Client
from monitor.service.daemon import claimed

ENDPOINT = """
[[endpoints]]
name = "{}"
url = "tcp://127.0.0.1:1"
interval = "1h"
"""


class Daemon:
    """A daemon's process and what it has logged."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.lines: list[dict[str, Any]] = []

    def until(self, text: str) -> str:
        """The first line from now on that holds ``text``."""
        assert self.process.stderr
        for line in self.process.stderr:
            self.lines.append(json.loads(line))
            if text in self.lines[-1]["message"]:
                return str(self.lines[-1]["message"])
        raise AssertionError(f"it ended without {text!r}: {self.lines}")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "monitor.toml"
    file.write_text('[monitor]\nsocket = "s"\n' + ENDPOINT.format("a"))
    return file


def command(config: Path) -> list[str]:
    return monitor("daemon", "-c", str(config), "--log-format", "json")


@contextmanager
def running(config: Path, **environ: str) -> Iterator[Daemon]:
    """A daemon that accepts dashboards."""
    environment = {**os.environ, **environ}
    process = subprocess.Popen(command(config), stderr=subprocess.PIPE, env=environment)
    with process:
        daemon = Daemon(process)
        try:
            daemon.until("dashboards can attach")
            yield daemon
        finally:
            process.kill()


def test_it_ends_in_time_when_asked_to_and_leaves_nothing(config: Path):
    for ending in (signal.SIGTERM, signal.SIGINT):
        with running(config) as daemon:
            mode = (config.parent / "s").stat().st_mode
            assert stat.S_ISSOCK(mode)
            assert stat.S_IMODE(mode) == 0o600
            began = time.monotonic()
            daemon.process.send_signal(ending)
            assert daemon.process.wait(10) == 0
            assert time.monotonic() - began < 5
        assert not (config.parent / "s").exists()


def test_hangup_reloads_the_config(config: Path):
    with running(config) as daemon:
        daemon.process.send_signal(signal.SIGHUP)
        assert daemon.until("reloaded") == "config reloaded: no change"
        config.write_text(config.read_text() + ENDPOINT.format("b"))
        daemon.process.send_signal(signal.SIGHUP)
        assert daemon.until("reloaded") == "config reloaded: +1"
        config.write_text("[[")
        daemon.process.send_signal(signal.SIGHUP)
        assert "the old one stays in force" in daemon.until("problems")


async def test_after_kill_a_new_daemon_takes_the_socket_over(config: Path):
    with running(config) as daemon:
        refused = subprocess.run(command(config), capture_output=True, check=False)
        assert refused.returncode == 2
        assert f"already running (pid {daemon.process.pid})".encode() in refused.stderr
        daemon.process.kill()
        daemon.process.wait(10)
    assert (config.parent / "s").exists()
    with running(config):
        client = Client(config.parent / "s")
        assert (await client.hello()).title == "monitor.toml"
        await client.close()


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_it_leaves_no_process_behind(config: Path, tmp_path: Path, ending: signal.Signals):
    script = tmp_path / "check.sh"
    script.write_text("#!/bin/sh\n[ -e pid ] && exit\nsleep 600 &\necho $! > pid.new\nmv pid.new pid\nwait\n")
    script.chmod(0o755)
    settings = '[monitor]\nsocket = "s"\n'
    # As a command that leaves for a session of its own.
    config.write_text(settings + f'[[endpoints]]\nurl = "exec:setsid {script}"\ninterval = "300ms"\n')
    previous = Path.cwd()
    os.chdir(tmp_path)
    try:
        with running(config) as daemon:
            while not (tmp_path / "pid").exists():
                time.sleep(0.02)
            watch = os.pidfd_open(int((tmp_path / "pid").read_text()))
            daemon.process.send_signal(ending)
            daemon.process.wait(10)
            assert select([watch], [], [], 20)[0]
            os.close(watch)
    finally:
        os.chdir(previous)


def test_systemd_is_told_when_it_is_ready_reloads_lives_and_ends(config: Path, tmp_path: Path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "n"))
        systemd.settimeout(20)

        def heard(wanted: str) -> bool:
            while not systemd.recv(1000).decode().startswith(wanted):
                pass
            return True

        with running(config, NOTIFY_SOCKET=str(tmp_path / "n"), WATCHDOG_USEC="200000") as daemon:
            assert heard("READY=1")
            assert heard("WATCHDOG=1")
            daemon.process.send_signal(signal.SIGHUP)
            assert heard("RELOADING=1")
            assert heard("READY=1")
            daemon.process.terminate()
            assert heard("STOPPING=1")
            assert daemon.process.wait(10) == 0


def test_what_hangs_does_not_keep_it(config: Path, tmp_path: Path):
    """A look-up that never ends is a thread that cannot be cancelled."""
    hanging = (
        "import sys, time, socket, threading; socket.getaddrinfo = lambda *a, **k: time.sleep(600);"
        "from monitor.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    config.write_text(
        '[monitor]\nsocket = "s"\n[[endpoints]]\nurl = "tcp://a.test:1"\ninterval = "1s"\ntimeout = "300s"\n'
    )
    arguments = command(config)[4:]
    with subprocess.Popen(
        [sys.executable, "-P", "-c", hanging, *arguments], stderr=subprocess.PIPE
    ) as process:
        Daemon(process).until("dashboards can attach")
        time.sleep(1.5)  # its first look-up has begun
        began = time.monotonic()
        process.terminate()
        assert process.wait(10) == 0
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('socket_group = "no-such-group"', "no group 'no-such-group'"),
        (f'socket = "{"x" * 200}"', "cannot listen on"),
    ],
)
def test_a_socket_that_cannot_be_is_an_error(tmp_path: Path, settings: str, said: str):
    config = tmp_path / "monitor.toml"
    place = "" if settings.startswith("socket =") else 'socket = "s"\n'
    config.write_text(f"[monitor]\n{place}{settings}\n" + ENDPOINT.format("a"))
    ended = subprocess.run(command(config), capture_output=True, check=False, text=True)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a socket to any group")
def test_a_group_may_attach(config: Path):
    config.write_text(config.read_text().replace('"s"', '"s"\nsocket_group = "daemon"'))
    with running(config):
        status = (config.parent / "s").stat()
        assert stat.S_IMODE(status.st_mode) == 0o660
        assert status.st_gid == getgrnam("daemon").gr_gid


def test_names_of_endpoints_are_in_the_log(config: Path):
    config.write_text(config.read_text().replace('"1h"', '"100ms"\ndown_after = 1'))
    with running(config) as daemon:
        daemon.until("down: ")
        assert daemon.lines[-1]["endpoint"] == "a"


# ---- one daemon per socket


HOLDER = """
import sys
from pathlib import Path
from monitor.service.daemon import claimed
with claimed(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def stale(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def test_a_socket_that_a_dead_daemon_left_is_removed(tmp_path: Path):
    path = tmp_path / "new" / "folder" / "s"
    with claimed(path):
        stale(path)
    with claimed(path):
        assert not path.exists()


def test_a_second_daemon_is_refused_with_the_pid_of_the_first_until_that_dies(tmp_path: Path):
    path = tmp_path / "s"
    command = [sys.executable, "-P", "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(UsageError, match=rf"already running \(pid {holder.pid}\)"), claimed(path):
            pass
        holder.kill()
    with claimed(path):
        pass


def test_a_live_socket_is_not_taken_even_without_its_lock(tmp_path: Path):
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as live:
        live.bind(str(path))
        live.listen()
        with pytest.raises(UsageError, match=rf"already running \(pid {os.getpid()}\)"), claimed(path):
            pass
        assert path.is_socket()


def test_a_file_in_the_sockets_place_is_left_alone(tmp_path: Path):
    path = tmp_path / "s"
    path.write_text("precious")
    with pytest.raises(UsageError, match="exists and is not a socket"), claimed(path):
        pass
    assert path.read_text() == "precious"


def test_a_folder_that_cannot_be_made_is_told_with_the_remedy(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"name another place as `socket`"), claimed(tmp_path / "file" / "s"):
        pass


def test_a_lock_that_is_a_link_elsewhere_is_not_followed(tmp_path: Path):
    (tmp_path / "s.lock").symlink_to(tmp_path / "elsewhere")
    with (
        pytest.raises(UsageError, match=r"cannot lock .*; name another place as `socket`"),
        claimed(tmp_path / "s"),
    ):
        pass
    assert not (tmp_path / "elsewhere").exists()
