"""Hands each domain event to its subscribers.

Subscribers are called at once and must be quick. A subscriber that does slow work with events and must
not miss any takes them from an :class:`EventQueue`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

from monitor.model.events import DomainEvent

Subscriber = Callable[[DomainEvent], object]


class Publisher:
    """Passes events on, in order."""

    def __init__(self) -> None:
        self._subscriptions: list[tuple[Subscriber, tuple[type[DomainEvent], ...]]] = []
        self._subscribers: dict[type[DomainEvent], list[Subscriber]] = {}
        """Kind of event -> its subscribers; emptied at each subscription."""

    def subscribe(self, subscriber: Subscriber, *kinds: type[DomainEvent]) -> None:
        """Call ``subscriber`` with each event from now on, or with those of these ``kinds`` only."""
        self._subscriptions.append((subscriber, kinds))
        self._subscribers = {}

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Stop calling ``subscriber``."""
        self._subscriptions = [one for one in self._subscriptions if one[0] != subscriber]
        self._subscribers = {}

    def queue(self, limit: int) -> EventQueue:
        """A queue that receives each event from now on and holds at most ``limit``."""
        queue = EventQueue(limit)
        self.subscribe(queue.put)
        return queue

    def publish(self, events: Iterable[DomainEvent]) -> None:
        """Hand out ``events``."""
        for event in events:
            subscribers = self._subscribers.get(type(event))
            for subscriber in self._interested(type(event)) if subscribers is None else subscribers:
                subscriber(event)

    def _interested(self, kind: type[DomainEvent]) -> list[Subscriber]:
        found = [one for one, kinds in self._subscriptions if not kinds or kind in kinds]
        self._subscribers[kind] = found
        return found


class EventQueue:
    """A bounded queue of events for one consumer; when it is full, the oldest events are lost and counted."""

    def __init__(self, limit: int) -> None:
        self._events: deque[DomainEvent] = deque(maxlen=limit)
        self._arrived = asyncio.Event()
        self.lost = 0
        """Number of events lost because the consumer was too slow."""

    def __len__(self) -> int:
        return len(self._events)

    @property
    def behind(self) -> float:
        """The moment of the oldest waiting event, in seconds since the epoch; 0 if none waits."""
        return self._events[0].at if self._events else 0.0

    def put(self, event: DomainEvent) -> None:
        """Add one event."""
        if len(self._events) == self._events.maxlen:
            self.lost += 1
        self._events.append(event)
        self._arrived.set()

    async def take(self) -> list[DomainEvent]:
        """Take all waiting events; if there are none, wait for the first one."""
        await self._arrived.wait()
        self._arrived.clear()
        events = list(self._events)
        self._events.clear()
        return events
