"""An engine that checks nothing on the network, served on a socket."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from monitor.engine import Engine
from monitor.link import edits
from monitor.link.figures import (
    Counted,
    Counts,
    GetCounts,
    GetMeasures,
    GetStateChanges,
    GetUptimes,
    Measure,
    Measures,
    Report,
    Reported,
    StateChange,
    StateChanges,
    Uptimes,
)
from monitor.link.messages import Done, Refused
from monitor.link.server import Server
from monitor.model import Config, Endpoint, Observation, Probe, State
from monitor.trace import Trace


@dataclass(frozen=True)
class Still:
    """Of no interest but for being there."""

    name: str
    kind: ClassVar[str] = "fake"

    @property
    def target(self) -> str:
        return f"fake://{self.name}"

    async def check(self, trace: Trace) -> str:
        return "ok"


async def run_probe(probe: Probe, timeout: float, assertions: Sequence[Any], begun: Any) -> Observation:
    return Observation(started=1.0, latency_ms=2.0, message="200 OK")


def config(*names: str) -> Config:
    return Config(
        endpoints=tuple(Endpoint(id=name, name=name, probe=Still(name), interval=3600.0) for name in names),
        title="test",
    )


class Served:
    """An engine and its server; nothing is checked until somebody asks for it."""

    def __init__(self, socket: Path, names: Sequence[str]) -> None:
        self.socket = socket
        self.engine = Engine(config(*names), run_probe=run_probe)
        self.reloads = 0
        self.kept = 0
        self.tried = asyncio.Event()
        self.server = Server(self.engine, self)
        self.engine.start()

    async def reload(self) -> Done:
        self.reloads += 1
        return Done(ok=True, text="config reloaded: no change")

    async def keep(self, _seconds: float) -> None:
        self.kept += 1

    async def edit(self, request: edits.Request) -> edits.Answer | Refused:
        """As one whose checks take their time, and whose config cannot be written."""
        if isinstance(request, edits.Try):
            await self.tried.wait()
            return edits.Judged()
        return Refused(text="read-only")

    def report(self, request: Report) -> Reported:
        return Reported(status=200, text=f"{request.path} heard")

    def counts(self, request: GetCounts) -> Counts:
        """As one with an endpoint on each of two pages."""
        after = request.after
        return Counts(counts=(Counted(handle=after + 1),), after=0 if after < 0 else None)

    def uptimes(self, request: GetUptimes) -> Uptimes:
        self.asked_at_once = len(request.handles)
        return Uptimes(shares=dict.fromkeys(request.handles, (1.0,)))

    def measures(self, request: GetMeasures) -> Measures:
        """As one with an endpoint on each of two pages."""
        after = request.after
        one = Measure(
            handle=after + 1,
            checks=1,
            failed=0,
            slo=None,
            seconds=(1.0, 0.0, 0.0, 0.0),
            last_hour=(1.0, 0.0, 0.0, 0.0),
            latencies=b"",
        )
        return Measures(measures=(one,), after=0 if after < 0 else None)

    def state_changes(self, request: GetStateChanges) -> StateChanges:
        """As one with a change on each of two pages."""
        if request.after > 1000:
            return StateChanges(changes=(), total=7)
        number = request.after + 1
        change = StateChange(number=number, at=1.0, handle=0, before=State.UP, after=State.DOWN)
        return StateChanges(changes=(change,), more=number == 1)

    async def stop(self) -> None:
        await self.server.close()
        await self.engine.stop()


@pytest.fixture
def socket_path() -> Iterator[Path]:
    """Where a socket may be: short enough for its address."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "engine.sock"


@pytest.fixture
async def served(socket_path: Path) -> AsyncIterator[Served]:
    served = Served(socket_path, ("a", "b", "c"))
    await served.server.listen(socket_path)
    yield served
    await served.stop()
