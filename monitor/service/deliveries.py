"""Decides which daemon of a cluster sends an alert: the leader, unless another has sent it already."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import blake2b

import msgspec

from monitor.alerts.outbox import Item
from monitor.model import Entry, Kind

Put = Callable[[str, bytes], object]

_APART = 120.0
"""Seconds by which two daemons may differ about the time of the same event."""


class Deliveries:
    """The entries that were delivered, by any daemon. ``leads`` says whether this one may send."""

    def __init__(self, leads: Callable[[], bool]) -> None:
        self._leads = leads
        self._put: Put | None = None
        self._delivered: dict[str, float] = {}
        """Entry -> the time of its message."""

    def share(self, put: Put) -> None:
        """Share each delivery from now on."""
        self._put = put

    def changed(self, key: str, value: bytes) -> None:
        """Note an entry that another daemon delivered."""
        try:
            self._delivered[key] = msgspec.json.decode(value, type=float)
        except msgspec.MsgspecError:
            self._delivered.pop(key, None)

    @property
    def may_send(self) -> bool:
        return self._leads()

    def note(self, item: Item) -> None:
        """Note and share that this daemon delivered ``item``."""
        for key, _ in _keys(item):
            self._delivered[key] = item.message.at
            if self._put:
                self._put(key, msgspec.json.encode(item.message.at))

    def covers(self, item: Item) -> bool:
        """Whether every entry of ``item`` was delivered already."""
        keys = list(_keys(item))
        return bool(keys) and all(self._has(key, entry, item.message.at) for key, entry in keys)

    def _has(self, key: str, entry: Entry, at: float) -> bool:
        delivered = self._delivered.get(key)
        if delivered is None:
            return False
        once = entry.incident and entry.kind is not Kind.REMINDER
        return bool(once) or delivered >= at - _APART


def _keys(item: Item) -> Iterator[tuple[str, Entry]]:
    for entry in item.message.entries:
        which = entry.text[:5] if entry.kind in (Kind.FLAPPING, Kind.SLOWER) else ""  # it began, or ended
        parts = (item.message.alert, entry.endpoint, entry.kind, entry.incident, which)
        yield blake2b("\0".join(parts).encode(), digest_size=16).hexdigest(), entry
