"""One daemon per socket."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.errors import UsageError
from monitor.service.claim import claimed

HOLDER = """
import sys
from pathlib import Path
from monitor.service.claim import claimed
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
    with pytest.raises(UsageError, match=r"name another one as `socket`"), claimed(tmp_path / "file" / "s"):
        pass


def test_a_lock_that_is_a_link_elsewhere_is_not_followed(tmp_path: Path):
    (tmp_path / "s.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="cannot lock"), claimed(tmp_path / "s"):
        pass
    assert not (tmp_path / "elsewhere").exists()
