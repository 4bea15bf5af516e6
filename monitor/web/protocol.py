"""uvicorn's HTTP/1.1 with the limits that it lacks: on slow requests, slow readers and greedy callers."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE = 10.0
"""Seconds from a request's first byte to its last, and for the first one to begin."""
READS_WITHIN = 30.0
"""Seconds in which a caller has to take what waits for it."""
PER_CALLER = 256
"""Connections that one address may have at once."""
_open: Counter[str] = Counter()


class BoundedProtocol(H11Protocol):
    """One connection."""

    _arriving: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _caller = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._caller = self.client[0] if self.client else ""
        _open[self._caller] += 1
        if _open[self._caller] > PER_CALLER:
            transport.abort()
        else:
            self._arriving = self._abort_after(PATIENCE)

    def connection_lost(self, exc: Exception | None) -> None:
        _open[self._caller] -= 1
        if _open[self._caller] <= 0:
            del _open[self._caller]
        self._disarm()
        self._read_on()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._unread is None:
            self._unread = self._abort_after(READS_WITHIN)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._read_on()

    def _read_on(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _watch(self) -> None:
        """Have the timer run just while part of a request is there and the rest is not."""
        state, (waiting, _ended) = self.conn.their_state, self.conn.trailing_data
        if state is h11.SEND_BODY or (state is h11.IDLE and waiting):
            if self._arriving is None:
                self._arriving = self._abort_after(PATIENCE)
        else:
            self._disarm()

    def _disarm(self) -> None:
        if self._arriving is not None:
            self._arriving.cancel()
            self._arriving = None

    def _abort_after(self, seconds: float) -> asyncio.TimerHandle:
        return self.loop.call_later(seconds, self._abort)

    def _abort(self) -> None:
        transport: Any = self.transport
        transport.abort()
