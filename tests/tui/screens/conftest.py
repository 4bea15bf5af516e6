"""A dashboard before an engine that the test plays."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from monitor.errors import LinkError
from monitor.link.messages import Changes, Detail, Done, EndpointInfo, EndpointStatus, Point, Snapshot
from monitor.model import Certificate, Event, Explanation, Reason, Result, State, Status
from monitor.tui.app import Dashboard

NOW = 1_800_000_000.0


def _check(status=Status.UP, **changes):
    values = {
        "endpoint": "shop",
        "status": status,
        "reason": None,
        "message": "200 OK",
        "checked_at": NOW - 35,
        "latency_ms": 41.7,
        "phases_ms": {"connect": 8.0, "wait": 33.7},
        "address": "203.0.113.7:443",
        "certificate": Certificate(
            subject="CN=shop",
            issuer="CN=CA",
            not_before=NOW - 9e6,
            not_after=NOW + 9e6,
            fingerprint="ab" * 32,
        ),
        "explanation": Explanation(asked="GET /health", answer="HTTP/1.1 200 OK\n\n[bold]hello\x1b[2J"),
    }
    return Result(**values | changes)


class Engine:
    """Three endpoints: one down, one up, one never checked. Keeps what was asked of it."""

    def __init__(self):
        names = "Shop front", "日本 [b]api", "mail"
        self.infos = tuple(
            EndpointInfo(
                handle=handle,
                id=f"id-{handle}",
                name=name,
                kind="http",
                target=f"https://host{handle}.test/",
                group="" if handle == 3 else "my shop",
                runbook="https://wiki.test/shop" if handle == 1 else "",
                warn_latency_ms=150.0,
                timeout=3.0,
            )
            for handle, name in enumerate(names, start=1)
        )
        down = {"reason": Reason.READ_TIMEOUT, "message": "no answer", "latency_ms": 3000.0}
        self.rows = (
            EndpointStatus(handle=1, state=State.DOWN, since=NOW - 30, total=61, **down),
            EndpointStatus(handle=2, state=State.UP, since=NOW - 3000, latency_ms=41.7),
            EndpointStatus(handle=3, state=State.PENDING, since=NOW - 3000),
        )
        self.points = [Point(NOW - 600 + 10 * n, "u", 40.0 + n % 7) for n in range(60)] + [
            Point(NOW, "d", -1.0)
        ]
        self.events = tuple(
            Event(
                at=NOW - 100 + n,
                handle=(1, 2, 3, None, 99)[n % 5],
                level=("good", "info", "warn", "bad")[n % 4],
                text=f"event {n} [red]",
            )
            for n in range(100)
        )
        self.changes = []
        self.commands = []
        self.asked_since = []
        self.gone = ""

    async def hello(self):
        return Snapshot(
            version="1",
            title="shop.toml",
            config_file="/etc/monitor/shop.toml",
            started_at=NOW - 9000,
            now=NOW,
            infos=self.infos,
            statuses=self.rows,
            events=self.events,
        )

    async def pull(self, uptimes=()):
        return self.changes.pop(0) if self.changes else Changes(now=NOW)

    async def detail(self, handle, since):
        self.asked_since.append((handle, since))
        if self.gone:
            raise LinkError(self.gone)
        if handle == 3:
            return Detail(handle=3, last=None, last_failure=None, last_good=None, points=(), phases_ms={})
        failure = _check(Status.DOWN, reason=Reason.READ_TIMEOUT, message="no answer", latency_ms=3000.0)
        return Detail(
            handle=handle,
            last=failure if handle == 1 else _check(),
            last_failure=failure if handle == 1 else None,
            last_good=_check(),
            points=tuple(point for point in self.points if point.at > since),
            phases_ms={"connect": 7.0, "wait": 30.0},
        )

    async def command(self, request):
        self.commands.append(request)
        return Done(ok=True, text=f"{type(request).__name__} done")

    async def close(self):
        pass


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def dashboard(engine):
    """Opens the dashboard at a size; yields the app and its pilot once the board is there."""

    @asynccontextmanager
    async def opened(width=80, height=24, **environ):
        surroundings = {"LANG": "C.UTF-8", "TERM": "xterm-256color"} | environ
        app = Dashboard(engine, environ=surroundings, clock=lambda: NOW, monotonic=lambda: 0.0)
        async with app.run_test(size=(width, height)) as pilot:
            await until(pilot, lambda: len(app.board.entries) == 3)
            yield app, pilot

    return opened


@pytest.fixture
def shown():
    """What is on the screen in front, line by line."""

    def lines(app):
        strips = app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    return lines


async def until(pilot, holds):
    """Let the app run until ``holds``; the test's own time limit ends a vain wait."""
    while not holds():
        await pilot.pause()
        await asyncio.sleep(0)


@pytest.fixture(name="until")
def _until():
    return until
