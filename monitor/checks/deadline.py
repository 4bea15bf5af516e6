"""Thousands of deadlines on one timer for each distinct timeout.

Those of one timeout fall due in the order in which they began, so that a timer for the first of them
does for all. A timer of the loop's own for each check would take longer to make and to cancel than
the check takes to be judged.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from weakref import WeakKeyDictionary


class Deadline:
    """Cancels the running task in so many seconds, unless it is :meth:`over` by then."""

    __slots__ = ("_cancelling", "_expired", "_queue", "_task", "due", "late")

    def __init__(self, seconds: float) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        self._expired = False
        self.due = loop.time() + seconds
        """By the loop's clock."""
        self.late = 0.0
        """Seconds by which we noticed too late that time was up."""
        self._queue = _queue(loop, seconds)
        self._queue.join(self)

    def expire(self, now: float) -> None:
        """Time is up."""
        self._expired = True
        self.late = now - self.due
        self._task.cancel()

    @property
    def passed(self) -> bool:
        """Whether it is this deadline, and nobody else, that cancelled the task."""
        return self._expired and self._task.cancelling() - 1 <= self._cancelling

    def over(self) -> None:
        """The work has ended, one way or another."""
        if self._expired:
            self._task.uncancel()
        else:
            self._queue.leave(self)


class _Queue:
    """The deadlines of one timeout, the first to fall due first.

    It holds neither the loop nor a handle of it, so that a loop that has gone takes its queues along.
    """

    __slots__ = ("_ringing", "_waiting")

    def __init__(self) -> None:
        self._waiting: dict[Deadline, None] = {}
        self._ringing = False
        """Whether a timer is set."""

    def join(self, deadline: Deadline) -> None:
        self._waiting[deadline] = None
        if not self._ringing:
            self._ring_at(deadline.due)

    def leave(self, deadline: Deadline) -> None:
        """The timer stays as it is: to let it ring for nobody is cheaper than to set it each time."""
        del self._waiting[deadline]

    def _ring_at(self, due: float) -> None:
        self._ringing = True
        asyncio.get_running_loop().call_at(due, self._ring)

    def _ring(self) -> None:
        self._ringing = False
        now = asyncio.get_running_loop().time()
        for deadline in list(self._waiting):
            if deadline.due > now:
                self._ring_at(deadline.due)
                return
            self.leave(deadline)
            deadline.expire(now)


_queues: WeakKeyDictionary[asyncio.AbstractEventLoop, defaultdict[float, _Queue]] = WeakKeyDictionary()


def _queue(loop: asyncio.AbstractEventLoop, seconds: float) -> _Queue:
    queues = _queues.get(loop)
    if queues is None:
        queues = _queues[loop] = defaultdict(_Queue)
    return queues[seconds]
