"""Values that all daemons share, in a bucket: marks, silences, and which alerts were delivered.

A daemon writes its operators' changes, and applies those of the other daemons. A value that it knows already
is neither written nor applied again, so that no change is passed round for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from monitor.cluster.connection import Note, reason_of, when_new
from monitor.cluster.reader import Reader
from monitor.cluster.retrying import until_cancelled
from monitor.cluster.streams import SHARED, bucket

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.js.kv import KeyValue

_AGAIN = 1.0
_LARGEST = 64 * 1024
_MOST = 100_000
"""Limit of keys to remember; a bucket with more is not one of ours."""


class Shared:
    """The values of the bucket ``name``, each for ``ttl`` seconds.

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
