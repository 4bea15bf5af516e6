"""One endpoint to its result: what was seen, judged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from monitor.model import Assertion, Endpoint, Observation, Probe, Result
from monitor.observe import Begun, nobody, observe
from monitor.verdict import joined, judge

Observe = Callable[[Probe, float, Sequence[Assertion], Begun], Awaitable[Observation]]


async def examine(endpoint: Endpoint, observe: Observe = observe, begun: Begun = nobody) -> Result:
    """Check ``endpoint`` once; over IPv4 and IPv6 at the same time where both are asked for."""
    if endpoint.twin is None:
        return await _examine(endpoint, endpoint.probe, observe, begun)
    both = (_examine(endpoint, probe, observe, begun) for probe in (endpoint.probe, endpoint.twin))
    return joined(*await asyncio.gather(*both))


async def _examine(endpoint: Endpoint, probe: Probe, observe: Observe, begun: Begun) -> Result:
    observation = await observe(probe, endpoint.timeout, endpoint.expect + endpoint.warn, begun)
    return judge(endpoint.id, observation, endpoint.expect, endpoint.warn)
