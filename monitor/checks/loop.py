"""The event loop of checks, which records when it was too busy for them.

An answer that arrives while the loop is busy is noticed afterwards, and its latency grows by that time.
:func:`run` runs a program in a loop whose selector records each such stall; :func:`busy_since` returns how
much they may have added to a check.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Coroutine
from selectors import DefaultSelector, SelectorKey
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from monitor.wire.per_loop import PerLoop

STALL = 0.005
"""Seconds without a poll of the sockets that count as a stall."""
_GLANCE = 0.0001
"""Seconds after a poll of the sockets until the next one, while callbacks wait."""
_KEPT = 256

T = TypeVar("T")


class _Selector(DefaultSelector):
    """A selector that records stalls: times when nobody called it, or when the process could not run.

    Moments are of ``time.perf_counter``.
    """

    def __init__(self) -> None:
        super().__init__()
        self._stalls: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        self._woken = time.perf_counter()

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        asked = time.perf_counter()
        if timeout is not None and timeout <= 0 and asked - self._woken < _GLANCE:
            return []
        self._note(self._woken, asked)
        found = super().select(timeout)
        self._woken = time.perf_counter()
        if not found and timeout is not None:  # it should have returned by then
            self._note(asked + max(timeout, 0.0), self._woken)
        return found

    def _note(self, since: float, until: float) -> None:
        if until - since >= STALL:
            self._stalls.append((since, until))

    def busy_since(self, began: float) -> float:
        """Seconds of stalls since ``began``, including the current one."""
        now = time.perf_counter()
        lost = now - max(self._woken, began) if now - self._woken >= STALL else 0.0
        for since, until in reversed(self._stalls):
            if until <= began:
                break
            lost += until - max(since, began)
        return lost if lost >= STALL else 0.0


_selectors: WeakKeyDictionary[asyncio.AbstractEventLoop, _Selector] = WeakKeyDictionary()
_selector: PerLoop[_Selector | None] = PerLoop(_selectors.get)
"""A loop's; None if :func:`new_loop` did not create it."""


def new_loop() -> asyncio.AbstractEventLoop:
    """Create an event loop that supports :func:`busy_since`."""
    selector = _Selector()
    loop = asyncio.SelectorEventLoop(selector)
    _selectors[loop] = selector
    return loop


def run(main: Coroutine[Any, Any, T]) -> T:
    """As ``asyncio.run``, in a loop of :func:`new_loop`."""
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(main)


def busy_since(began: float, loop: asyncio.AbstractEventLoop) -> float:
    """Seconds since ``began`` (``time.perf_counter``) that ``loop`` spent in stalls.

    0 if they add up to less than :data:`STALL`, and 0 in a loop that :func:`new_loop` did not create.
    """
    selector = _selector.of(loop)
    return 0.0 if selector is None else selector.busy_since(began)


def is_cancelled() -> bool:
    """Whether the current task is to end.

    A library can drop the cancellation: ``asyncio.wait_for`` of Python 3.11 does if its future is done by
    then, and nats-py raises an error of its own if it cannot say goodbye.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
