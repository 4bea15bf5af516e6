"""An event loop whose clock is virtual: hours run in milliseconds. And endpoints that play a script."""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from monitor.checks.run_probe import Progress
from monitor.config import diff
from monitor.engine import Engine
from monitor.link.messages import EndpointStatus
from monitor.model import Assertion, Config, Endpoint, Observation, Probe, Reason, Settings, State
from monitor.trace import Trace

MIDNIGHT = 1_000_000_000.0
"""Seconds since the epoch when the virtual clock shows 0."""
BEGINNING = 1000.0
"""What the virtual clock shows when a test begins."""


class _Skipping(selectors.DefaultSelector):
    """Instead of waiting for time to pass, has it passed."""

    def __init__(self, skip: Callable[[float], None]) -> None:
        super().__init__()
        self._skip = skip

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("everything waits, and nothing will ever happen")
        if not ready and timeout:
            self._skip(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its clock stands still while anything runs, and skips to the next timer when nothing does."""

    def __init__(self) -> None:
        self._now = BEGINNING
        super().__init__(_Skipping(self.jump))

    def time(self) -> float:
        return self._now

    def jump(self, seconds: float) -> None:
        """Let time pass in which nothing runs, as when the process is stopped."""
        self._now += seconds


def loop() -> VirtualLoop:
    """The running loop."""
    running = asyncio.get_running_loop()
    assert isinstance(running, VirtualLoop)
    return running


def virtual(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test in virtual time."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


def clock() -> float:
    """Seconds since the epoch, virtually."""
    return MIDNIGHT + loop().time()


async def until(moment: float) -> None:
    """Let time pass until the virtual clock shows ``moment`` seconds after the beginning."""
    await asyncio.sleep(BEGINNING + moment - loop().time())


# ── endpoints that play a script ────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Scripted:
    """A probe for :class:`Script` to tell by its name. As a canary it does what ``answers`` does."""

    name: str
    version: int = 0
    answers: Callable[[], Awaitable[str]] | None = None
    kind: ClassVar[str] = "fake"

    @property
    def target(self) -> str:
        return f"fake://{self.name}"

    async def check(self, trace: Trace) -> str:
        assert self.answers
        return await self.answers()


def endpoint(name: str, **keys: Any) -> Endpoint:
    """One with short numbers: every 10 s, confirmed every 2 s."""
    version = keys.pop("version", 0)
    usual: dict[str, Any] = {
        "id": name,
        "interval": 10.0,
        "timeout": 5.0,
        "retry_interval": 2.0,
        "down_after": 3,
        "up_after": 2,
    }
    return Endpoint(name=name, probe=Scripted(name, version), **{**usual, **keys})


def config(*endpoints: Endpoint, **keys: Any) -> Config:
    settings = Settings(
        max_concurrency=keys.pop("max_concurrency", None), connectivity=tuple(keys.pop("connectivity", ()))
    )
    return Config(endpoints=endpoints, settings=settings, title="test", **keys)


class Script:
    """Stands in for ``run_probe``: each endpoint answers by its letters, the last again and again.

    ``u`` up, ``g`` with a warning, ``d`` down, ``i`` this machine's fault, ``h`` hangs until its
    time is up, ``H`` hangs and does not heed being cancelled, ``!`` crashes. Endpoints without
    letters are up.
    """

    def __init__(self, takes: float = 0.0, **letters: str) -> None:
        self.letters: dict[str, str] = letters
        self.takes: defaultdict[str, float] = defaultdict(lambda: takes)
        self.started: defaultdict[str, list[float]] = defaultdict(list)
        """When each endpoint's checks began, in seconds after the beginning."""
        self.versions: defaultdict[str, list[int]] = defaultdict(list)
        self.cancelled: list[str] = []
        self.running = self.most = 0

    async def __call__(
        self, probe: Probe, timeout: float, assertions: Sequence[Assertion], begun: Progress
    ) -> Observation:
        assert isinstance(probe, Scripted)
        begun(Trace(assertions))
        began = clock()
        self.started[probe.name].append(loop().time() - BEGINNING)
        self.versions[probe.name].append(probe.version)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            return await self._play(probe.name, timeout, began)
        except asyncio.CancelledError:
            self.cancelled.append(probe.name)
            raise
        finally:
            self.running -= 1

    async def _play(self, name: str, timeout: float, began: float) -> Observation:
        letter = self._next(name)
        while letter == "H":
            try:
                await asyncio.sleep(3600)
                letter = "u"
            except asyncio.CancelledError:
                pass
        if letter == "!":
            raise RuntimeError("crashed")
        await asyncio.sleep(timeout if letter == "h" else self.takes[name])
        return _ANSWERS[letter](began)

    def _next(self, name: str) -> str:
        letters = self.letters.get(name, "u")
        if len(letters) > 1:
            self.letters[name] = letters[1:]
        return letters[0]


def _failed(reason: Reason, message: str) -> Callable[[float], Observation]:
    return lambda began: Observation(started=began, latency_ms=1.0, reason=reason, message=message)


def _answered(**keys: Any) -> Callable[[float], Observation]:
    return lambda began: Observation(
        started=began, latency_ms=5.0, phases_ms={"wait": 5.0}, message="200 OK", **keys
    )


_ANSWERS: dict[str, Callable[[float], Observation]] = {
    "u": _answered(),
    "g": _answered(degraded=True),
    "d": _failed(Reason.CONNECTION_REFUSED, "connection refused"),
    "i": _failed(Reason.LOCAL_ERROR, "out of descriptors"),
    "h": _failed(Reason.READ_TIMEOUT, "no answer"),
}


# ── an engine at work ───────────────────────────────────────────────────────────────────────────


class Running:
    """An engine at work in virtual time."""

    def __init__(self, script: Script, new: Config) -> None:
        self.script = script
        self.engine = Engine(new, clock=clock, run_probe=script)
        self.engine.start()

    def handle(self, name: str) -> int:
        return next(one.handle for one in self.engine.endpoints.values() if one.endpoint.name == name)

    def row(self, name: str) -> EndpointStatus:
        return self.engine.status(self.engine.endpoints[self.handle(name)], 99)

    def state(self, name: str) -> State:
        return self.row(name).state

    def reload(self, *endpoints: Endpoint, **keys: Any) -> None:
        new = config(*endpoints, **keys)
        self.engine.apply(new, diff(self.engine.config, new))

    @property
    def events(self) -> list[str]:
        """What was told of endpoints, and of the engine."""
        names = {one.handle: one.endpoint.name for one in self.engine.endpoints.values()}
        return [
            f"{names.get(event.handle, '?')}: {event.text}" if event.handle is not None else event.text
            for event in self.engine.event_log.since(0)
        ]

    def starts(self, name: str) -> list[float]:
        return [round(moment, 3) for moment in self.script.started[name]]


@asynccontextmanager
async def watching(script: Script, *endpoints: Endpoint, **keys: Any) -> AsyncIterator[Running]:
    running = Running(script, config(*endpoints, **keys))
    try:
        yield running
    finally:
        await running.engine.stop()
