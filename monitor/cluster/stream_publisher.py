"""Stores messages in a stream: they leave together, and each sender waits for the stream's own answer.

nats-py's ``publish`` of JetStream sends each message by itself, with a timer and an inbox of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from monitor.cluster.connection import ClusterError
from monitor.text import plain

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg

TOGETHER = 0.02
"""Seconds that messages wait for others to leave with them."""
_LOOK = 0.5
"""Seconds between two looks for answers that are overdue."""


class _Refusal(msgspec.Struct):
    description: str = ""


class _Answer(msgspec.Struct):
    """The server's answer to a message: the stream that it is in now, or an error."""

    stream: str = ""
    error: _Refusal | None = None


class _Unsent(NamedTuple):
    number: int
    subject: str
    data: bytes
    headers: Mapping[str, str]


class _Waiting(NamedTuple):
    answer: asyncio.Future[None]
    until: float
    """By the clock of the event loop."""


class StreamPublisher:
    """Publishes to ``stream``; without an answer within ``patience`` seconds, a message has failed."""

    def __init__(self, client: Client, stream: str, patience: float) -> None:
        self._client = client
        self._stream = stream
        self._patience = patience
        self._inbox = ""
        self._unsent: list[_Unsent] = []
        self._waiting: dict[int, _Waiting] = {}
        """By number, the oldest first."""
        self._count = 0
        self._sending: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Receive answers until cancelled. Only then can messages be published."""
        inbox = self._client.new_inbox()
        subscription = await self._client.subscribe(f"{inbox}.*", cb=self._answered, pending_msgs_limit=-1)
        self._inbox = inbox
        try:
            while True:
                await asyncio.sleep(_LOOK)
                self._give_up(asyncio.get_running_loop().time())
        finally:
            if self._sending:
                self._sending.cancel()
            self._give_up(float("inf"))
            await subscription.unsubscribe()

    async def publish(self, subject: str, data: bytes, id: str) -> None:
        """Return once the message is in the stream; a second one with its ``id`` is not stored again.

        Raises ClusterError if it is not, or if nobody says so.
        """
        loop = asyncio.get_running_loop()
        self._count += 1
        self._unsent.append(_Unsent(self._count, subject, data, {"Nats-Msg-Id": id}))
        waiting = self._waiting[self._count] = _Waiting(loop.create_future(), loop.time() + self._patience)
        if self._sending is None:
            self._sending = loop.create_task(self._send())
        await waiting.answer

    async def _send(self) -> None:
        await asyncio.sleep(TOGETHER)
        self._sending, unsent, self._unsent = None, self._unsent, []
        for number, subject, data, headers in unsent:
            try:
                await self._client.publish(subject, data, f"{self._inbox}.{number}", dict(headers))
            except Exception as error:  # noqa: BLE001 -- nats-py has many
                self._settle(number, plain(str(error) or type(error).__name__))

    async def _answered(self, message: Msg) -> None:
        number = message.subject.rpartition(".")[2]
        if number.isascii() and number.isdecimal():
            self._settle(int(number[:20]), self._trouble(message))

    def _trouble(self, message: Msg) -> str:
        """Why a message is not in the stream; empty if it is."""
        if message.headers:
            return plain(f"the stream {self._stream} does not answer: {message.headers.get('Status', '')}")
        try:
            answer = msgspec.json.decode(message.data, type=_Answer)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            return "an answer that is none of JetStream's"
        if answer.error is not None:
            return plain(answer.error.description) or "the stream refuses it"
        return "" if answer.stream == self._stream else f"it is not in the stream {self._stream}"

    def _settle(self, number: int, trouble: str) -> None:
        waiting = self._waiting.pop(number, None)
        if waiting is None or waiting.answer.done():
            return
        if trouble:
            waiting.answer.set_exception(ClusterError(trouble))
        else:
            waiting.answer.set_result(None)

    def _give_up(self, now: float) -> None:
        for number, waiting in list(self._waiting.items()):
            if waiting.until > now:
                return
            self._settle(number, f"the stream {self._stream} does not answer")
