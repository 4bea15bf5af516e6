"""An engine that a test plays: what it says is what the test lets it say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence

from monitor.errors import LinkError
from monitor.link.certificates import CertificateInfo
from monitor.link.history import History
from monitor.link.messages import Changes, Detail, Done, EndpointInfo, EndpointStatus, EngineStats, Snapshot
from monitor.link.silences import MaintenanceWindow, StartSilence
from monitor.model import Event, Problem, Reason, Silence, State

NOW = 1_800_000_000.0
STEADY = EngineStats(checks_per_second=12.4)


def info(handle: int, name: str = "", **more: object) -> EndpointInfo:
    fields = {"name": name or f"ep-{handle}", "kind": "http", "target": f"https://host{handle}.test/"} | more
    return EndpointInfo(handle=handle, id=f"id-{handle}", **fields)


def row(handle: int, state: State = State.UP, **more: object) -> EndpointStatus:
    fields = {"since": NOW - 600, "latency_ms": 41.7, "uptime": 1.0, "message": "200 OK"} | more
    return EndpointStatus(handle=handle, state=state, **fields)


def failed(handle: int, state: State = State.DOWN, **more: object) -> EndpointStatus:
    told = {"message": "connection refused", "reason": Reason.CONNECTION_REFUSED, "latency_ms": None}
    return row(handle, state, **(told | {"outcomes": "uud", "latencies_ms": (10.0, 12.0, -1.0)} | more))


def silence(**more: object) -> Silence:
    return Silence(id="1", select=("*",), at=NOW, **more)


class FakeSource:
    """Answers at once; keeps what was asked of it."""

    remote = False

    def __init__(
        self, infos: list[EndpointInfo], rows: list[EndpointStatus], title: str = "test.toml"
    ) -> None:
        self.snapshot = Snapshot(
            version="1",
            title=title,
            config_file="/etc/monitor/test.toml",
            started_at=NOW,
            now=NOW,
            infos=tuple(infos),
            statuses=tuple(rows),
            stats=STEADY,
        )
        self.waiting: list[Changes] = []
        self.stats = STEADY
        self.asked: list[object] = []
        self.gone = ""
        """Why nothing is answered, if that is so."""
        self.wrong: tuple[Problem, ...] = ()
        """What is wrong with the config, if that is why."""
        self.replies: dict[type[object], object] = {}
        """What is answered to each kind of request about the config, or what makes the answer."""
        self.past: Callable[[float], list[EndpointStatus]] = lambda _: []
        """How every endpoint was at a moment."""
        self.sampled: list[tuple[int, Sequence[int]]] = []
        """How many samples of a past moment were asked for, and of which endpoints."""
        self.stored: History | None = None
        self.in_force: tuple[Silence, ...] = ()
        self.windows: tuple[MaintenanceWindow, ...] = ()
        self.silenced: Silence | str = "refused"
        """The answer to a request for a silence."""
        self.state_changes = 0
        self.closed = False
        self.shown_uptimes: tuple[str, ...] = ()
        """The windows that the last pull asked for."""
        self.pulled = asyncio.Event()

    def push(self, *rows: EndpointStatus, **more: object) -> None:
        self.waiting.append(Changes(now=NOW, statuses=rows, **more))

    def _check(self) -> None:
        if self.gone:
            raise LinkError(self.gone, self.wrong)

    async def hello(self) -> Snapshot:
        self._check()
        return self.snapshot

    async def pull(self, uptimes: Collection[str] = ()) -> Changes:
        self._check()
        self.shown_uptimes = tuple(uptimes)
        self.pulled.set()
        changes = self.waiting.pop(0) if self.waiting else Changes(now=NOW, stats=self.stats)
        self.stats = changes.stats or self.stats
        return changes

    async def detail(self, handle: int, since: float) -> Detail:
        self._check()
        return Detail(handle=handle, last=None, last_failure=None, last_good=None, points=(), phases_ms={})

    async def states_at(
        self, moment: float, samples: int = 0, handles: Sequence[int] = ()
    ) -> AsyncIterator[list[EndpointStatus]]:
        self._check()
        if handles:
            self.sampled.append((samples, handles))
        else:
            self.asked.append(moment)
        rows = [one for one in self.past(moment) if not handles or one.handle in handles]
        yield rows[:3]
        yield rows[3:]

    async def certificates(self) -> list[CertificateInfo]:
        self._check()
        return []

    async def silences(self) -> list[Silence]:
        self._check()
        return list(self.in_force)

    async def maintenance(self) -> list[MaintenanceWindow]:
        self._check()
        return list(self.windows)

    async def try_silence(self, request: StartSilence) -> Silence | str:
        self._check()
        self.asked.append(request)
        return self.silenced

    async def count_state_changes(self) -> int:
        self._check()
        return self.state_changes

    async def command(self, request: object) -> Done:
        self._check()
        self.asked.append(request)
        return Done(ok=True, text=f"{type(request).__name__} done")

    async def edit(self, request: object, wanted: type[object]) -> object:
        self._check()
        self.asked.append(request)
        reply = self.replies[type(request)]
        if isinstance(reply, Exception):
            raise reply
        return reply(request) if callable(reply) else reply

    def history(self, path: str) -> History | None:
        return self.stored if path else None

    async def close(self) -> None:
        self.closed = True


def mixed() -> FakeSource:
    """One of everything."""
    infos = [
        info(0, "webhooks", group="payments", tags=("eu", "web")),
        info(1, "api-eu", group="payments", tags=("eu",), file="/etc/monitor.toml", line=7),
        info(2, "api-us", group="payments", tags=("us",), warn_latency_ms=500.0),
        info(3, "статус 日本", group="intl"),
        info(4, "search", group="intl", kind="tcp"),
        info(5, "batch"),
        info(6, "[bold]evil\x1b[31m[/]"),
    ]
    rows = [
        row(
            0,
            outcomes="uuuuuu",
            latencies_ms=(40.0, 41.0, 45.0, 39.0, 90.0, 41.7),
            not_after=NOW + 20 * 86400,
        ),
        failed(1),
        row(
            2,
            State.DEGRADED,
            latency_ms=912.0,
            message="latency 912 ms, allowed 500 ms",
            reason=Reason.LATENCY_EXCEEDED,
            outcomes="ug",
            latencies_ms=(400.0, 912.0),
        ),
        row(3),
        failed(4, State.FAILING, streak=2, needed=3),
        row(5, State.PAUSED),
        row(6, State.PENDING, latency_ms=None, uptime=None, message=""),
    ]
    return FakeSource(infos, rows)


PROBLEMS = (Problem("/etc/monitor.toml", 12, "endpoints[2].interval", "is no duration"),)
EVENTS = (Event(at=NOW, handle=1, level="bad", text="api-eu is down"),)
