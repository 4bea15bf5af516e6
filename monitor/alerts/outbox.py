"""The outbox: pending and failed messages, their order and their next attempts. Pure.

Messages about the same endpoint through the same alert keep their order. A failed one is tried again
with growing pauses for 24 hours. After two minutes its alert's fallback gets a copy with the same id, after
two more minutes the fallback's own fallback, and so on, no alert twice; the first one that arrives ends the
others. Moments are seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import dropwhile

import msgspec

from monitor.model import Kind, Message

PAUSES = (5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Seconds between attempts; the last value repeats."""
GIVEN_UP_AFTER = 24 * 3600.0
FALLBACK_AFTER = 120.0


class Stage(StrEnum):
    """The progress of a message."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"
    REPLACED = "replaced"
    """A later message replaces it, or another alert has delivered it."""


class Item(msgspec.Struct, kw_only=True):
    """A message and its attempts."""

    message: Message
    title: str
    text: str
    body: bytes
    alert: str
    """The alert to send through: the message's own, or a fallback."""
    stage: Stage = Stage.WAITING
    tries: int = 0
    next_at: float = 0.0
    error: str = ""
    """Why the last attempt failed."""
    ended_at: float | None = None
    added_at: float | None = None
    """When it entered the outbox."""
    path: tuple[str, ...] = ()
    """Of a fallback's copy: the alerts that had the message before, its own first."""
    fell_back: bool = False
    """Whether a fallback has a copy, or no fallback is left."""
    delivered_by: str = ""
    """The other alert that delivered the message."""

    @property
    def key(self) -> str:
        """The delivery's id; a fallback's copy has its own."""
        return self.message.id if self.alert == self.message.alert else f"{self.message.id}@{self.alert}"

    @property
    def endpoints(self) -> frozenset[str]:
        return frozenset(entry.endpoint for entry in self.message.entries)


class Outbox:
    """The unfinished messages. ``changed`` collects the items to store."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self._items = {item.key: item for item in items if item.stage is Stage.WAITING}
        self._in_flight: set[str] = set()
        self.changed: dict[str, Item] = {}
        self._end_delivered_elsewhere()

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def add(self, item: Item, at: float) -> None:
        """Queue ``item``. It replaces older items that it makes superfluous."""
        if item.key in self._items:
            return
        for older in list(self._items.values()) if _superfluous_after(item) else ():
            if older.key not in self._in_flight and _is_superseded(older, item):
                self._end(older, Stage.REPLACED, at)
        item.next_at = item.added_at = at
        self._items[item.key] = item
        self.changed[item.key] = item

    def due(self, at: float) -> list[Item]:
        """Take the items to send now; they are in flight from then on."""
        blocked: set[tuple[str, str]] = set()
        found = []
        for key, item in self._items.items():
            if item.next_at > at + PAUSES[-1]:  # the clock was set back meanwhile
                item.next_at = item.added_at = at
            lanes = {(item.alert, endpoint) for endpoint in item.endpoints}
            if not lanes & blocked and key not in self._in_flight and item.next_at <= at:
                found.append(item)
            blocked |= lanes
        self._in_flight.update(item.key for item in found)
        return found

    def delivered(self, key: str, at: float) -> Item | None:
        """Record a successful delivery."""
        item = self._landed(key)
        if item:
            self._end(item, Stage.SENT, at)
            self._end_copies(item, at)
        return item

    def _end_copies(self, sent: Item, at: float) -> None:
        """Drop the copies for other alerts, except those in flight."""
        for copy in [one for one in self._items.values() if one.message.id == sent.message.id]:
            copy.delivered_by, copy.ended_at = sent.alert, at
            self.changed[copy.key] = copy
            if copy.key not in self._in_flight:
                self._end(copy, Stage.REPLACED, at)

    def failed(self, key: str, error: str, at: float) -> Item | None:
        """Record a failed delivery."""
        item = self._landed(key)
        if item:
            item.next_at = at + PAUSES[min(item.tries, len(PAUSES) - 1)]
            item.tries += 1
            item.error = error
            self.changed[item.key] = item
            if item.delivered_by or self._is_superfluous(item):
                self._end(item, Stage.REPLACED, at)
            elif at - item.message.at >= GIVEN_UP_AFTER:
                self._end(item, Stage.GIVEN_UP, at)
        return item

    def _is_superfluous(self, item: Item) -> bool:
        """Whether a message that replaces ``item`` was queued while it was in flight."""
        later = dropwhile(lambda one: one is not item, self._items.values())
        return any(one is not item and _is_superseded(item, one) for one in later)

    def lost_all(self) -> None:
        """Queue the messages in flight again: the notifier died, and their outcome is unknown."""
        self._in_flight.clear()
        self._end_delivered_elsewhere()

    def _end_delivered_elsewhere(self) -> None:
        for item in [one for one in self._items.values() if one.delivered_by]:
            self._end(item, Stage.REPLACED, item.ended_at)

    def fall_back(self, fallbacks: Mapping[str, str], at: float) -> list[Item]:
        """Queue copies of late messages for their fallback alerts, and return them."""
        copies = []
        for item in [one for one in self._items.values() if _is_late(one, at)]:
            item.fell_back = True
            self.changed[item.key] = item
            path = (*item.path, item.alert)
            other = fallbacks.get(item.alert)
            if other and other not in path:
                copies.append(
                    Item(
                        message=item.message,
                        title=item.title,
                        text=item.text,
                        body=item.body,
                        alert=other,
                        path=path,
                    )
                )
        for copy in copies:
            self.add(copy, at)
        return copies

    def _landed(self, key: str) -> Item | None:
        self._in_flight.discard(key)
        return self._items.get(key)

    def _end(self, item: Item, stage: Stage, at: float | None) -> None:
        item.stage, item.ended_at = stage, at
        self._items.pop(item.key, None)
        self.changed[item.key] = item


_SUPERSEDES = {
    Kind.UP: frozenset({Kind.DOWN, Kind.REMINDER}),
    Kind.REMINDER: frozenset({Kind.REMINDER}),
}
"""Kind of all entries of a message -> kinds that need not be delivered once that message is queued."""


def _is_superseded(older: Item, newer: Item) -> bool:
    """Whether ``newer`` reports recoveries or repeats an outage, so that ``older`` need not be delivered."""
    same_rules = older.message.alert == newer.message.alert  # a fallback's copy is superseded as well
    return same_rules and _kinds(older) <= _superfluous_after(newer) and older.endpoints <= newer.endpoints


def _superfluous_after(item: Item) -> frozenset[Kind]:
    kinds = _kinds(item)
    return _SUPERSEDES.get(next(iter(kinds)), frozenset()) if len(kinds) == 1 else frozenset()


def _kinds(item: Item) -> frozenset[Kind]:
    return frozenset(entry.kind for entry in item.message.entries)


def _is_late(item: Item, at: float) -> bool:
    """Whether a message has waited long enough for its fallback."""
    if item.fell_back or not item.tries or item.delivered_by:
        return False
    return at - (item.message.at if item.added_at is None else item.added_at) >= FALLBACK_AFTER
