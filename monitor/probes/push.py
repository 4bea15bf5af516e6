"""Heartbeats: somebody reports in over HTTP, and silence is the failure."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from monitor.duration import format_duration
from monitor.errors import FieldError, LocalError, ProbeError
from monitor.fields import Seconds, key
from monitor.judge.expectations import Expectation
from monitor.model import Reason
from monitor.probe import BaseProbe
from monitor.probes._heartbeats import Beat, Heartbeats, heartbeats
from monitor.redact import shown
from monitor.trace import Trace

_ROUNDING = 0.001
"""Seconds by which a check may come before its time."""


@dataclass(frozen=True, kw_only=True)
class Push(BaseProbe):
    """Waits for heartbeats: somebody has to call `/push/NAME` on `monitor.listen` in time."""

    kind: ClassVar[str] = "push"
    schemes: ClassVar[tuple[str, ...]] = ("push",)
    expectations: ClassVar[dict[str, Expectation]] = {}
    needs_listener: ClassVar[bool] = True

    interval: Seconds = key("From one heartbeat to the next.", default=30.0)
    grace: Seconds = key("How much later than the interval a heartbeat may come.", default=0.0)
    token: str | None = key(
        "What a heartbeat has to bring, as ?token=… or as a bearer token.",
        default=None,
        example="${BACKUP_TOKEN}",
    )

    def __post_init__(self) -> None:
        if not self.name:
            raise FieldError("url", "names nobody; write push:NAME, as in push:nightly-backup")
        if self.grace < 0:
            raise FieldError("grace", "has to be 0 or more")

    @property
    def name(self) -> str:
        """What is called: ``/push/NAME``."""
        return self.url.partition(":")[2].strip("/")

    @property
    def target(self) -> str:
        return shown(self.url)

    async def check(self, trace: Trace) -> str:
        trace.untimed = True
        trace.asked = f"a heartbeat at /push/{shown(self.url).partition(':')[2].strip('/')}"
        hub = heartbeats()
        if hub.deaf:
            raise LocalError(hub.deaf)
        beat = await self._beat(hub, trace)
        now = asyncio.get_running_loop().time()
        since = hub.since if beat is None else beat.at
        left = since + self.interval + self.grace - now
        if left < _ROUNDING:
            raise self._missed(now - since)
        trace.good_for = left
        return _told(beat, now - since)

    async def _beat(self, hub: Heartbeats, trace: Trace) -> Beat | None:
        beat = hub.last(self.name)
        if beat is None and hub.patient:
            trace.enter("listen")
            now = asyncio.get_running_loop().time()
            beat = await hub.next(self.name, hub.since + self.interval + self.grace - now)
        return beat

    def _missed(self, seconds: float) -> ProbeError:
        allowed = format_duration(self.interval + self.grace)
        return ProbeError(Reason.MISSED, f"no heartbeat for {_age(seconds)}, allowed {allowed}")


def _told(beat: Beat | None, seconds: float) -> str:
    if beat is None:
        raise LocalError(f"no heartbeat yet; listening for {_age(seconds)}")
    return f"heartbeat {_age(seconds)} ago" + (f": {beat.note}" if beat.note else "")


def _age(seconds: float) -> str:
    return format_duration(round(seconds, 0 if seconds >= 10 else 1))
