"""Thousands of deadlines, with one timer for each distinct timeout.

Deadlines of the same timeout expire in the order of their start, so that one timer for the first of them is
enough. Creating and cancelling one of the loop's timers per check would take longer than judging the check.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

from monitor.wire.per_loop import PerLoop


class Deadline:
    """Cancels the running task of ``loop`` after ``seconds``, unless :meth:`over` is called first."""

    __slots__ = ("_cancelling", "_expired", "_queue", "_task", "due", "late")

    def __init__(self, seconds: float, loop: asyncio.AbstractEventLoop) -> None:
        task = asyncio.current_task(loop)
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        self._expired = False
        self.due = loop.time() + seconds
        """In the loop's time."""
        self.late = 0.0
        """Seconds between the deadline and the moment when it was noticed."""
        self._queue = _queues.of(loop)[seconds]
        self._queue.join(self)

    def expire(self, now: float) -> None:
        """Cancel the task: the deadline has passed."""
        self._expired = True
        self.late = now - self.due
        self._task.cancel()

    @property
    def passed(self) -> bool:
        """Whether this deadline, and nothing else, cancelled the task."""
        return self._expired and self._task.cancelling() - 1 <= self._cancelling

    def over(self) -> None:
        """End the deadline: the work has finished."""
        if self._expired:
            self._task.uncancel()
        else:
            self._queue.leave(self)


class _Queue:
    """The deadlines of one timeout, earliest first.

    Refers neither to the loop nor to a handle, so that a closed loop releases its queues.
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
        """The timer stays set: letting it fire in vain is cheaper than setting it each time."""
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


_queues: PerLoop[defaultdict[float, _Queue]] = PerLoop(lambda _loop: defaultdict(_Queue))
"""By timeout in seconds."""
