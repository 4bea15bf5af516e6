"""The engine as the web address's data source: queried on demand, with short caching."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

from monitor.errors import LinkError
from monitor.link.certificates import CertificateInfo
from monitor.link.client import Client
from monitor.link.picture import Picture

MAX_AGE = 0.5
"""Seconds for which a picture is reused."""
PATIENCE = 4.5
"""Timeout of the engine's answers in seconds; a healthy engine takes milliseconds."""


class Source:
    """One engine, reached through ``client``. Methods raise LinkError if it does not answer."""

    def __init__(self, client: Client, clock: Callable[[], float] | None = None) -> None:
        self.client = client
        self._clock = clock or asyncio.get_running_loop().time
        self._picture = Picture()
        self._connected = False
        self._has_ended = False
        self._pulled_at = 0.0
        self._turn = asyncio.Lock()
        self._certificates: dict[int, CertificateInfo] = {}
        self._certificates_of: Mapping[int, float | None] = {}

    async def picture(self) -> Picture:
        """The current picture, at most :data:`MAX_AGE` old."""
        if self._has_ended:
            raise LinkError("it has ended")
        try:
            async with asyncio.timeout(PATIENCE), self._turn:
                await self._refresh()
        except TimeoutError:
            raise LinkError(f"it has not answered for {PATIENCE:g} s") from None
        return self._picture

    async def _refresh(self) -> None:
        if not self._connected:
            await self._begin()
        elif self._clock() - self._pulled_at >= MAX_AGE:
            await self._pull_or_begin()

    def end(self) -> None:
        """Have no picture any more: the engine has ended, and the next one has a web address of its own."""
        self._has_ended = True

    def expire(self) -> None:
        """Drop the cached picture after a change."""
        self._pulled_at = float("-inf")

    async def _pull_or_begin(self) -> None:
        self._connected = False  # also if this is cancelled
        try:
            await self._pull()
        except LinkError:
            await self._begin()  # the engine may have restarted
        else:
            self._connected = True

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
            self._picture.apply(changes)
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

    async def uptimes(self, handles: Iterable[int]) -> Mapping[int, tuple[float | None, ...]]:
        """The uptimes of these endpoints by handle, over :data:`~monitor.link.figures.WINDOWS`."""
        found: dict[int, tuple[float | None, ...]] = {}
        for handle in sorted(handles):
            if handle not in found:
                page = await self.client.counts(handle - 1, pages=1, uptimes=True)
                found |= {one.handle: one.uptimes for one in page}
        return found

    async def close(self) -> None:
        """Close the connection to the engine."""
        await self.client.close()
