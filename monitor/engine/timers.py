"""A queue of items with due times: one heap and one timer, however many items there are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Generic, TypeVar

OVERSLEPT = 2.0
"""Seconds by which the timer must be late for a standstill of this process."""

Item = TypeVar("Item", bound=Hashable)
HandOut = Callable[[Item, float], None]


class TimerQueue(Generic[Item]):
    """Hands out each item when it is due, by the loop's clock; an item is on it at most once.

    ``start(item, due)`` is called when an item is due. ``oversleep(item, due)`` is called instead
    after this process stood still, so that everything that became due meanwhile does not start
    at once.
    """

    def __init__(self, start: HandOut[Item], oversleep: HandOut[Item]) -> None:
        self._start = start
        self._oversleep = oversleep
        self._loop = asyncio.get_running_loop()
        self._due: dict[Item, float] = {}
        self._heap: list[tuple[float, int, Item]] = []
        self._order = count()
        self._timer: asyncio.Handle | None = None
        self._rings_at = 0.0
        """The time for which the timer is set: never in the past, so that our own lag is no standstill."""

    def put(self, item: Item, due: float) -> None:
        """Hand out ``item`` at ``due``, instead of its earlier due time if it had one."""
        self._due[item] = due
        heappush(self._heap, (due, next(self._order), item))
        self._tidy()
        if self._timer is None or due < self._rings_at:
            self._set_timer()

    def drop(self, item: Item) -> None:
        """Do not hand ``item`` out."""
        self._due.pop(item, None)
        self._tidy()

    def due(self, item: Item) -> float | None:
        """The due time of ``item``; None if it is not in the queue."""
        return self._due.get(item)

    def close(self) -> None:
        """Hand out nothing any more."""
        self._due.clear()
        self._heap.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _tidy(self) -> None:
        """Remove stale entries before they outweigh the rest."""
        if len(self._heap) <= 2 * len(self._due) + 64:
            return
        self._heap = [entry for entry in self._heap if self._holds(entry)]
        heapify(self._heap)

    def _holds(self, entry: tuple[float, int, Item]) -> bool:
        return self._due.get(entry[2]) == entry[0]

    def _set_timer(self) -> None:
        while self._heap and not self._holds(self._heap[0]):
            heappop(self._heap)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._heap:
            self._rings_at = max(self._heap[0][0], self._loop.time())
            self._timer = self._loop.call_at(self._rings_at, self._ring)

    def _ring(self) -> None:
        self._timer = None
        now = self._loop.time()
        hand_out = self._oversleep if now - self._rings_at > OVERSLEPT else self._start
        for item, due in self._take(now):
            hand_out(item, due)
        self._set_timer()

    def _take(self, now: float) -> list[tuple[Item, float]]:
        taken: list[tuple[Item, float]] = []
        while self._heap and self._heap[0][0] <= now:
            entry = heappop(self._heap)
            if self._holds(entry):
                del self._due[entry[2]]
                taken.append((entry[2], entry[0]))
        return taken
