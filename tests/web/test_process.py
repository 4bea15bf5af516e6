"""The web address's process, with an engine that is a real daemon."""

from __future__ import annotations

import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from monitor.web.process import inherited


def test_heartbeats_are_answered_also_while_the_process_starts_again(daemon: Any):
    assert daemon.get("/push/backup?token=pushtoken").text == "ok\n"
    (child,) = daemon.children()
    os.kill(child, signal.SIGKILL)
    assert daemon.get("/push/backup?token=pushtoken").text == "ok\n"
    assert daemon.children() != [child]


def test_no_token_stands_in_a_command_line_or_an_environment(daemon: Any):
    daemon.get("/healthz")
    (child,) = daemon.children()
    for place in ("cmdline", "environ"):
        assert b"hunter2" not in Path(f"/proc/{child}/{place}").read_bytes()


def test_it_ends_with_the_daemon(daemon: Any):
    daemon.get("/healthz")
    (child,) = daemon.children()
    daemon.process.terminate()
    assert daemon.process.wait(10) == 0
    assert not Path(f"/proc/{child}").exists()


def test_an_engine_that_stands_still_is_said_within_seconds(daemon: Any):
    paths = [
        "/api/v1/endpoints",
        "/api/v1/report",
        "/metrics",
        "/healthz",
        "/",
        "/push/backup?token=pushtoken",
    ]
    assert [daemon.get(path).status_code for path in paths] == [200] * len(paths)
    daemon.process.send_signal(signal.SIGSTOP)
    while daemon.get("/metrics").status_code == 200:
        pass  # a copy that is less than a second old
    began = time.monotonic()
    with ThreadPoolExecutor(len(paths)) as callers:
        answers = list(callers.map(daemon.get, paths))
    assert time.monotonic() - began < 7
    daemon.process.send_signal(signal.SIGCONT)
    assert [answer.status_code for answer in answers] == [503] * len(paths)
    assert daemon.get("/api/v1/endpoints").status_code == 200


def test_an_open_stream_does_not_keep_the_daemon_from_ending(daemon: Any):
    with httpx.stream("GET", f"{daemon.url}/api/v1/events", timeout=10) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        began = time.monotonic()
        daemon.process.terminate()
        assert daemon.process.wait(10) == 0
        assert time.monotonic() - began < 5


def test_sockets_are_taken_over_by_their_numbers():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        (taken,) = inherited([os.dup(listening.fileno())])
        with taken:
            assert taken.getsockname() == listening.getsockname()
