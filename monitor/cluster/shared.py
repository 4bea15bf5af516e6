"""Values that all daemons share, in buckets.

They are marks, silences, which alerts were delivered, and which daemon leads.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from monitor.checks.loop import is_cancelled
from monitor.cluster.connection import Note, reason_of, when_new
from monitor.cluster.reader import Reader
from monitor.cluster.retrying import until_cancelled
from monitor.cluster.streams import LEASE, LEASE_SECONDS, SHARED, bucket

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.js import JetStreamContext
    from nats.js.kv import KeyValue

_AGAIN = 1.0
_LARGEST = 64 * 1024
_MOST = 100_000
"""Limit of keys to remember; a bucket with more is not one of ours."""
_KEY = "leader"
_RENEW_EVERY = LEASE_SECONDS / 4
_SAFE = LEASE_SECONDS * 0.7
"""Seconds after a renewal during which this daemon relies on the lease; less than the server keeps it."""


class Shared:
    """The values of the bucket ``name``, each for ``ttl`` seconds.

    A daemon writes its operators' changes, and applies those of the other daemons. A value that it knows
    already is neither written nor applied again, so that no change is passed round for ever.

    ``changed(key, value)`` is called for the other daemons' changes; an empty value stands for a removed one.
    """

    def __init__(
        self,
        client: Client,
        changed: Callable[[str, bytes], object],
        note: Note,
        *,
        name: str = SHARED,
        ttl: float | None = None,
    ) -> None:
        self._name = name
        self._ttl = ttl
        self._js = client.jetstream()
        self._changed = changed
        self._note = when_new(note)
        self._known: dict[str, bytes] = {}
        self._unsent: dict[str, bytes] = {}
        self._wake = asyncio.Event()
        self._reader = Reader(client, f"KV_{name}", f"$KV.{name}.>", self._take, note)

    @property
    def caught_up(self) -> bool:
        """Whether everything that was stored before the start has been read."""
        return self._reader.caught_up.is_set()

    def put(self, key: str, value: bytes) -> None:
        """Share a value; an empty one removes it."""
        if self._known.get(key) != value:
            self._known[key] = self._unsent[key] = value
            self._wake.set()

    async def run(self) -> None:
        """Write our changes and apply the others', until cancelled."""
        await until_cancelled(self._share, self._failed, _AGAIN)

    async def _share(self) -> None:
        store = await bucket(self._js, self._name, self._ttl)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._reader.run())
            group.create_task(self._write(store))

    def _failed(self, error: Exception) -> None:
        reason = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
        self._note("warn", f"marks are not shared: {reason_of(reason)}")

    def _take(self, message: Msg, _at: float) -> None:
        key = message.subject.split(".", 2)[2]
        removed = bool(message.headers and message.headers.get("KV-Operation"))
        value = b"" if removed else message.data
        if len(value) > _LARGEST or key in self._unsent or self._known.get(key) == value:
            return
        if len(self._known) < _MOST or key in self._known:
            self._known[key] = value
            self._changed(key, value)

    async def _write(self, store: KeyValue) -> None:
        while True:
            for key, value in list(self._unsent.items()):
                await (store.put(key, value) if value else store.delete(key))
                if self._unsent.get(key) == value:
                    del self._unsent[key]
            if not self._unsent:
                self._wake.clear()
                await self._wake.wait()


class Lease:
    """The lease of the leading daemon, which expires unless it is renewed; ``name`` is this daemon's."""

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
