"""Reads the agents' signs of life and the results of their checks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from monitor.cluster import protocol
from monitor.cluster.connection import Note
from monitor.cluster.protocol import Beat, InvalidMessageError, Report
from monitor.cluster.reader import Reader
from monitor.cluster.streams import RESULTS

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg


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
