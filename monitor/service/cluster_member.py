"""A daemon's part in a cluster: reads results, leads if it holds the lease, and checks for its location."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

from monitor.cluster.agent import Agent
from monitor.cluster.connection import connect, process_name, reason_of, when_new
from monitor.cluster.orders import Orders, Place, check_now
from monitor.cluster.protocol import Report
from monitor.cluster.reader import Results
from monitor.cluster.shared import Lease, Shared
from monitor.cluster.streams import DELIVERED, DELIVERED_SECONDS, streams_made
from monitor.engine import Engine
from monitor.model import Config, Endpoint
from monitor.model.events import DomainEvent, EndpointAdded, EndpointChanged, EndpointRemoved, PauseChanged
from monitor.service.locations import Locations, is_shared
from monitor.service.shared_values import Deliveries, SharedMarks
from monitor.store.history import History

SEQUENCE = "cluster"
"""The name of the history's document with the number of the last result read."""
TICK = 1.0
_AGAIN = 5.0
_PLANS = (EndpointAdded, EndpointChanged, EndpointRemoved, PauseChanged)
"""Events that change the checks to order."""


class ClusterMember:
    """The cluster of one daemon. Made before its engine, whose ``remote`` it is."""

    def __init__(self, config: Config) -> None:
        assert config.cluster
        self._cluster = config.cluster
        self._history: History | None = None
        self._planned = False
        self._running: asyncio.Task[None] | None = None
        self._agent: Agent | None = None
        self._orders: Orders | None = None
        self._results: Results | None = None
        self._lease: Lease | None = None
        self._requests: set[asyncio.Task[None]] = set()
        self._shared: Shared | None = None
        self._unshared: dict[str, bytes] = {}
        """Marks made before there was a connection."""
        self._delivered: Shared | None = None
        self.deliveries = Deliveries(self._may_send)
        """Decides whether this daemon sends an alert."""

    # ── what the engine asks for ────────────────────────────────────────────────────────────────

    def handles(self, endpoint: Endpoint) -> bool:
        """Whether agents check this endpoint."""
        return is_shared(endpoint)

    def check(self, endpoint: Endpoint, delay: float) -> None:
        """Ask every location to check an endpoint. With a ``delay``, only the leading daemon asks."""
        if self._orders is None:
            return
        at = self._engine.clock() + delay
        for location in self._locations.of(endpoint):
            place = Place(location, endpoint.id)
            if delay:
                self._orders.check(place, at)
            else:
                self._request(place)

    def _request(self, place: Place) -> None:
        task = asyncio.create_task(self._check_now(place))
        self._requests.add(task)
        task.add_done_callback(self._requests.discard)

    async def _check_now(self, place: Place) -> None:
        try:
            await check_now(self._client.jetstream(), place)
        except Exception as error:  # noqa: BLE001 -- the next slot will do
            self._note("warn", f"a check of {place.endpoint} cannot be asked for: {reason_of(error)}")

    # ── at work ─────────────────────────────────────────────────────────────────────────────────

    def begin(self, engine: Engine, history: History | None) -> None:
        """Join the cluster, once the engine has started."""
        self._engine = engine
        self._history = history
        self._locations = Locations(engine, self)
        self._marks = SharedMarks(engine)
        self._marks.share(self._share_mark)
        engine.publisher.subscribe(self._notice, *_PLANS)
        self._running = asyncio.create_task(self._run())

    def use(self, config: Config) -> None:
        """Apply another config."""
        if self._agent:
            self._agent.use(config)

    async def close(self) -> None:
        """Leave the cluster."""
        if self._running:
            self._running.cancel()
            await asyncio.wait([self._running])

    @property
    def leads(self) -> bool:
        """Whether this daemon gives the orders and sends the alerts."""
        return self._lease is not None and self._lease.held

    def _may_send(self) -> bool:
        return self.leads and self._delivered is not None and self._delivered.caught_up

    def _note(self, level: str, text: str) -> None:
        self._engine.event_log.note(level, text)

    def _notice(self, event: DomainEvent) -> None:
        if isinstance(event, _PLANS):
            self._planned = False
        if isinstance(event, EndpointRemoved | EndpointChanged):
            self._locations.forget(event.endpoint)

    async def _run(self) -> None:
        note = when_new(self._note)
        while True:
            try:
                await self._take_part()
            except Exception as error:  # noqa: BLE001 -- somebody may put it right meanwhile
                note("bad", f"the cluster cannot be used: {reason_of(error)}; trying again")
            await asyncio.sleep(_AGAIN)

    async def _take_part(self) -> None:
        name = process_name()
        self._client = await connect(self._cluster, f"monitor daemon {name}", self._note)
        try:
            await streams_made(self._client.jetstream(), self._note)
            await _together(self._works(name))
        finally:
            await self._client.close()

    def _works(self, name: str) -> list[Coroutine[Any, Any, None]]:
        """The tasks that a daemon runs concurrently."""
        self._planned = False
        self._lease = Lease(self._client.jetstream(), name)
        self._orders = Orders(self._client, lambda: self.leads, self._engine.clock, self._note)
        self._results = Results(
            self._client, self._saved_sequence(), self._report, self._locations.beat, self._note
        )
        works = [self._lease.keep(), self._orders.run(), self._results.run(), self._tick_on()]
        if self._cluster.location:
            works.append(self._checks(self._cluster.location))
        return [*works, *self._shares()]

    def _shares(self) -> list[Coroutine[Any, Any, None]]:
        """The values that the daemons share with one another."""
        self._shared = Shared(self._client, self._marks.changed, self._note)
        for key, value in self._unshared.items():
            self._shared.put(key, value)
        self._unshared.clear()
        self._delivered = Shared(
            self._client, self.deliveries.changed, self._note, name=DELIVERED, ttl=DELIVERED_SECONDS
        )
        self.deliveries.share(self._delivered.put)
        return [self._shared.run(), self._delivered.run()]

    def _share_mark(self, key: str, value: bytes) -> None:
        if self._shared:
            self._shared.put(key, value)
        else:
            self._unshared[key] = value

    def _checks(self, location: str) -> Coroutine[Any, Any, None]:
        self._agent = Agent(self._engine.config, location, self._client, self._note, clock=self._engine.clock)
        return self._agent.run()

    def _report(self, location: str, report: Report, at: float) -> None:
        """Count a result, and store its place in the stream with it: the next run reads on from there."""
        self._locations.report(location, report, at)
        if self._history and self._results:
            self._history.put(SEQUENCE, str(self._results.sequence).encode())

    def _saved_sequence(self) -> int:
        saved = self._history.document(SEQUENCE) if self._history else None
        return int(saved) if saved and saved.isdigit() else 0

    async def _tick_on(self) -> None:
        while True:
            self._tick()
            await asyncio.sleep(TICK)

    def _tick(self) -> None:
        if self._locations.tick():
            self._planned = False
        if self._orders and not self._planned and self._results and self._results.knows_agents:
            self._orders.want(dict(self._wanted()))
            self._planned = True

    def _wanted(self) -> Iterable[tuple[Place, float]]:
        for tracked in self._engine.endpoints.values():
            endpoint = tracked.endpoint
            if is_shared(endpoint) and not tracked.paused:
                for location in self._locations.of(endpoint):
                    yield Place(location, endpoint.id), endpoint.interval


async def _together(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all tasks until cancelled; if one ends, all end."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
