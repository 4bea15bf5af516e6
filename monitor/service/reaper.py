"""Kills the processes that a daemon started, once the daemon itself has died.

A separate program with few imports. It waits for the end of its standard input, whose other end the daemon
holds, and then kills every process with the daemon's mark in its environment. So `kill -9` leaves no command
of an ``exec`` check behind, and none of that command's children.
"""

from __future__ import annotations

import os
import signal
import sys
import time

MARK = "MONITOR_DAEMON"
"""The environment variable that every process below a daemon inherits."""
_ROUNDS, _PAUSE = 5, 0.2
"""Number of rounds: a process that starts while the daemon dies is found in a later one."""


def kill_marked(mark: str) -> int:
    """Kill the processes that have ``mark``. Return their number."""
    wanted = f"{MARK}={mark}".encode()
    found = [pid for pid in filter(str.isdecimal, os.listdir("/proc")) if wanted in _environment(pid)]  # noqa: PTH208
    for pid in found:
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            continue
    return len(found)


def _environment(pid: str) -> list[bytes]:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123 -- pathlib would double our memory
            return file.read().split(b"\0")
    except OSError:  # it has ended, or belongs to another user
        return []


def main(mark: str) -> None:
    """Wait for the daemon's end, and kill its processes."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    sys.stdin.buffer.read()
    for _ in range(_ROUNDS):
        kill_marked(mark)
        time.sleep(_PAUSE)


if __name__ == "__main__":
    main(sys.argv[1])
