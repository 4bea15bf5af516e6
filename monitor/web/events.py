"""`/api/v1/events`: every change of state as server-sent events, for any number of streams.

An event's id is ``RUN-NUMBER``: the run of the engine, and the number of the change within it. A client that
comes back with its last id, as browsers do, gets the changes that it missed, as far as the engine remembers
them.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from monitor.errors import LinkError
from monitor.link.certificates import CertificateInfo
from monitor.link.figures import StateChange
from monitor.link.picture import Picture
from monitor.link.state_json import endpoint_state
from monitor.syntax.duration import iso_time
from monitor.web.source import MAX_AGE, Source

SIGN_OF_LIFE = 15.0
"""Seconds after which an idle stream sends a comment, so that proxies keep it open."""
_KEPT = 5000
"""Changes to remember for streams that read slowly, or come back."""
_AT_ONCE = 100
"""Events encoded at once."""
_ID = re.compile(r"([0-9a-f]{1,16})-([0-9]{1,16})", re.ASCII)
_BEGIN, _SIGN = b": changes of state\n\n", b":\n\n"


class _Place(NamedTuple):
    """The last change that a stream has sent."""

    run: str
    number: int


class Events:
    """The changes of state of the engine behind ``source``, which is polled while there is a stream."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._run = ""
        """Identifies a run of the engine; the next run counts its changes from 1 again."""
        self._newest = 0
        """Number of the last known change."""
        self._changes: deque[StateChange] = deque(maxlen=_KEPT)
        self._texts: dict[int, bytes] = {}
        """By number: the changes that a stream has sent, encoded."""
        self._arrived = asyncio.Event()
        """Set, and replaced, when changes arrive."""
        self._turn = asyncio.Lock()
        self._following: asyncio.Task[None] | None = None
        self.streams = 0
        """The number of open streams."""

    async def stream(self, last_id: str = "") -> AsyncIterator[bytes]:
        """Events from now on, or those after ``last_id``. Ends if its reader has fallen behind."""
        self.streams += 1
        try:
            await self._update()
            self._follow()
            place = self._begin(last_id)
            yield _BEGIN
            while not self._has_lost(place):
                arrived = self._arrived
                if fresh := self._after(place):
                    yield await self._encoded(fresh)
                    place = _Place(self._run, fresh[-1].number)
                elif not await _is_set(arrived, SIGN_OF_LIFE):
                    yield _SIGN
        finally:
            self.streams -= 1

    # ── a stream's place ────────────────────────────────────────────────────────────────────────

    def _begin(self, last_id: str) -> _Place:
        known = _ID.fullmatch(last_id)
        if known is None:
            return _Place(self._run, self._newest)
        if known[1] != self._run:
            return _Place(self._run, self._oldest - 1)
        return _Place(self._run, min(max(int(known[2]), self._oldest - 1), self._newest))

    @property
    def _oldest(self) -> int:
        """Number of the first remembered change."""
        return self._newest - len(self._changes) + 1

    def _has_lost(self, place: _Place) -> bool:
        return place.run == self._run and place.number < self._oldest - 1

    def _after(self, place: _Place) -> list[StateChange]:
        number = place.number if place.run == self._run else 0
        first = max(number - self._oldest + 1, 0)
        return list(islice(self._changes, first, first + _AT_ONCE))

    # ── following the engine ────────────────────────────────────────────────────────────────────

    def _follow(self) -> None:
        if self._following is None or self._following.done():
            self._following = asyncio.create_task(self._keep_updating())

    async def _keep_updating(self) -> None:
        while self.streams:
            await self._update()
            await asyncio.sleep(MAX_AGE)

    async def _update(self) -> None:
        """Get the changes since the last one. The engine may be away for a while."""
        with suppress(LinkError):
            async with self._turn:
                picture = await self._source.picture()
                self._use_run(f"{round(picture.started_at * 1000):x}")
                self._add(await self._source.client.state_changes(self._newest))

    def _use_run(self, run: str) -> None:
        if run != self._run:
            self._run, self._newest = run, 0
            self._changes.clear()
            self._texts.clear()

    def _add(self, fresh: Sequence[StateChange]) -> None:
        if not fresh:
            return
        self._changes.extend(fresh)
        self._newest = fresh[-1].number
        for number in [number for number in self._texts if number < self._oldest]:
            del self._texts[number]
        self._source.expire()  # the rows that come with the events are to be as new as they are
        self._arrived.set()
        self._arrived = asyncio.Event()

    # ── encoding ────────────────────────────────────────────────────────────────────────────────

    async def _encoded(self, changes: Sequence[StateChange]) -> bytes:
        """Encode ``changes``, once for all streams."""
        async with self._turn:
            missing = [change for change in changes if change.number not in self._texts]
            if missing:
                picture, run = await self._source.picture(), self._run
                uptimes = await self._source.uptimes({change.handle for change in missing})
                certificates = await self._source.certificates()
                for one in missing:
                    known = uptimes.get(one.handle, ()), certificates.get(one.handle)
                    self._texts[one.number] = _event(run, one, picture, *known)
            return b"".join(self._texts[change.number] for change in changes)


def _event(
    run: str,
    change: StateChange,
    picture: Picture,
    uptimes: Sequence[float | None],
    certificate: CertificateInfo | None,
) -> bytes:
    """One event; empty if the endpoint is no longer in the config."""
    info, status = picture.infos.get(change.handle), picture.statuses.get(change.handle)
    if info is None or status is None:
        return b""
    then = replace(
        status,
        state=change.after,
        since=change.at,
        reason=change.reason,
        message=change.message,
        latency_ms=change.latency_ms,
        checked_at=change.checked_at,
    )
    state = endpoint_state(info, then, uptimes=uptimes, certificate=certificate, now=change.at)
    body = {"at": iso_time(change.at), "before": change.before.value, "endpoint": state}
    return b"id: %s-%d\nevent: state\ndata: %s\n\n" % (run.encode(), change.number, msgspec.json.encode(body))


async def _is_set(event: asyncio.Event, seconds: float) -> bool:
    """Whether ``event`` is set within ``seconds``."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await event.wait()
    return False
