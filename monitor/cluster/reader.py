"""Reads any stream in order, also after a lost connection, and from streams the results of the agents."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from monitor.cluster import protocol
from monitor.cluster.connection import Note, reason_of, when_new
from monitor.cluster.protocol import Beat, InvalidMessageError, Report
from monitor.cluster.pull import Pull, position
from monitor.cluster.retrying import until_cancelled
from monitor.cluster.streams import RESULTS

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.js import JetStreamContext
    from nats.js.api import ConsumerConfig

_BATCH = 1000
_AGAIN = 1.0
_GONE_AFTER = 60.0
"""Seconds after which the server forgets a reader that no longer asks."""


class Reader:
    """Calls ``take`` with each message below ``subject`` and the time at which it was stored.

    ``sequence`` is the number of the last message that was read; with 0, reading begins with the last message
    of each subject.
    """

    def __init__(
        self,
        client: Client,
        stream: str,
        subject: str,
        take: Callable[[Msg, float], object],
        note: Note,
        sequence: int = 0,
    ) -> None:
        self.sequence = sequence
        self.caught_up = asyncio.Event()
        """Everything that was stored before the start has been read."""
        self._client = client
        self._stream = stream
        self._subject = subject
        self._take = take
        self._note = when_new(note)

    async def run(self) -> None:
        """Read until cancelled."""
        await until_cancelled(self._read, self._failed, _AGAIN)

    async def _read(self) -> None:
        js = self._client.jetstream()
        await self._begin_again_if_lost(js)
        info = await js.add_consumer(self._stream, self._consumer())
        if not info.num_pending:
            self.caught_up.set()
        await Pull(self._client, self._stream, info.name, self._arrived, lambda: _BATCH).run()

    def _failed(self, error: Exception) -> None:
        if self._client.is_connected:
            self._note("warn", f"the stream {self._stream} is read again: {reason_of(error)}")

    async def _begin_again_if_lost(self, js: JetStreamContext) -> None:
        """A stream that was lost and made again counts from 1."""
        state = (await js.stream_info(self._stream)).state
        if self.sequence > state.last_seq:
            self.sequence = 0

    def _consumer(self) -> ConsumerConfig:
        from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

        begin: dict[str, Any] = (
            {"deliver_policy": DeliverPolicy.BY_START_SEQUENCE, "opt_start_seq": self.sequence + 1}
            if self.sequence
            else {"deliver_policy": DeliverPolicy.LAST_PER_SUBJECT}
        )
        return ConsumerConfig(
            ack_policy=AckPolicy.NONE,
            filter_subject=self._subject,
            inactive_threshold=_GONE_AFTER,
            mem_storage=True,
            **begin,
        )

    async def _arrived(self, message: Msg) -> None:
        sequence, stored_at, pending = position(message.reply)
        if sequence > self.sequence:
            self.sequence = sequence
            self._take(message, stored_at)
        if not pending:
            self.caught_up.set()


class Results:
    """Calls ``reported`` with each result and ``beat`` with each sign of life.

    Both get the location from the subject, which the accounts of NATS protect, and the time at which the
    server stored the message. ``sequence`` is the number of the last result that an earlier run has read;
    with 0, reading begins with the last result of each endpoint and location.
    """

    def __init__(
        self,
        client: Client,
        sequence: int,
        reported: Callable[[str, Report, float], object],
        beat: Callable[[str, Beat, float], object],
        note: Note,
    ) -> None:
        self.refused = 0
        """Number of invalid messages."""
        self._reported = reported
        self._beat = beat
        self._note = note
        self._beats = Reader(client, RESULTS, "monitor.beat.>", self._take_beat, note)
        self._reports = Reader(client, RESULTS, "monitor.result.>", self._take_report, note, sequence)

    @property
    def knows_agents(self) -> bool:
        """Whether the last sign of life of every agent has been read."""
        return self._beats.caught_up.is_set()

    @property
    def sequence(self) -> int:
        """The number of the last result that was read."""
        return self._reports.sequence

    async def run(self) -> None:
        """Read until cancelled: first the signs of life, which say what locations a round waits for."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._beats.run())
            await self._beats.caught_up.wait()
            group.create_task(self._reports.run())

    def _take_beat(self, message: Msg, at: float) -> None:
        try:
            location = protocol.location_of(message.subject)
            self._beat(location, protocol.decode(message.data, Beat), at)
        except InvalidMessageError as error:
            self._refuse(error)

    def _take_report(self, message: Msg, at: float) -> None:
        try:
            location = protocol.location_of(message.subject)
            self._reported(location, protocol.received(message.data, at), at)
        except InvalidMessageError as error:
            self._refuse(error)

    def _refuse(self, error: InvalidMessageError) -> None:
        self.refused += 1
        if self.refused & (self.refused - 1) == 0:  # the 1st, 2nd, 4th …: a flood must not fill the log
            self._note("warn", f"ignored {self.refused} invalid messages; the last: {error}")
