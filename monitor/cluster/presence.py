"""The online locations, by their agents' signs of life. Pure; moments are seconds since the epoch."""

from __future__ import annotations

from monitor.cluster.protocol import Beat

GONE_AFTER = 12.0
"""Seconds without a sign of life after which an agent counts as gone: four of its intervals."""
FORGOTTEN_AFTER = 3600.0
"""Seconds after which a location without agents is forgotten."""


class Presence:
    """The signs of life of every location's agents."""

    def __init__(self) -> None:
        self._agents: dict[str, dict[str, tuple[float, Beat]]] = {}
        """Location -> agent -> its last sign of life, and when that was."""

    def accept(self, location: str, beat: Beat, at: float) -> None:
        """Take a sign of life, which may also say that the agent is leaving."""
        self._agents.setdefault(location, {})[beat.agent] = (at, beat)

    def known(self, at: float) -> frozenset[str]:
        """The locations that had an agent within the last hour."""
        return self._with_agents(at - FORGOTTEN_AFTER, online=False)

    def online(self, at: float) -> frozenset[str]:
        """The locations with an agent that is alive and not offline."""
        return self._with_agents(at - GONE_AFTER, online=True)

    def _with_agents(self, since: float, *, online: bool) -> frozenset[str]:
        return frozenset(
            location
            for location, agents in self._agents.items()
            if any(
                heard >= since and (not online or (beat.online and not beat.leaving))
                for heard, beat in agents.values()
            )
        )

    def forget(self, at: float) -> None:
        """Forget agents that have been gone for long: each start of an agent has a name of its own."""
        for location, agents in list(self._agents.items()):
            for agent in [name for name, (heard, _) in agents.items() if heard < at - FORGOTTEN_AFTER]:
                del agents[agent]
            if not agents:
                del self._agents[location]
