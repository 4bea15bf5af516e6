"""The locations of a cluster: which are online, and the verdicts from their results for the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Set as AbstractSet

from monitor.cluster.protocol import Beat, Report
from monitor.engine import Engine
from monitor.engine.remote import RemoteChecks, RemoteVerdicts
from monitor.engine.tracked import Tracked
from monitor.judge.quorum import Rounds
from monitor.model import Endpoint, Reason, Result, Status
from monitor.model.events import LocationChecked
from monitor.probe import awaited

LATE = 5.0
"""Seconds after its timeout for which an endpoint's missing results are waited for."""
GONE_AFTER = 12.0
"""Seconds without a sign of life after which an agent counts as gone: four of its intervals."""
FORGOTTEN_AFTER = 3600.0
"""Seconds after which a location without agents is forgotten."""


class Presence:
    """The signs of life of every location's agents. Pure; moments are seconds since the epoch."""

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


def is_shared(endpoint: Endpoint) -> bool:
    """Whether agents check it; heartbeats arrive at the web address of this machine."""
    return endpoint.enabled and awaited(endpoint.probe) is None


class Locations:
    """The locations of one cluster, as one daemon sees them."""

    def __init__(self, engine: Engine, remote: RemoteChecks) -> None:
        self._engine = engine
        self._verdicts = RemoteVerdicts(engine.tracker, engine.publisher, remote)
        self._presence = Presence()
        self._rounds: dict[str, Rounds] = {}
        """The rounds of each endpoint."""
        self._begun: dict[str, None] = {}
        """Endpoints whose round is not complete."""
        self._online: AbstractSet[str] = frozenset()

    # ── who is there ────────────────────────────────────────────────────────────────────────────

    def beat(self, location: str, beat: Beat, at: float) -> None:
        """Note that an agent is alive or leaves."""
        self._presence.accept(location, beat, at)

    def known(self) -> AbstractSet[str]:
        """The locations that were online within the last hour."""
        return self._presence.known(self._engine.clock())

    def of(self, endpoint: Endpoint) -> AbstractSet[str]:
        """The locations that should check an endpoint."""
        return frozenset(endpoint.locations) or self.known()

    def _expected(self, endpoint: Endpoint) -> AbstractSet[str]:
        """The locations whose result is worth waiting for."""
        return self._online & frozenset(endpoint.locations) if endpoint.locations else self._online

    # ── results ─────────────────────────────────────────────────────────────────────────────────

    def report(self, location: str, report: Report, _at: float) -> None:
        """Count one result, unless its location should not check the endpoint."""
        result = report.result
        tracked = self._engine.tracker.by_id(result.endpoint)
        if tracked is None or (tracked.endpoint.locations and location not in tracked.endpoint.locations):
            return
        self._engine.meter.received(asyncio.get_running_loop().time())
        tracked.note_location(location, result)
        rounds = self._rounds.get(tracked.id)
        if rounds is None:
            rounds = self._rounds[tracked.id] = Rounds()
        endpoint, now = tracked.endpoint, self._engine.clock()
        if not tracked.paused:
            checked = LocationChecked(at=now, endpoint=tracked.id, location=location, result=result)
            self._engine.publisher.publish([checked])
        for verdict in rounds.accept(location, result, self._expected(endpoint), endpoint.quorum, now):
            self._verdicts.accept(tracked, verdict, now)
        self._note_round(tracked.id, rounds)

    def _note_round(self, id: str, rounds: Rounds) -> None:
        if rounds.begun:
            self._begun[id] = None
        else:
            self._begun.pop(id, None)

    def forget(self, endpoint: str) -> None:
        """Forget an endpoint that was removed or replaced."""
        self._rounds.pop(endpoint, None)
        self._begun.pop(endpoint, None)

    def tick(self) -> bool:
        """Judge overdue rounds. Return whether the set of online locations has changed."""
        now = self._engine.clock()
        for id in list(self._begun):
            self._end_overdue(id, now)
        self._presence.forget(now)
        online, before = self._presence.online(now), self._online
        self._online = online
        for location in sorted(online ^ before):
            self._note_change(location, came=location in online)
        if online < before or not before:
            self._note_gaps(now)
        return online != before

    def _end_overdue(self, id: str, now: float) -> None:
        tracked, rounds = self._engine.tracker.by_id(id), self._rounds[id]
        assert tracked
        endpoint = tracked.endpoint
        verdict = rounds.overdue(endpoint.timeout + LATE, endpoint.quorum, now)
        if verdict:
            self._verdicts.accept(tracked, verdict, now)
            self._note_round(id, rounds)

    def _note_change(self, location: str, *, came: bool) -> None:
        text = f"location {location} is online" if came else f"location {location} is offline and has no vote"
        self._engine.event_log.note("good" if came else "warn", text)

    def _note_gaps(self, now: float) -> None:
        """Make endpoints inconclusive that no location can check."""
        for tracked in list(self._engine.endpoints.values()):
            unseen = is_shared(tracked.endpoint) and not self._expected(tracked.endpoint)
            if unseen and not _is_gap(tracked):
                self._verdicts.accept(tracked, _gap(tracked), now)


_NOBODY = "no location that checks it is online"


def _is_gap(tracked: Tracked) -> bool:
    return tracked.last is None or tracked.last.message == _NOBODY


def _gap(tracked: Tracked) -> Result:
    """An inconclusive result right after the last one: results still to come from the stream are newer."""
    assert tracked.last
    return Result(
        endpoint=tracked.id,
        status=Status.INCONCLUSIVE,
        reason=Reason.LOCAL_ERROR,
        message=_NOBODY,
        checked_at=tracked.last.checked_at + 0.001,
    )
