"""Whether this machine is online. Probes canaries, and only on request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from monitor.checks.run_probe import run_probe
from monitor.model import Observation, Probe

CANARY_TIMEOUT = 5.0
"""Timeout of a canary in seconds."""

RunProbe = Callable[[Probe, float], Awaitable[Observation]]


class Connectivity:
    """Probes the canaries of ``[monitor] connectivity``. Concurrent callers share one round.

    ``offline`` is the outcome of the last round. Without canaries this machine counts as online.
    """

    def __init__(self, canaries: Sequence[Probe], run_probe: RunProbe = run_probe) -> None:
        self.offline = False
        self._canaries = tuple(canaries)
        self._run_probe = run_probe
        self._round: asyncio.Task[bool] | None = None

    def asking(self, canaries: Sequence[Probe]) -> Connectivity:
        """Replace the canaries; ``offline`` keeps its value until the next round."""
        if tuple(canaries) == self._canaries:
            return self
        other = Connectivity(canaries, self._run_probe)
        other.offline = self.offline and bool(canaries)
        return other

    async def online(self) -> bool:
        """Probe the canaries. Return whether any answers."""
        if not self._canaries:
            return True
        return await asyncio.shield(self._round or self._begin())

    def look_again(self) -> None:
        """While offline, probe the canaries again and again, to notice the return."""
        if self.offline and self._round is None:
            self._begin()

    def _begin(self) -> asyncio.Task[bool]:
        self._round = asyncio.create_task(self._ask())
        self._round.add_done_callback(self._over)
        return self._round

    def _over(self, _round: asyncio.Task[bool]) -> None:
        self._round = None

    async def _ask(self) -> bool:
        answered = await self._any_answers()
        self.offline = not answered
        return answered

    async def _any_answers(self) -> bool:
        asked = [asyncio.ensure_future(self._run_probe(canary, CANARY_TIMEOUT)) for canary in self._canaries]
        try:
            for answer in asyncio.as_completed(asked):
                if (await answer).reason is None:
                    return True
        finally:
            for task in asked:
                task.cancel()
        return False

    async def close(self) -> None:
        """Stop probing."""
        if self._round is not None:
            self._round.cancel()
            await asyncio.wait([self._round])
