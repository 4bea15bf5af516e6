"""An engine for bench/screen.py: nothing is checked, but it says over a real link what one would say.

    python bench/standin.py SOCKET ENDPOINTS RESULTS_PER_SECOND [FALLEN]

The first FALLEN endpoints have just gone down. Then one endpoint a second goes down, another comes up again.
It ends with its standard input.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Collection
from pathlib import Path

from monitor.link.messages import (
    Changes,
    Detail,
    Done,
    EndpointInfo,
    EndpointStatus,
    EngineStats,
    GetStatesAt,
    Point,
    Snapshot,
    StatesAt,
)
from monitor.link.server import Server
from monitor.model import Reason, State

AT_ONCE = 250
STEADY = EngineStats(checks_per_second=1000.0, lateness_p99_ms=2.0)
SAMPLES = 120


class Engine:
    """As much of an engine as a server asks for."""

    def __init__(self, endpoints: int, results: float, fallen: int) -> None:
        self.endpoints, self.results = endpoints, results
        self.down = dict.fromkeys(range(fallen), time.time())
        """Since when each endpoint that is down is so."""
        self._flipped = time.time()
        self._latencies = [tuple(random.uniform(20, 200) for _ in range(SAMPLES)) for _ in range(100)]

    def feed(self, _samples: int) -> Feed:
        return Feed(self)

    def forget(self, _feed: Feed) -> None:
        pass

    def check_now(self, handles: tuple[int, ...]) -> int:
        return len(handles)

    def detail(self, handle: int, since: float) -> Detail:
        now = time.time()
        points = (Point(now - 10 * ago, "u", random.uniform(20, 200)) for ago in range(SAMPLES, 0, -1))
        newer = tuple(point for point in points if point.at > since)
        return Detail(
            handle=handle,
            last=None,
            last_failure=None,
            last_good=None,
            points=newer,
            phases_ms={"wait": 30.0},
        )

    def states_at(self, request: GetStatesAt, samples: int) -> StatesAt:
        first = request.after + 1
        handles = request.handles or range(first, min(first + AT_ONCE, self.endpoints))
        statuses = tuple(self.status(handle, samples) for handle in handles)
        whole = request.handles or len(handles) < AT_ONCE
        return StatesAt(statuses=statuses, after=None if whole else handles[-1])

    def flip(self) -> list[int]:
        """Once a second of changes, one goes down and one of those that are comes up; their handles."""
        if not self.results or time.time() - self._flipped < 1:
            return []
        self._flipped = time.time()
        fallen = random.randrange(self.endpoints)
        self.down[fallen] = time.time()
        risen = [next(iter(self.down))] if len(self.down) > 10 else []
        for handle in risen:
            del self.down[handle]
        return [fallen, *risen]

    def status(self, handle: int, samples: int) -> EndpointStatus:
        latencies = random.choice(self._latencies)[:samples]
        since = self.down.get(handle)
        told = {"state": State.UP, "since": 1.7e9, "message": "200 OK", "uptime": 1.0}
        if since is not None:
            told = {"state": State.DOWN, "since": since, "message": "connection refused", "uptime": 0.99}
            told["reason"] = Reason.CONNECTION_REFUSED
        letter = "u" if since is None else "d"
        return EndpointStatus(
            handle=handle,
            latency_ms=random.uniform(20, 200),
            outcomes=letter * samples,
            latencies_ms=latencies,
            **told,
        )


class Feed:
    """What one dashboard has not been told yet."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._untold = list(range(engine.endpoints))
        self._last = time.monotonic()
        self._owed = 0.0

    def snapshot(self) -> Snapshot:
        statuses, infos = self._first()
        return Snapshot(
            version="1",
            title="bench",
            started_at=1.7e9,
            now=time.time(),
            infos=infos,
            statuses=statuses,
            stats=STEADY,
            more=bool(self._untold),
        )

    def changes(self, _uptimes: Collection[str] = ()) -> Changes:
        if self._untold:
            statuses, infos = self._first()
            return Changes(
                now=time.time(), statuses=statuses, infos=infos, stats=STEADY, more=bool(self._untold)
            )
        now = time.monotonic()
        self._owed += (now - self._last) * self._engine.results
        self._last = now
        count, self._owed = int(self._owed), self._owed % 1
        handles = random.sample(range(self._engine.endpoints), min(count, self._engine.endpoints))
        statuses = tuple(self._engine.status(handle, 1) for handle in {*self._engine.flip(), *handles})
        return Changes(now=time.time(), statuses=statuses, stats=STEADY)

    def _first(self) -> tuple[tuple[EndpointStatus, ...], tuple[EndpointInfo, ...]]:
        handles, self._untold = self._untold[:AT_ONCE], self._untold[AT_ONCE:]
        self._last = time.monotonic()
        statuses = tuple(self._engine.status(handle, SAMPLES) for handle in handles)
        return statuses, tuple(map(_card, handles))


def _card(handle: int) -> EndpointInfo:
    return EndpointInfo(
        handle=handle,
        id=f"id-{handle}",
        name=f"host {handle:05} service-{handle % 7}",
        kind="http",
        target=f"https://host{handle}.example.com/health",
        group=f"group {handle % 40}",
        tags=("eu", f"tag-{handle % 9}"),
    )


async def _reload() -> Done:
    return Done(ok=True)


async def main(socket: Path, endpoints: int, results: float, fallen: int) -> None:
    server = Server(Engine(endpoints, results, fallen), _reload)
    await server.listen(socket)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int([*sys.argv, 0][4])))
