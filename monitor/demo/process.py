"""Starting the zoo as a child process, so that its work distorts no latencies."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from monitor.errors import MonitorError

_PATIENCE_S = 5.0
"""Seconds for the child to end before it is killed."""


@dataclass(frozen=True)
class RunningZoo:
    """The addresses of the child's servers (name -> ``host:port``), and its files."""

    addresses: Mapping[str, str]
    ca: str
    client: str
    config: str
    """The demo's config."""


@contextmanager
def zoo_process() -> Iterator[RunningZoo]:
    """Run the zoo for as long as this lasts. MonitorError when it does not start."""
    with tempfile.TemporaryFile() as complaints:
        child = _start(complaints)
        try:
            yield _listening(child, complaints)
        finally:
            _end(child)


def _start(complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "monitor.demo.serve"]
    pipe = subprocess.PIPE
    # A session of its own: Ctrl-C in the terminal is for the dashboard, which then ends the child.
    return subprocess.Popen(  # noqa: S603 -- our own interpreter and module
        command, stdin=pipe, stdout=pipe, stderr=complaints, start_new_session=True
    )


def _listening(child: subprocess.Popen[bytes], complaints: IO[bytes]) -> RunningZoo:
    assert child.stdout is not None
    line = child.stdout.readline()
    if not line:
        complaints.seek(0)
        last = complaints.read().decode("utf-8", "replace").strip().splitlines()[-1:]
        raise MonitorError(f"the demo's servers did not start: {' '.join(last) or 'no word why'}")
    return RunningZoo(**json.loads(line))


def _end(child: subprocess.Popen[bytes]) -> None:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.close()
    child.stdout.close()
    try:
        child.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
