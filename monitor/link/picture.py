"""A copy of an engine's state, kept current from snapshots and changes. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from monitor.link.messages import Changes, EndpointInfo, EndpointStatus, EngineStats, Snapshot
from monitor.model import Incident

_INCIDENTS = 1000
"""Ended incidents to keep, as many as the engine keeps."""


class Picture:
    """All endpoints with their current statuses, and the incidents."""

    def __init__(self) -> None:
        self.infos: dict[int, EndpointInfo] = {}
        """By handle, in config order."""
        self.statuses: dict[int, EndpointStatus] = {}
        self.incidents: dict[str, Incident] = {}
        """By id: the open ones, and the newest that have ended."""
        self.stats = EngineStats()
        self.version = self.title = ""
        self.started_at = self.now = 0.0

    def begin(self, snapshot: Snapshot) -> None:
        """Replace everything by ``snapshot``."""
        self.version, self.title = snapshot.version, snapshot.title
        self.started_at, self.now, self.stats = snapshot.started_at, snapshot.now, snapshot.stats
        self.infos, self.statuses, self.incidents = {}, {}, {}
        self._take(snapshot.infos, snapshot.statuses, snapshot.incidents)

    def apply(self, changes: Changes) -> None:
        """Apply ``changes``."""
        self.now, self.stats = changes.now, changes.stats
        self._take(changes.infos, changes.statuses, changes.incidents)
        for id in changes.forgotten:
            self.incidents.pop(id, None)
        if changes.order is not None:
            self.infos = {handle: self.infos[handle] for handle in changes.order if handle in self.infos}
            self.statuses = {
                handle: self.statuses[handle] for handle in self.infos if handle in self.statuses
            }

    def _take(
        self, infos: Iterable[EndpointInfo], statuses: Iterable[EndpointStatus], incidents: Iterable[Incident]
    ) -> None:
        self.infos |= {info.handle: info for info in infos}
        self.statuses |= {status.handle: status for status in statuses}
        self.incidents |= {incident.id: incident for incident in incidents}
        ended = [incident.id for incident in self.incidents.values() if incident.ended is not None]
        for id in ended[:-_INCIDENTS]:
            del self.incidents[id]

    def endpoints(self) -> Iterator[tuple[EndpointInfo, EndpointStatus]]:
        """Every endpoint, in config order."""
        for handle, info in self.infos.items():
            if handle in self.statuses:
                yield info, self.statuses[handle]


class Engine(Protocol):
    """The part of :class:`~monitor.link.client.Client` that is needed here."""

    async def hello(self) -> Snapshot:
        """The state of everything, or its first part."""

    async def pull(self) -> Changes:
        """The changes since the last answer."""


async def whole_picture(engine: Engine) -> Picture:
    """The current state of ``engine``, whole. Raises LinkError if it does not answer."""
    picture = Picture()
    snapshot = await engine.hello()
    picture.begin(snapshot)
    more = snapshot.more
    while more:
        changes = await engine.pull()
        picture.apply(changes)
        more = changes.more
    return picture
