"""What a daemon started ends with it."""

from __future__ import annotations

import os
import subprocess
import sys
from select import select

from monitor.service import reaper


def sleeper(mark: str) -> subprocess.Popen[bytes]:
    """A shell in a session of its own, with a child: both bear ``mark``."""
    script = "sleep 600 & echo $!; wait"
    environ = {**os.environ, reaper.MARK: mark}
    return subprocess.Popen(["sh", "-c", script], env=environ, stdout=subprocess.PIPE, start_new_session=True)


def grandchild(shell: subprocess.Popen[bytes]) -> int:
    assert shell.stdout
    return int(shell.stdout.readline())


def test_when_its_input_ends_everything_with_the_mark_is_killed_and_nothing_else():
    ours, other = sleeper("ours"), sleeper("other")
    pids = [grandchild(shell) for shell in (ours, other)]
    watches = [os.pidfd_open(pid) for pid in pids]
    command = [sys.executable, "-I", "-S", reaper.__file__, "ours"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as helper:
        assert select(watches, [], [], 0.2)[0] == []
        assert helper.stdin
        helper.stdin.close()
        assert select(watches, [], [], 20)[0] == [watches[0]]
        assert ours.wait(20) == -9
        assert helper.wait(20) == 0
    assert other.poll() is None
    assert reaper.kill_marked("other") == 2
    other.wait(20)
    for shell, watch in zip((ours, other), watches, strict=True):
        os.close(watch)
        if shell.stdout:
            shell.stdout.close()


def test_nothing_to_kill_is_no_error():
    assert reaper.kill_marked("nobody has this mark") == 0
