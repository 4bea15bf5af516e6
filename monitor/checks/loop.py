"""The event loop that checks run in: it knows when it was too busy to see to them.

An answer that comes while the loop does something else is seen when that is over, and its latency
is longer by as much. :func:`run` runs a program in a loop whose selector notes each time that it
was kept from looking; :func:`busy_since` tells what that can have added to a check.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Coroutine
from selectors import DefaultSelector, SelectorKey
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

STALL = 0.005
"""Seconds of not looking that are worth noting."""
_KEPT = 256

T = TypeVar("T")


class _Selector(DefaultSelector):
    """A selector that notes when nobody asked it, and when it was not let run itself.

    Moments are of ``time.perf_counter``.
    """

    def __init__(self) -> None:
        super().__init__()
        self._stalls: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        self._woken = time.perf_counter()

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        asked = time.perf_counter()
        self._note(self._woken, asked)
        found = super().select(timeout)
        self._woken = time.perf_counter()
        if not found and timeout is not None:  # it should have been back by then
            self._note(asked + max(timeout, 0.0), self._woken)
        return found

    def _note(self, since: float, until: float) -> None:
        if until - since >= STALL:
            self._stalls.append((since, until))

    def busy_since(self, began: float) -> float:
        """Seconds from ``began`` to now that were lost in stalls, the present one included."""
        now = time.perf_counter()
        lost = now - max(self._woken, began) if now - self._woken >= STALL else 0.0
        for since, until in reversed(self._stalls):
            if until <= began:
                break
            lost += until - max(since, began)
        return lost if lost >= STALL else 0.0


_selectors: WeakKeyDictionary[asyncio.AbstractEventLoop, _Selector] = WeakKeyDictionary()


def new_loop() -> asyncio.AbstractEventLoop:
    """An event loop that :func:`busy_since` can be asked about."""
    selector = _Selector()
    loop = asyncio.SelectorEventLoop(selector)
    _selectors[loop] = selector
    return loop


def run(main: Coroutine[Any, Any, T]) -> T:
    """As ``asyncio.run``, in a loop of :func:`new_loop`."""
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(main)


def busy_since(began: float) -> float:
    """Seconds since ``began`` (``time.perf_counter``) that the running loop did not look at events.

    In stalls of :data:`STALL` and more, and 0 when they make less than that; 0 as well in a loop that
    is not of :func:`new_loop`.
    """
    selector = _selectors.get(asyncio.get_running_loop())
    return 0.0 if selector is None else selector.busy_since(began)
