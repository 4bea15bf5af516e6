"""Waiting until a socket can be read or written.

The event loop's own ``add_reader`` and ``remove_reader`` take a tenth of a plain HTTP check. Where
there is epoll, sockets go into one of ours instead, which the loop watches as a single file:
they are armed once for each wait, and leave by being closed.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Awaitable
from functools import partial
from typing import Protocol

from monitor.wire.per_loop import PerLoop


class Ready(Protocol):
    """Waits for sockets, by file descriptor. A wait may end early; the caller then tries again."""

    def readable(self, fd: int) -> Awaitable[None]: ...
    def writable(self, fd: int) -> Awaitable[None]: ...
    def forget(self, fd: int) -> None: ...


class _Epoll:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._create_future = partial(asyncio.Future, loop=loop)
        self._epoll = select.epoll()
        self._registered: set[int] = set()
        """Registered descriptors; a closed one may be among them."""
        self._readers: dict[int, asyncio.Future[None]] = {}
        self._writers: dict[int, asyncio.Future[None]] = {}
        """A wait that was cancelled stays until the next one, or until its socket is forgotten."""
        loop.add_reader(self._epoll.fileno(), self._wake)

    def readable(self, fd: int) -> Awaitable[None]:
        return self._wait(fd, self._readers)

    def writable(self, fd: int) -> Awaitable[None]:
        return self._wait(fd, self._writers)

    def _wait(self, fd: int, waiters: dict[int, asyncio.Future[None]]) -> asyncio.Future[None]:
        waiter = waiters[fd] = self._create_future()
        self._arm(fd)
        return waiter

    def _arm(self, fd: int) -> None:
        """The kernel forgets a descriptor when it is closed, and its number may come back."""
        wanted = self._wanted(fd)
        try:
            if fd in self._registered:
                self._epoll.modify(fd, wanted)
            else:
                self._epoll.register(fd, wanted)
        except FileNotFoundError:
            self._epoll.register(fd, wanted)
        except FileExistsError:
            self._epoll.modify(fd, wanted)
        self._registered.add(fd)

    def forget(self, fd: int) -> None:
        """Forget ``fd``, which is about to be closed. Optional: it saves the next socket a system call."""
        self._registered.discard(fd)
        self._readers.pop(fd, None)
        self._writers.pop(fd, None)

    def _wanted(self, fd: int) -> int:
        """The events to wait for, once: the kernel disarms the descriptor after the first event."""
        return _ONCE | (_IN if fd in self._readers else 0) | (_OUT if fd in self._writers else 0)

    def _wake(self) -> None:
        for fd, events in self._epoll.poll(0):
            if events & ~_OUT:  # an error or a hang-up is for both
                self._settle(fd, self._readers)
            if events & ~_IN:
                self._settle(fd, self._writers)
            if fd in self._readers or fd in self._writers:
                self._epoll.modify(fd, self._wanted(fd))

    def _settle(self, fd: int, waiters: dict[int, asyncio.Future[None]]) -> None:
        waiter = waiters.pop(fd, None)
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


class _Selector:
    """The loop's own way, for systems without epoll."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    async def readable(self, fd: int) -> None:
        waiter = self._loop.create_future()
        self._loop.add_reader(fd, _settle, waiter)
        try:
            await waiter
        finally:
            self._loop.remove_reader(fd)

    async def writable(self, fd: int) -> None:
        waiter = self._loop.create_future()
        self._loop.add_writer(fd, _settle, waiter)
        try:
            await waiter
        finally:
            self._loop.remove_writer(fd)

    def forget(self, fd: int) -> None:
        """Do nothing: nothing is kept after a wait."""


def _settle(waiter: asyncio.Future[None]) -> None:
    """Let a wait end; the loop may call this twice before it is heeded."""
    if not waiter.done():
        waiter.set_result(None)


_ONCE = getattr(select, "EPOLLONESHOT", 0)
_IN = getattr(select, "EPOLLIN", 0)
_OUT = getattr(select, "EPOLLOUT", 0)


def _best(loop: asyncio.AbstractEventLoop) -> Ready:
    return _Epoll(loop) if hasattr(select, "epoll") else _Selector(loop)


ready: PerLoop[Ready] = PerLoop(_best)
"""The object of the running loop."""
