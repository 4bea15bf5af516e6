"""One check of an endpoint: probe, then verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from monitor.checks.connectivity import Connectivity
from monitor.checks.run_probe import Progress, ignore_progress, run_probe
from monitor.errors import crash
from monitor.judge.quorum import Vote, verdict
from monitor.judge.verdict import judge, offline
from monitor.model import Assertion, Endpoint, Observation, Probe, Reason, Result, Status

RunProbe = Callable[[Probe, float, Sequence[Assertion], Progress], Awaitable[Observation]]


def check_endpoint(
    endpoint: Endpoint, run_probe: RunProbe = run_probe, begun: Progress = ignore_progress
) -> Awaitable[Result]:
    """Check ``endpoint`` once; over IPv4 and IPv6 at the same time if its config asks for both."""
    if endpoint.twin is None:
        return _check(endpoint, endpoint.probe, run_probe, begun)
    return _check_both(endpoint, endpoint.probe, endpoint.twin, run_probe, begun)


async def _check_both(
    endpoint: Endpoint, over_ipv4: Probe, over_ipv6: Probe, run_probe: RunProbe, begun: Progress
) -> Result:
    families = {"IPv4": over_ipv4, "IPv6": over_ipv6}
    checks = (_check(endpoint, probe, run_probe, begun) for probe in families.values())
    return verdict(list(map(Vote, families, await asyncio.gather(*checks))), "any")


async def check_safely(
    endpoint: Endpoint,
    run_probe: RunProbe,
    connectivity: Connectivity,
    clock: Callable[[], float],
    begun: Progress = ignore_progress,
) -> Result:
    """As :func:`check_endpoint`, but inconclusive if this machine is offline or the check crashed."""
    try:
        result = await check_endpoint(endpoint, run_probe, begun)
        online = result.status is not Status.DOWN or await connectivity.online()
    except Exception as error:  # noqa: BLE001 -- one endpoint's trouble must not be the others'
        return local_error(endpoint.id, f"the check could not be judged: {crash(error)}", clock())
    return result if online else offline(result)


def local_error(id: str, message: str, at: float) -> Result:
    """The result of a check that this machine prevented at the moment ``at``."""
    return Result(
        endpoint=id,
        status=Status.INCONCLUSIVE,
        reason=Reason.LOCAL_ERROR,
        message=message,
        checked_at=round(at, 3),
    )


async def _check(endpoint: Endpoint, probe: Probe, run_probe: RunProbe, begun: Progress) -> Result:
    observation = await run_probe(probe, endpoint.timeout, endpoint.expect + endpoint.warn, begun)
    return judge(endpoint.id, observation, endpoint.expect, endpoint.warn)
