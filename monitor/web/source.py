"""The engine as the web address's data source: queried on demand, with short caching."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from monitor.errors import LinkError
from monitor.link.certificates import CertificateInfo
from monitor.link.client import Client
from monitor.link.messages import EndpointInfo, EndpointStatus
from monitor.link.picture import Picture
from monitor.model import State

MAX_AGE = 0.5
"""Seconds for which a picture is reused."""
_ROOM = 1000
"""Limit of changes waiting for one listener; a slower one is dropped."""


class Change(NamedTuple):
    """An endpoint's change of state."""

    info: EndpointInfo
    status: EndpointStatus
    before: State
    at: float
    uptimes: tuple[float | None, ...] = ()
    certificate: CertificateInfo | None = None


class Listener:
    """A queue of state changes."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Change] = asyncio.Queue(_ROOM)

    def put(self, change: Change) -> bool:
        """Add a change; False if the listener has fallen behind."""
        with suppress(asyncio.QueueFull):
            self._waiting.put_nowait(change)
            return True
        return False

    async def get(self, seconds: float) -> Change | None:
        """The next change; None if none comes within ``seconds``."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._waiting.get()
        return None


class Source:
    """One engine, reached through ``client``. Methods raise LinkError if it does not answer."""

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
        self._changed: list[Change] = []
        """Changes that the listeners have not got yet."""
        self._following: asyncio.Task[None] | None = None

    async def picture(self) -> Picture:
        """The current picture, at most a moment old."""
        async with self._turn:
            if not self._connected:
                await self._begin()
            elif self._clock() - self._pulled_at >= MAX_AGE:
                await self._pull_or_begin()
        return self._picture

    def expire(self) -> None:
        """Drop the cached picture after a change."""
        self._pulled_at = float("-inf")

    async def _pull_or_begin(self) -> None:
        try:
            await self._pull()
        except LinkError:
            self._connected = False
            await self._begin()  # the engine may have restarted

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
            changed = [Change(*one, changes.now) for one in self._picture.apply(changes)]
            self._changed += changed if self._listeners else []
            more = changes.more
        self._pulled_at = self._clock()

    async def certificates(self) -> Mapping[int, CertificateInfo]:
        """The endpoints' certificates by handle; queried again when one has changed."""
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
        """The number of listeners."""
        return len(self._listeners)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Listener]:
        """A listener to every state change. The engine is polled while there is one."""
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
            with suppress(LinkError):  # the engine may come back
                await self.picture()
                await self._publish_changes()
            await asyncio.sleep(MAX_AGE)
        self._changed = []

    async def _publish_changes(self) -> None:
        if not self._changed:
            return
        uptimes = await self._uptimes({change.status.handle for change in self._changed})
        certificates = await self.certificates()
        changed, self._changed = self._changed, []
        for change in changed:
            handle = change.status.handle
            known = uptimes.get(handle, ()), certificates.get(handle)
            self._publish(change._replace(uptimes=known[0], certificate=known[1]))

    async def _uptimes(self, handles: Iterable[int]) -> Mapping[int, tuple[float | None, ...]]:
        found: dict[int, tuple[float | None, ...]] = {}
        for handle in sorted(handles):
            if handle not in found:
                page = await self.client.counts(handle - 1, pages=1, uptimes=True)
                found |= {one.handle: one.uptimes for one in page}
        return found

    def _publish(self, change: Change) -> None:
        for listener in [one for one in self._listeners if not one.put(change)]:
            self._listeners.discard(listener)

    def is_let_go(self, listener: Listener) -> bool:
        """Whether a listener fell behind and was dropped."""
        return listener not in self._listeners

    async def close(self) -> None:
        """Close the connection to the engine."""
        if self._following:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        await self.client.close()
