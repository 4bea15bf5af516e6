"""A dashboard's way to the history, here and through a real relay."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scripted_month import SINCE, UNTIL

from monitor.link.frames import Stream, read_frame, write_frame
from monitor.link.history import OPEN, LocalHistory, RemoteHistory
from monitor.link.messages import Hello, Snapshot, decode_answer, encode
from monitor.link.relay import _OPEN_HISTORY
from monitor.store.past import GetPast, Past, Question, Unanswered
from monitor.store.travel import (
    GetPastDetail,
    GetPastIncidents,
    GetPastLog,
    GetPastStates,
    GetStateChange,
)

QUESTION = GetPast(endpoint="shop", since=SINCE, until=UNTIL, parts=31)


class Relays:
    """Starts relays as sshd does; each is a connection."""

    def __init__(self, socket: Path, stack: AsyncExitStack) -> None:
        self.socket = socket
        self.started: list[asyncio.subprocess.Process] = []
        self._stack = stack

    async def dial(self) -> Stream:
        pipe = asyncio.subprocess.PIPE
        command = [
            sys.executable,
            "-P",
            "-m",
            "monitor",
            "attach",
            "--stdio",
            "--read-only",
            str(self.socket),
        ]
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
        self.started.append(process)
        self._stack.push_async_callback(_end, process)
        assert process.stdin
        assert process.stdout
        return process.stdout, process.stdin


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.communicate()


@pytest.fixture
async def relays(served: Any, month: Path) -> AsyncIterator[Relays]:
    settings = replace(served.engine.config.settings, history=str(month))
    served.engine.config = replace(served.engine.config, file="/etc/monitor.toml", settings=settings)
    async with AsyncExitStack() as stack:
        yield Relays(served.socket, stack)


async def test_a_history_on_this_machine_is_read_from_its_file(month: Path):
    found = await LocalHistory(month).ask(QUESTION)
    assert isinstance(found, Past)
    assert len(found.parts) == 31


async def test_the_relay_answers_as_the_file_does_on_one_connection(relays: Relays, month: Path):
    remote = RemoteHistory(relays.dial)
    assert await remote.ask(QUESTION) == await LocalHistory(month).ask(QUESTION)
    await remote.ask(QUESTION)
    assert len(relays.started) == 1


@pytest.mark.parametrize(
    "question",
    [
        GetPastStates(moment=UNTIL - 3600),
        GetPastDetail(endpoint="shop", moment=UNTIL - 3600),
        GetPastIncidents(moment=UNTIL),
        GetPastLog(moment=UNTIL),
        GetStateChange(moment=UNTIL, later=False),
    ],
    ids=lambda question: type(question).__name__,
)
async def test_time_travel_goes_through_the_relay_as_well(relays: Relays, month: Path, question: Question):
    found = await RemoteHistory(relays.dial).ask(question)
    assert not isinstance(found, Unanswered)
    assert found == await LocalHistory(month).ask(question)


async def test_a_relay_that_was_killed_is_an_answer_and_the_next_question_starts_another(relays: Relays):
    remote = RemoteHistory(relays.dial)
    await remote.ask(QUESTION)
    relays.started[0].kill()
    assert isinstance(await remote.ask(QUESTION), Unanswered)
    assert isinstance(await remote.ask(QUESTION), Past)


async def test_a_question_that_was_given_up_does_not_answer_the_next_one(relays: Relays):
    remote = RemoteHistory(relays.dial)
    await remote.ask(QUESTION)
    given_up = asyncio.create_task(remote.ask(QUESTION))
    await asyncio.sleep(0)
    given_up.cancel()
    found = await remote.ask(GetPast(endpoint="shop", since=SINCE, until=UNTIL, parts=3))
    assert isinstance(found, Past)
    assert len(found.parts) == 3


async def test_a_daemon_that_cannot_be_reached_is_an_answer():
    async def dial() -> Stream:
        raise ConnectionRefusedError(111, "Connection refused")

    found = await RemoteHistory(dial).ask(QUESTION)
    assert isinstance(found, Unanswered)
    assert "cannot be reached" in found.text


async def test_a_relay_ends_with_an_invalid_question(relays: Relays):
    reader, writer = await relays.dial()
    await write_frame(writer, OPEN)
    await write_frame(writer, b"\xc1")
    assert await read_frame(reader) is None


async def test_another_first_message_goes_to_the_daemon(relays: Relays):
    reader, writer = await relays.dial()
    await write_frame(writer, encode(Hello()))
    frame = await read_frame(reader)
    assert frame is not None
    assert isinstance(decode_answer(frame), Snapshot)


def test_the_relay_knows_the_first_message():
    assert _OPEN_HISTORY == OPEN
