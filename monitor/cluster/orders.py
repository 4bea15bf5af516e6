"""The leading daemon's work: stores the schedules of all checks in JetStream, and asks for single checks.

JetStream repeats a schedule from the moment at which it was stored, the first time an interval later.
Schedules are therefore stored one by one, each together with a check at the endpoint's own moment within its
interval, so that checks are spread over it. A server that was killed repeats all of them from the moment of
its new start, unless another one has a copy: then they are stored again.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from monitor.cluster import protocol
from monitor.cluster.connection import Note, reason_of, server_id, when_new
from monitor.cluster.protocol import Due
from monitor.cluster.retrying import until_cancelled
from monitor.cluster.streams import CHECKS, LEASE_SECONDS, ensure_streams
from monitor.engine.schedule import SPREAD, grid, soon

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext

TICK = 0.1
_PER_FIRST_CHECK = 0.001
"""Seconds between the first checks of two places, if there are too many for :data:`SPREAD`."""
_AT_ONCE = 500
"""Messages to publish before waiting for the first answer."""
_AGAIN = 2.0
_PAGE = 100_000
_LONGEST_BREAK = 2 * LEASE_SECONDS
"""Seconds within which a server that was killed is back and has a leader again."""


class Place(NamedTuple):
    """An endpoint at a location."""

    location: str
    endpoint: str


class _Order(NamedTuple):
    at: float
    place: Place
    repeat: bool
    """Whether to check repeatedly from then on; otherwise once."""


class Orders:
    """Keeps the stored schedules equal to the wanted ones, while ``leads()`` says that this daemon leads."""

    def __init__(
        self, client: Client, leads: Callable[[], bool], clock: Callable[[], float], note: Note
    ) -> None:
        self._client = client
        self._js = client.jetstream()
        self._leads = leads
        self._clock = clock
        self._note = when_new(note)
        self._wanted: Mapping[Place, float] | None = None
        """Place -> interval; None: not known yet, and what is stored stays."""
        self._stored: dict[Place, float] | None = None
        """The schedules that are stored or about to be; None: not known yet."""
        self._changed = False
        """Whether what is wanted has changed since it was compared with what is stored."""
        self._orders: list[_Order] = []
        self._connections = client.stats["reconnects"]
        self._server = server_id(client)
        """The server whose schedules are spread over their intervals."""
        self._lost: float | None = None
        """When the connection was lost; None once this daemon has led since."""

    def want(self, wanted: Mapping[Place, float]) -> None:
        """Check each place at its interval, and no others."""
        self._wanted = dict(wanted)
        self._changed = True

    def check(self, place: Place, at: float) -> None:
        """Check a place once at a moment."""
        heapq.heappush(self._orders, _Order(at, place, repeat=False))

    async def run(self) -> None:
        """Store schedules and ask for checks while this daemon leads; until cancelled."""
        await until_cancelled(self._step, self._failed, _AGAIN)

    def _failed(self, error: Exception) -> None:
        self._note("warn", f"orders cannot be stored: {reason_of(error)}")
        self._stored = None

    async def _step(self) -> None:
        await asyncio.sleep(TICK)
        if (connections := self._client.stats["reconnects"]) != self._connections:
            self._connections = connections
            self._stored = None  # a new server may have lost it
        if not self._client.is_connected:
            self._stored = None
            self._lost = self._lost or self._clock()
            return
        if not self._leads():
            self._stored = None
            self._orders.clear()
            return
        if self._wanted is not None:
            await self._follow(self._wanted)
        await self._give()

    async def _follow(self, wanted: Mapping[Place, float]) -> None:
        """Remove the schedules that are no longer wanted, and plan those that are missing."""
        if self._stored is None:
            await ensure_streams(self._js)
            self._stored = await self._read_schedules(wanted)
            if (server := server_id(self._client)) != self._server:
                if await self._has_no_copy():
                    self._spread(self._stored)
                self._server = server
            self._lost = None
            self._changed = True
        if self._changed:
            self._changed = False
            await self._remove(self._stored, wanted)
            self._plan(self._stored, wanted)

    async def _read_schedules(self, wanted: Mapping[Place, float]) -> dict[Place, float]:
        """The schedules that another leader stored and that fit the config; the others are removed."""
        places = {protocol.schedule_subject(*place, interval): place for place, interval in wanted.items()}
        stored = await subjects(self._client, "monitor.at.>")
        for subject in stored - places.keys():
            await self._purge(subject)
        return {place: wanted[place] for subject, place in places.items() if subject in stored}

    async def _has_no_copy(self) -> bool:
        """Whether the server is the only one that has the schedules."""
        return ((await self._js.stream_info(CHECKS)).config.num_replicas or 1) == 1

    def _spread(self, stored: Mapping[Place, float]) -> None:
        """Store all schedules again, each at its moment. Moments during the break are made up for at once."""
        now = self._clock()
        away = min(now - (self._lost or now), _LONGEST_BREAK)
        for place, interval in stored.items():
            slot = _slot(place, interval, now - away)
            heapq.heappush(self._orders, _Order(slot if slot > now else slot + away, place, repeat=True))

    async def _remove(self, stored: dict[Place, float], wanted: Mapping[Place, float]) -> None:
        gone = [place for place, interval in stored.items() if wanted.get(place) != interval]
        for place in gone:
            await self._purge(protocol.schedule_subject(*place, stored.pop(place)))

    async def _purge(self, subject: str) -> None:
        await self._js.purge_stream(CHECKS, subject=subject)

    def _plan(self, stored: dict[Place, float], wanted: Mapping[Place, float]) -> None:
        now = self._clock()
        planned = {order.place for order in self._orders if order.repeat}
        lacking = [place for place in wanted if place not in stored]
        within = max(SPREAD, len(lacking) * _PER_FIRST_CHECK)
        for place in lacking:
            interval = stored[place] = wanted[place]
            if place in planned:
                continue
            first, slot = soon(place.endpoint, interval, now, within), _slot(place, interval, now)
            heapq.heappush(self._orders, _Order(slot, place, repeat=True))
            if first < slot:
                self.check(place, first)

    async def _give(self) -> None:
        now = self._clock()
        while self._orders and self._orders[0].at <= now and self._leads():
            batch: list[_Order] = []
            while self._orders and self._orders[0].at <= now and len(batch) < _AT_ONCE:
                batch.append(heapq.heappop(self._orders))
            await self._publish_all(batch)

    async def _publish_all(self, batch: list[_Order]) -> None:
        """Publish orders; those that fail stay, and the first failure is raised."""
        outcomes = await asyncio.gather(*map(self._publish, batch), return_exceptions=True)
        failures = [
            (order, outcome)
            for order, outcome in zip(batch, outcomes, strict=True)
            if isinstance(outcome, BaseException)
        ]
        for order, _ in failures:
            heapq.heappush(self._orders, order)
        if failures:
            raise failures[0][1]

    async def _publish(self, order: _Order) -> None:
        if order.repeat:
            interval = (self._wanted or {}).get(order.place)
            if interval is None:
                return
            await self._schedule(order.place, interval)
        await check_now(self._js, order.place)

    async def _schedule(self, place: Place, interval: float) -> None:
        headers = {
            "Nats-Schedule": _every(interval),
            "Nats-Schedule-Target": protocol.due_subject(*place),
            # A check that no agent took expires before the next one.
            "Nats-Schedule-TTL": f"{max(1, int(interval))}s",
        }
        body = protocol.encode(Due(endpoint=place.endpoint))
        subject = protocol.schedule_subject(*place, interval)
        await self._js.publish(subject, body, stream=CHECKS, headers=headers)


def _slot(place: Place, interval: float, now: float) -> float:
    """The next of the endpoint's moments, which are the same for every leader."""
    return grid(place.endpoint, interval, 0.0).after(now)


def _every(interval: float) -> str:
    return f"@every {round(interval * 1000)}ms"


async def subjects(client: Client, under: str) -> set[str]:
    """The subjects of stored checks and schedules; the server gives at most 100,000 in one answer."""
    found: set[str] = set()
    while True:
        request = msgspec.json.encode({"subjects_filter": under, "offset": len(found)})
        answer = await client.request(f"$JS.API.STREAM.INFO.{CHECKS}", request, timeout=10)
        page = msgspec.json.decode(answer.data).get("state", {}).get("subjects") or {}
        found |= page.keys()
        if len(page) < _PAGE:
            return found


async def check_now(js: JetStreamContext, place: Place) -> None:
    """Have a place checked once, now."""
    body = protocol.encode(Due(endpoint=place.endpoint))
    await js.publish(protocol.due_subject(*place), body, stream=CHECKS)
