"""Checks for one location: takes due checks from JetStream, and publishes their results."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from monitor import __version__
from monitor.checks import run_probe as checks
from monitor.checks.check import RunProbe, check_safely, local_error
from monitor.checks.connectivity import Connectivity
from monitor.checks.limits import checks_at_once, raise_open_files
from monitor.cluster import protocol
from monitor.cluster.connection import Note, process_name, reason_of, when_new
from monitor.cluster.protocol import Beat, Due, InvalidMessageError, Report
from monitor.cluster.pull import Pull, position
from monitor.cluster.retrying import until_cancelled
from monitor.cluster.stream_publisher import StreamPublisher
from monitor.cluster.streams import ACK_WAIT, CHECKS, RESULTS, ensure_consumer, streams_there
from monitor.errors import crash
from monitor.judge.redaction import redacted
from monitor.model import Config, Endpoint, Result
from monitor.trace import Resources

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg

BEAT_EVERY = 3.0
"""Seconds between two signs of life."""
_BATCH = 100
"""Checks to ask for at once; the rest stays for the location's other agents."""
_AGAIN = 1.0
"""Seconds until the next try when JetStream does not answer."""
_PUBLISH_TIMEOUT = 3.0
"""Seconds; less than it takes until another agent gets the check."""


class Agent:
    """One of the agents of a location. ``clock`` gives seconds since the epoch."""

    def __init__(
        self,
        config: Config,
        location: str,
        client: Client,
        note: Note,
        *,
        clock: Callable[[], float],
        run_probe: RunProbe | None = None,
    ) -> None:
        self.name = protocol.token(process_name().replace(".", "-"))
        self.location = location
        self.checked = 0
        """Number of published results."""
        self._client = client
        self._js = client.jetstream()
        self._results = StreamPublisher(client, RESULTS, _PUBLISH_TIMEOUT)
        self._note = when_new(note)
        self._clock = clock
        self._run_probe = run_probe or partial(checks.run_probe, resources=Resources())
        self._connectivity = Connectivity(())
        self._in_flight: dict[str, _Check] = {}
        """By endpoint."""
        self._due: Pull | None = None
        self.use(config)

    def use(self, config: Config) -> None:
        """Check by ``config`` from now on."""
        self._endpoints: Mapping[str, Endpoint] = {one.id: one for one in config.endpoints}
        self._redact = config.redact
        self._most = checks_at_once(config.settings.max_concurrency, raise_open_files())
        self._connectivity = self._connectivity.asking(config.settings.connectivity)

    async def run(self) -> None:
        """Check until cancelled. The checks in flight are then left to the location's other agents."""
        works = (self._results.run(), self._beat_on(), self._keep_slow_checks())
        tasks = [asyncio.create_task(work) for work in works]
        try:
            await until_cancelled(self._take_checks, self._failed, _AGAIN)
        finally:
            for task in (*tasks, *(check.task for check in self._in_flight.values())):
                task.cancel()
            await self._beat(leaving=True)
            await self._connectivity.close()

    # ── signs of life ───────────────────────────────────────────────────────────────────────────

    async def _beat_on(self) -> None:
        while True:
            self._connectivity.look_again()
            await self._beat()
            await asyncio.sleep(BEAT_EVERY)

    async def _beat(self, *, leaving: bool = False) -> None:
        beat = Beat(
            agent=self.name, online=not self._connectivity.offline, leaving=leaving, version=__version__
        )
        with suppress(Exception):  # the connection notes that it is broken
            await self._client.publish(protocol.beat_subject(self.location, self.name), protocol.encode(beat))
            await self._client.flush(1)

    # ── checks ──────────────────────────────────────────────────────────────────────────────────

    async def _take_checks(self) -> None:
        await streams_there(self._js, self._note)
        consumer = await ensure_consumer(self._js, self.location)
        self._due = Pull(self._client, CHECKS, consumer, self._begin, self._room)
        await self._due.run()

    def _failed(self, error: Exception) -> None:
        if self._client.is_connected:
            self._note("warn", f"checks are asked for again: {reason_of(error)}")

    def _room(self) -> int:
        return min(self._most - len(self._in_flight), _BATCH)

    async def _keep_slow_checks(self) -> None:
        """Tell the server of slow checks, so that it gives them to no other agent."""
        while True:
            slow = list(self._in_flight.values())
            await asyncio.sleep(ACK_WAIT / 2)
            for check in slow:
                if not check.task.done():
                    await check.message.in_progress()

    async def _begin(self, message: Msg) -> None:
        try:
            id = protocol.decode(message.data, Due).endpoint
        except InvalidMessageError as error:
            self._note("warn", f"ignored an invalid message: {error}")
            await message.term()
            return
        if id in self._in_flight:  # the previous check takes longer than the interval
            await message.ack()
            return
        task = asyncio.create_task(self._answer(id, message))
        self._in_flight[id] = _Check(message, task)
        task.add_done_callback(partial(self._done, id))

    def _done(self, id: str, task: asyncio.Task[None]) -> None:
        del self._in_flight[id]
        if self._due:
            self._due.more()
        if not task.cancelled() and (error := task.exception()) and self._client.is_connected:
            self._note("warn", f"a result could not be published: {crash(error)}")

    async def _answer(self, id: str, message: Msg) -> None:
        """Check, publish, and only then acknowledge: if we die, another agent gets the check."""
        await self._publish(await self._check(id), message)
        await message.ack()

    async def _check(self, id: str) -> Result:
        endpoint = self._endpoints.get(id)
        if endpoint is None:
            text = f"the config of agent {self.name} has no such endpoint"
            return local_error(id, text, self._clock())
        result = await check_safely(endpoint, self._run_probe, self._connectivity, self._clock)
        return redacted(result, self._redact)

    async def _publish(self, result: Result, message: Msg) -> None:
        subject = protocol.result_subject(self.location, result.endpoint)
        report = protocol.encode(Report(agent=self.name, result=result))
        # A check that two agents made counts once: both results have the number of the same due message.
        await self._results.publish(subject, report, f"{self.location}.{position(message.reply).sequence}")
        self.checked += 1


class _Check(NamedTuple):
    """One check in flight, and the message that asked for it."""

    message: Msg
    task: asyncio.Task[None]
