"""The far end of ssh://."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from monitor_command import monitor

from monitor.errors import LinkError
from monitor.link.frames import read_frame, write_frame
from monitor.link.messages import Changes, Done, Hello, Pause, Pull, Reload, Snapshot, decode_answer, encode
from monitor.link.relay import relay

READ_ONLY = Done(ok=False, text="this connection is read-only")


@asynccontextmanager
async def relayed(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A relay's process, as sshd starts it."""
    pipe = asyncio.subprocess.PIPE
    command = monitor("attach", "--stdio", *arguments)
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ask(process: asyncio.subprocess.Process, request: object) -> Any:
    assert process.stdin
    assert process.stdout
    await write_frame(process.stdin, encode(request))
    frame = await read_frame(process.stdout)
    assert frame is not None
    return decode_answer(frame)


async def test_a_dashboard_talks_to_the_engine_through_it(served: Any):
    async with relayed(str(served.socket)) as process:
        assert isinstance(await ask(process, Hello()), Snapshot)
        assert await ask(process, Pause(handles=(0,))) == Done(ok=True, text="paused 1 endpoint")
        assert isinstance(await ask(process, Pull()), Changes)


async def test_a_read_only_relay_lets_nothing_be_changed_whatever_the_other_side_says(served: Any):
    async with relayed(str(served.socket), "--read-only") as process:
        assert await ask(process, Pause(handles=(0,))) == READ_ONLY
        assert isinstance(await ask(process, Hello()), Snapshot)
        assert await ask(process, Reload()) == READ_ONLY
    assert served.reloads == 0


async def test_it_ends_when_its_input_does_and_the_engine_forgets_it(served: Any):
    async with relayed(str(served.socket)) as process:
        await ask(process, Hello())
        assert process.stdin
        process.stdin.close()
        assert await process.wait() == 0
    while served.engine._feeds:
        await asyncio.sleep(0)


async def test_it_ends_when_the_engine_does(served: Any):
    async with relayed(str(served.socket)) as process:
        await ask(process, Hello())
        await served.server.close()
        assert await process.wait() == 0


async def test_without_a_daemon_it_says_so(socket_path: Path):
    async with relayed(str(socket_path)) as process:
        _, said = await process.communicate()
        assert process.returncode == 2
        assert b"no daemon answers on" in said


def test_a_socket_that_is_none_is_a_link_error(tmp_path: Path):
    with pytest.raises(LinkError, match=r"no daemon answers on .*: No such file"):
        relay(tmp_path / "s", read_only=False, source=os.open(os.devnull, os.O_RDONLY))
