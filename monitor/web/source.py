"""The engine as the web address sees it: asked when somebody asks us, and no more often than is useful."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from monitor.errors import LinkError
from monitor.link.client import Client
from monitor.link.messages import CertificateInfo, EndpointInfo, EndpointStatus
from monitor.link.picture import Picture
from monitor.model import State

MAX_AGE = 0.5
"""Seconds for which a picture is new enough."""
_ROOM = 1000
"""Changes that wait for one listener; one that falls further behind is let go."""

Change = tuple[EndpointInfo, EndpointStatus, State, float]
"""An endpoint, how it is now, its state before, and when."""


class Listener:
    """Takes changes of state as they come."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Change] = asyncio.Queue(_ROOM)

    def put(self, change: Change) -> bool:
        """Add a change; False if the listener has fallen behind."""
        with suppress(asyncio.QueueFull):
            self._waiting.put_nowait(change)
            return True
        return False

    async def get(self, seconds: float) -> Change | None:
        """The next change; None if none comes within so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._waiting.get()
        return None


class Source:
    """One engine, reached through ``client``. What asks it raises LinkError when it does not answer."""

    def __init__(self, client: Client, clock: Callable[[], float] | None = None) -> None:
        self.client = client
        self._clock = clock or asyncio.get_running_loop().time
        self._picture = Picture()
        self._connected = False
        self._pulled_at = 0.0
        self._turn = asyncio.Lock()
        self._certificates: dict[int, CertificateInfo] = {}
        self._certificates_of: Mapping[int, float | None] = {}
        self._listeners: set[Listener] = set()
        self._following: asyncio.Task[None] | None = None

    async def picture(self) -> Picture:
        """Everything as it is now, or was a moment ago."""
        async with self._turn:
            if not self._connected:
                await self._begin()
            elif self._clock() - self._pulled_at >= MAX_AGE:
                await self._pull_or_begin()
        return self._picture

    def expire(self) -> None:
        """Something was changed: the next picture has to be a new one."""
        self._pulled_at = float("-inf")

    async def _pull_or_begin(self) -> None:
        try:
            await self._pull()
        except LinkError:
            self._connected = False
            await self._begin()  # it may have been started again

    async def _begin(self) -> None:
        snapshot = await self.client.hello()
        self._picture.begin(snapshot)
        self._certificates_of = {}
        if snapshot.more:
            await self._pull()
        self._connected, self._pulled_at = True, self._clock()

    async def _pull(self) -> None:
        more = True
        while more:
            changes = await self.client.pull()
            for info, status, before in self._picture.apply(changes):
                self._publish((info, status, before, changes.now))
            more = changes.more
        self._pulled_at = self._clock()

    async def certificates(self) -> Mapping[int, CertificateInfo]:
        """By handle, the certificates that endpoints present; asked for when one of them is another."""
        picture = await self.picture()
        expiries = {
            handle: status.not_after for handle, status in picture.statuses.items() if status.not_after
        }
        if expiries != self._certificates_of:
            self._certificates = {one.handle: one for one in await self.client.certificates()}
            self._certificates_of = expiries
        return self._certificates

    # ── changes ─────────────────────────────────────────────────────────────────────────────────

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Listener]:
        """A listener to every change of state; the engine is followed while there is one."""
        listener = Listener()
        self._listeners.add(listener)
        if self._following is None or self._following.done():
            self._following = asyncio.create_task(self._follow())
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    async def _follow(self) -> None:
        while self._listeners:
            with suppress(LinkError):  # it may come back
                await self.picture()
            await asyncio.sleep(MAX_AGE)

    def _publish(self, change: Change) -> None:
        for listener in [one for one in self._listeners if not one.put(change)]:
            self._listeners.discard(listener)

    def is_let_go(self, listener: Listener) -> bool:
        """Whether a listener fell behind, and gets no more."""
        return listener not in self._listeners

    async def close(self) -> None:
        """Let go of the engine."""
        if self._following:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        await self.client.close()
