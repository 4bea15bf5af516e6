"""Objects that belong to an event loop, found quickly and released with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary, ref

T = TypeVar("T")


class PerLoop(Generic[T]):
    """One object for each event loop; ``make`` creates it when it is first asked for.

    Every check asks several times, nearly always in the same loop. So the last answer is kept beside the
    dictionary, whose look-up takes five times as long.
    """

    def __init__(self, make: Callable[[asyncio.AbstractEventLoop], T]) -> None:
        self._make = make
        self._known: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()
        self._last: tuple[Callable[[], object], T] | None = None
        """The loop that was asked for last, and its object. Replaced as a whole: threads have loops too."""

    def __call__(self) -> T:
        """The object of the running loop."""
        return self.of(asyncio.get_running_loop())

    def of(self, loop: asyncio.AbstractEventLoop) -> T:
        """The object of ``loop``, the running one. In Python 3.11, asking which one runs is a system call."""
        last = self._last
        if last is not None and last[0]() is loop:
            return last[1]
        return self._find(loop)

    def _find(self, loop: asyncio.AbstractEventLoop) -> T:
        found = self._known.get(loop)
        if found is None:
            found = self._known[loop] = self._make(loop)
        self._last = ref(loop, self._release), found
        return found

    def _release(self, gone: object) -> None:
        """Drop the object of a closed loop."""
        last = self._last
        if last is not None and last[0] is gone:
            self._last = None
