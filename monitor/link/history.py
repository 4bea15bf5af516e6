"""A dashboard's way to the history: the file on this machine, or the relay's on another one.

The engine is not involved: it must not pay for charts of a year.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import msgspec

from monitor.errors import LinkError
from monitor.link.frames import Stream, read_frame, write_frame
from monitor.store import past
from monitor.store.past import Answer, Question, Unanswered
from monitor.text import plain

OPEN = msgspec.msgpack.encode({"type": "OpenHistory"})
"""The first frame of a connection that asks the relay for the history instead of the daemon."""
_PATIENCE = 15.0


class History(Protocol):
    """Answers questions about the past."""

    async def ask(self, question: Question) -> Answer:
        """Never raises; a history that cannot be read is :class:`Unanswered`."""


def why_unanswered(answer: object) -> str:
    """Why the history did not answer, as one line of plain text."""
    return plain(answer.text) if isinstance(answer, Unanswered) else "the history cannot be read"


class LocalHistory:
    """The history in a file of this machine, read in a thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def ask(self, question: Question) -> Answer:
        return await asyncio.to_thread(past.answer, self._path, question)


class RemoteHistory:
    """The history on another machine, over a connection of its own to the relay there."""

    def __init__(self, dial: Callable[[], Awaitable[Stream]]) -> None:
        self._dial = dial
        self._turn = asyncio.Lock()
        self._stream: Stream | None = None

    async def ask(self, question: Question) -> Answer:
        async with self._turn:
            try:
                async with asyncio.timeout(_PATIENCE):
                    return await self._exchange(question)
            except (OSError, LinkError, TimeoutError, msgspec.MsgspecError) as error:
                self._hang_up()
                return Unanswered(text=f"the history cannot be reached: {str(error) or 'no answer'}")
            except asyncio.CancelledError:
                self._hang_up()  # the late answer would be taken for the next one
                raise

    async def _exchange(self, question: Question) -> Answer:
        stream = self._stream or await self._open()
        await write_frame(stream[1], past.encode(question))
        answer: Answer = past.decode_answer(await _next(stream[0]))
        return answer

    async def _open(self) -> Stream:
        stream = self._stream = await self._dial()
        await write_frame(stream[1], OPEN)
        return stream

    def _hang_up(self) -> None:
        if self._stream:
            self._stream[1].close()
            self._stream = None


async def _next(reader: asyncio.StreamReader) -> bytes:
    frame = await read_frame(reader)
    if frame is None:
        raise LinkError("the connection ended")
    return frame
