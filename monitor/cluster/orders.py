"""The leading daemon's work: stores the schedules of all checks in JetStream, and asks for single checks.

JetStream repeats a schedule from the moment at which it was stored. Schedules are therefore stored one by
one, each endpoint's at its own moment within its interval, so that checks are spread over it.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from monitor.cluster import protocol
from monitor.cluster.connection import Note, reason_of, when_new
from monitor.cluster.protocol import Due
from monitor.cluster.streams import CHECKS, ensure_streams
from monitor.engine.schedule import SPREAD, share, soon

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext

TICK = 0.1
_PER_FIRST_CHECK = 0.001
"""Seconds that the first check of each place gets, if there are too many for :data:`SPREAD`."""
_AT_ONCE = 500
"""Messages that are published before the first answer is waited for."""
_AGAIN = 2.0
_PAGE = 100_000


class Place(NamedTuple):
    """An endpoint at a location."""

    location: str
    endpoint: str


class _Order(NamedTuple):
    at: float
    place: Place
    repeat: bool
    """A schedule; otherwise one check."""


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

    def want(self, wanted: Mapping[Place, float]) -> None:
        """Check each place at its interval, and no others."""
        self._wanted = dict(wanted)
        self._changed = True

    def check(self, place: Place, at: float) -> None:
        """Check a place once at a moment."""
        heapq.heappush(self._orders, _Order(at, place, repeat=False))

    async def run(self) -> None:
        """Store schedules and ask for checks while this daemon leads; until cancelled."""
        while True:
            try:
                await self._step()
            except Exception as error:  # noqa: BLE001 -- NATS may be away for hours
                self._note("warn", f"orders cannot be stored: {reason_of(error)}")
                self._stored = None
                await asyncio.sleep(_AGAIN)
            await asyncio.sleep(TICK)

    async def _step(self) -> None:
        if not self._client.is_connected:  # what was stored may be lost when it is back
            self._stored = None
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

    async def _remove(self, stored: dict[Place, float], wanted: Mapping[Place, float]) -> None:
        gone = [place for place, interval in stored.items() if wanted.get(place) != interval]
        for place in gone:
            await self._purge(protocol.schedule_subject(*place, stored.pop(place)))

    async def _purge(self, subject: str) -> None:
        await self._js.purge_stream(CHECKS, subject=subject)

    def _plan(self, stored: dict[Place, float], wanted: Mapping[Place, float]) -> None:
        now = self._clock()
        lacking = [place for place in wanted if place not in stored]
        within = max(SPREAD, len(lacking) * _PER_FIRST_CHECK)
        for place in lacking:
            interval = stored[place] = wanted[place]
            first = now + share(place.endpoint) * interval
            heapq.heappush(self._orders, _Order(first, place, repeat=True))
            self.check(place, soon(place.endpoint, interval, now, within))

    async def _give(self) -> None:
        now = self._clock()
        while self._orders and self._orders[0].at <= now and self._leads():
            batch: list[_Order] = []
            while self._orders and self._orders[0].at <= now and len(batch) < _AT_ONCE:
                batch.append(heapq.heappop(self._orders))
            await asyncio.gather(*map(self._publish, batch))

    async def _publish(self, order: _Order) -> None:
        if order.repeat:
            await self._schedule(order.place)
        else:
            await check_now(self._js, order.place)

    async def _schedule(self, place: Place) -> None:
        interval = self._wanted.get(place) if self._wanted else None
        if interval is None:
            return
        headers = {
            "Nats-Schedule": _every(interval),
            "Nats-Schedule-Target": protocol.due_subject(*place),
            # A check that nobody took is not made up for.
            "Nats-Schedule-TTL": f"{max(1, int(interval))}s",
        }
        body = protocol.encode(Due(endpoint=place.endpoint))
        subject = protocol.schedule_subject(*place, interval)
        await self._js.publish(subject, body, stream=CHECKS, headers=headers)


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
