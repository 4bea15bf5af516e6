"""Check every endpoint once, all at the same time: for the one-shot commands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

from monitor.checks.check import RunProbe, check_endpoint
from monitor.checks.connectivity import Connectivity
from monitor.checks.limits import checks_at_once, raise_open_files
from monitor.checks.run_probe import prepare, run_probe
from monitor.judge.redaction import redacted
from monitor.judge.verdict import offline
from monitor.model import Endpoint, Result, Settings, Status
from monitor.probe import awaited
from monitor.probes._heartbeats import Heartbeats
from monitor.service.heartbeat_receiver import HeartbeatReceiver
from monitor.service.web_address import bound
from monitor.trace import Resources


async def check_all(
    endpoints: Sequence[Endpoint],
    settings: Settings,
    redact: Callable[[str], str],
    resources: Resources | None = None,
) -> list[Result]:
    """Check every endpoint; one redacted result each, in their order.

    The number of checks in flight is limited by the file descriptors. The time that a check waits for its
    turn counts neither for its timeout nor for its latency. While no canary answers, failures are
    inconclusive. Lazy imports are done before, so that no check waits for them.
    """
    for endpoint in endpoints:
        prepare(endpoint.probe)
    resources = resources or Resources()
    check = partial(run_probe, resources=resources)
    turns = asyncio.Semaphore(checks_at_once(settings.max_concurrency, raise_open_files()))
    async with _hearing(endpoints, settings, resources.of(Heartbeats)), asyncio.TaskGroup() as group:
        connectivity = Connectivity(settings.connectivity)
        checks = []
        for endpoint in endpoints:
            checks.append(group.create_task(_check(endpoint, check, turns)))
            await asyncio.sleep(0)  # lets checks in flight continue between two starts
        results = [await check for check in checks]
        failed = any(result.status is Status.DOWN for result in results)
        if failed and not await connectivity.online():
            results = list(map(offline, results))
    return [redacted(result, redact) for result in results]


@asynccontextmanager
async def _hearing(
    endpoints: Sequence[Endpoint], settings: Settings, heartbeats: Heartbeats
) -> AsyncIterator[None]:
    """Accept heartbeats within this context, if an endpoint waits for one."""
    if not any(awaited(endpoint.probe) for endpoint in endpoints):
        yield
        return
    async with _answering(endpoints, settings.listen, heartbeats):
        yield


@asynccontextmanager
async def _answering(
    endpoints: Sequence[Endpoint], listen: tuple[str, int] | None, heartbeats: Heartbeats
) -> AsyncIterator[None]:
    if listen is None:
        yield
        return
    try:
        sockets = await bound(*listen)
    except OSError as error:
        heartbeats.stop(f"cannot listen on {listen[0]}:{listen[1]}: {(error.strerror or str(error)).lower()}")
        yield
        return
    from monitor.web.app import heartbeat_app
    from monitor.web.server import server

    receiver = HeartbeatReceiver(heartbeats, endpoints)
    heartbeats.patient = True
    heartbeats.listen()
    serving = server(heartbeat_app(receiver.report))
    task = asyncio.create_task(serving.serve(sockets))
    try:
        yield
    finally:
        serving.should_exit = True
        await task
        heartbeats.stop()


async def _check(endpoint: Endpoint, run_probe: RunProbe, turns: asyncio.Semaphore) -> Result:
    async with turns:
        return await check_endpoint(endpoint, run_probe)
