"""Keys typed ahead: each waits until the one before has had its effect.

Over a slow line ``/pay`` arrives all at once. Textual hands every key to the part that has the focus
when it comes, and the filter has it only once the first one has gone all its way: the other three
would be taken for commands, and ``p`` pauses.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App
from textual.events import Key
from textual.message import Message

PATIENCE = 0.5
"""Seconds after which a key that has not come back is given up, and the next one has its turn."""


class Followed(Message, bubble=True):
    """Goes the way of a key, right behind it, from the focused part up to the app."""


class TypeAhead:
    """Delivers one key at a time, in the order in which they were typed."""

    def __init__(self, app: App[Any], deliver: Callable[[Key], Awaitable[None]]) -> None:
        self._app = app
        self._deliver = deliver
        self._waiting: deque[Key] = deque()
        self._since = float("-inf")
        """When the key under way was delivered; long ago when there is none."""

    async def key(self, key: Key) -> None:
        """Deliver ``key``, now or when those before it have had their effect."""
        self._waiting.append(key)
        if time.monotonic() - self._since > PATIENCE:
            await self._next()

    async def _next(self) -> None:
        target = self._app.focused or self._app.screen
        self._since = time.monotonic()
        await self._deliver(self._waiting.popleft())
        if not target.post_message(Followed()):
            self.arrived()

    def arrived(self) -> None:
        """The key under way has gone its way; what it set off comes next: in the app, then in the screen."""
        self._app.call_later(lambda: self._app.screen.call_later(self._app.call_later, self._done))

    async def _done(self) -> None:
        self._since = float("-inf")
        if self._waiting:
            await self._next()
