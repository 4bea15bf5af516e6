"""The daemon's log."""

from __future__ import annotations

import json
import os

import pytest

from monitor.service import log as module
from monitor.service.log import Log

AT = 1769860800.1234


@pytest.fixture
def pipe() -> tuple[int, int]:
    return os.pipe()


def written(format: str, pipe: tuple[int, int], *lines: tuple[float, str, str, str]) -> list[str]:
    log = Log(format, pipe[1])
    for line in lines:
        log.line(*line)
    log.close()
    os.close(pipe[1])
    with os.fdopen(pipe[0], encoding="utf-8") as reader:
        return reader.read().splitlines()


def test_text_lines_have_time_level_endpoint_and_message(pipe: tuple[int, int]):
    lines = written("text", pipe, (AT, "bad", "down: refused", "Shop"), (AT, "info", "config reloaded", ""))
    assert lines == [
        "2026-01-31T12:00:00.123Z bad   Shop: down: refused",
        "2026-01-31T12:00:00.123Z info  config reloaded",
    ]


def test_json_lines_have_the_same_by_name(pipe: tuple[int, int]):
    lines = written("json", pipe, (AT, "bad", "down: grüße", "Shop"), (AT, "info", "x", ""))
    assert [json.loads(line) for line in lines] == [
        {"at": "2026-01-31T12:00:00.123Z", "level": "bad", "endpoint": "Shop", "message": "down: grüße"},
        {"at": "2026-01-31T12:00:00.123Z", "level": "info", "message": "x"},
    ]


def test_text_that_a_terminal_would_obey_stays_on_its_line(pipe: tuple[int, int]):
    (line,) = written("text", pipe, (AT, "bad", "a\x1b[2J\nb", "c\rd"))
    assert line.endswith("c d: a␛[2J b")


def test_a_reader_that_stops_reading_stops_nobody(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_ROOM", 10)
    monkeypatch.setattr(module, "_LAST_LINES_WITHIN", 0.05)
    log = Log("text", pipe[1])
    for _ in range(50):
        log.line(AT, "info", "x" * 1990, "")  # far more than the pipe and the queue hold
    assert log._dropped > 0
    log.close()  # does not wait for the reader for long
    os.set_blocking(pipe[0], False)
    assert os.read(pipe[0], 10).startswith(b"2026")


def test_dropped_lines_are_counted_once_there_is_room(pipe: tuple[int, int]):
    log = Log("text", pipe[1])
    log._dropped = 7
    log.line(AT, "info", "on again", "")
    log.close()
    assert os.read(pipe[0], 1000).decode().splitlines() == [
        "2026-01-31T12:00:00.123Z warn  7 log lines were dropped",
        "2026-01-31T12:00:00.123Z info  on again",
    ]


def test_a_reader_that_has_gone_is_no_error(pipe: tuple[int, int]):
    os.close(pipe[0])
    log = Log("text", pipe[1])
    for _ in range(3):
        log.line(AT, "info", "x", "")
    log.close()
