"""One check of an endpoint: probe, then verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from monitor.checks.run_probe import Progress, ignore_progress, run_probe
from monitor.judge.quorum import Vote, verdict
from monitor.judge.verdict import judge
from monitor.model import Assertion, Endpoint, Observation, Probe, Result

RunProbe = Callable[[Probe, float, Sequence[Assertion], Progress], Awaitable[Observation]]


async def check_endpoint(
    endpoint: Endpoint, run_probe: RunProbe = run_probe, begun: Progress = ignore_progress
) -> Result:
    """Check ``endpoint`` once; over IPv4 and IPv6 at the same time where both are asked for."""
    if endpoint.twin is None:
        return await _check(endpoint, endpoint.probe, run_probe, begun)
    families = {"IPv4": endpoint.probe, "IPv6": endpoint.twin}
    checks = (_check(endpoint, probe, run_probe, begun) for probe in families.values())
    return verdict(list(map(Vote, families, await asyncio.gather(*checks))), "any")


async def _check(endpoint: Endpoint, probe: Probe, run_probe: RunProbe, begun: Progress) -> Result:
    observation = await run_probe(probe, endpoint.timeout, endpoint.expect + endpoint.warn, begun)
    return judge(endpoint.id, observation, endpoint.expect, endpoint.warn)
