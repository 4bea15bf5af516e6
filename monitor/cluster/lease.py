"""The lease of the leading daemon, which expires unless it is renewed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from monitor.cluster.retrying import is_cancelled
from monitor.cluster.streams import LEASE, LEASE_SECONDS, bucket

if TYPE_CHECKING:
    from nats.js import JetStreamContext
    from nats.js.kv import KeyValue

_KEY = "leader"
_RENEW_EVERY = LEASE_SECONDS / 4
_SAFE = LEASE_SECONDS * 0.7
"""Seconds after a renewal during which this daemon relies on the lease; less than the server keeps it."""


class Lease:
    """The lease, which one daemon at a time holds; ``name`` is this daemon's."""

    def __init__(self, js: JetStreamContext, name: str, steady: Callable[[], float] = time.monotonic) -> None:
        self._js = js
        self._name = name.encode()
        self._steady = steady
        self._revision: int | None = None
        self._until = 0.0

    @property
    def held(self) -> bool:
        """Whether this daemon holds it now."""
        return self._steady() < self._until

    async def keep(self) -> None:
        """Take the lease whenever it is free and renew it, until cancelled; then give it back."""
        try:
            while not is_cancelled():
                await self.renew()
                await asyncio.sleep(_RENEW_EVERY)
        finally:
            await self._give_back()

    async def renew(self) -> None:
        """Renew the lease, or take it if it is free."""
        began = self._steady()
        try:
            bucket_ = await bucket(self._js, LEASE, LEASE_SECONDS)
            self._revision = await self._write(bucket_)
            self._until = began + _SAFE
        except Exception:  # noqa: BLE001 -- another daemon holds it, or NATS is away
            self._revision = None

    async def _write(self, bucket: KeyValue) -> int:
        if self._revision is None:
            return await bucket.create(_KEY, self._name)
        return await bucket.update(_KEY, self._name, self._revision)

    async def _give_back(self) -> None:
        held, self._until = self.held, 0.0
        if held and self._revision is not None:
            with suppress(Exception):  # it runs out by itself
                await (await bucket(self._js, LEASE, LEASE_SECONDS)).delete(_KEY, self._revision)
