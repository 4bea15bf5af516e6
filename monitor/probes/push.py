"""Heartbeats: a job reports over HTTP; a missing report is the failure."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import ClassVar

from monitor.errors import FieldError, LocalError, ProbeError
from monitor.fields import Seconds, key
from monitor.judge.expectations import Expectation
from monitor.model import Heartbeat, Measure, Reason
from monitor.probe import Awaited, BaseProbe
from monitor.probes._heartbeats import Beat, Heartbeats
from monitor.redact import shown
from monitor.syntax.duration import format_duration
from monitor.trace import Phase, Trace

_ROUNDING = 0.001
"""Seconds by which a check may come too early."""


@dataclass(frozen=True, kw_only=True)
class Push(BaseProbe):
    """Waits for heartbeats: somebody has to call `/push/NAME` on `monitor.listen` in time."""

    kind: ClassVar[str] = "push"
    schemes: ClassVar[tuple[str, ...]] = ("push",)
    expectations: ClassVar[dict[str, Expectation]] = {}

    interval: Seconds = key("From one heartbeat to the next.", default=30.0)
    grace: Seconds = key("Tolerated delay of a heartbeat after the interval.", default=0.0)
    token: str | None = key(
        "Token required of each heartbeat, as ?token=… or as a bearer token.",
        default=None,
        example="${BACKUP_TOKEN}",
    )

    def __post_init__(self) -> None:
        if not self.name:
            raise FieldError("url", "has no name; write push:NAME, as in push:nightly-backup")
        if self.grace < 0:
            raise FieldError("grace", "must be 0 or more")

    @property
    def name(self) -> str:
        """The NAME in ``/push/NAME``."""
        return self.url.partition(":")[2].strip("/")

    @property
    def awaits(self) -> Awaited:
        return Awaited(self.name, self.token)

    @property
    def target(self) -> str:
        return shown(self.url)

    async def check(self, trace: Trace) -> str:
        trace.untimed = True
        trace.asked = f"a heartbeat at /push/{shown(self.url).partition(':')[2].strip('/')}"
        hub = trace.resources.of(Heartbeats)
        if hub.deaf:
            raise LocalError(hub.deaf)
        beat = await self._beat(hub, trace)
        due_in = (hub.since if beat is None else beat.at) + self.interval - asyncio.get_running_loop().time()
        self._note(hub, beat, due_in, trace)
        if due_in + self.grace < _ROUNDING:
            raise ProbeError(Reason.MISSED, f"no heartbeat within {self._allowed}")
        trace.good_for = due_in + self.grace
        return _message(beat, running=hub.started(self.name) is not None)

    async def _beat(self, hub: Heartbeats, trace: Trace) -> Beat | None:
        beat = hub.last(self.name, self.interval + self.grace)
        if beat is None and hub.patient:
            trace.enter(Phase.LISTEN)
            now = asyncio.get_running_loop().time()
            beat = await hub.next(self.name, hub.since + self.interval + self.grace - now)
        return beat

    def _note(self, hub: Heartbeats, beat: Beat | None, due_in: float, trace: Trace) -> None:
        """Add the facts to ``trace`` as moments, because an age would not grow until the next check."""
        trace.facts["heartbeat"] = Heartbeat(
            heard_at=None if beat is None else beat.heard_at,
            due_at=time.time() + due_in,
            grace_s=self.grace,
            started_at=hub.started(self.name),
            run_s=None if beat is None else beat.run_s,
            failed=beat is not None and beat.failed,
            note="" if beat is None else beat.note,
        )
        if beat is not None and beat.run_s is not None:
            trace.facts["performance"] = {"run": Measure(round(beat.run_s, 3), "s")}

    @property
    def _allowed(self) -> str:
        interval = format_duration(self.interval)
        return f"{interval} and {format_duration(self.grace)} of grace" if self.grace else interval


def _message(beat: Beat | None, *, running: bool) -> str:
    """The last message. LocalError before the first heartbeat, ProbeError if it reports a failure."""
    if beat is None:
        raise LocalError("it began, and has not ended yet" if running else "no heartbeat yet")
    took = "" if beat.run_s is None else f" (took {_rounded(beat.run_s)})"
    if beat.failed:
        raise ProbeError(Reason.COMMAND_FAILED, f"{beat.note or 'it reports a failure'}{took}")
    return f"{beat.note or 'heartbeat received'}{took}"


def _rounded(seconds: float) -> str:
    return format_duration(round(seconds, 0 if seconds >= 10 else 1))
