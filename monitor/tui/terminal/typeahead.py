"""Keys typed ahead: each waits until the previous one has taken effect.

Over a slow line ``/pay`` arrives at once. Textual sends each key to the widget that has the focus on arrival,
but the filter gets the focus only after ``/`` is processed. The other keys would be taken for commands, and
``p`` pauses.
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
"""Seconds after which the next key is delivered although the previous one has not returned."""


class Followed(Message, bubble=True):
    """Follows a key from the focused widget up to the app."""


class TypeAhead:
    """Delivers one key at a time, in order."""

    def __init__(self, app: App[Any], deliver: Callable[[Key], Awaitable[None]]) -> None:
        self._app = app
        self._deliver = deliver
        self._waiting: deque[Key] = deque()
        self._since = float("-inf")
        """When the current key was delivered; long ago if there is none."""

    async def key(self, key: Key) -> None:
        """Deliver ``key`` once the keys before it have taken effect."""
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
        """The current key was processed. Wait for its effects in the app, then in the screen."""
        self._app.call_later(lambda: self._app.screen.call_later(self._app.call_later, self._done))

    async def _done(self) -> None:
        self._since = float("-inf")
        if self._waiting:
            await self._next()
