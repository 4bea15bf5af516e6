"""The lines of the incidents view and their order. Pure.

Open incidents come first, then closed ones, newest first. Repeated incidents of an endpoint within a short
time are one group, unless the operator unfolds it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.model import Ending, Incident

APART = 600.0
"""Seconds after the end of an incident within which the next one joins its group."""
AGAIN = 3
"""Number of incidents that form a group."""

WORDS = {None: "OPEN", Ending.RECOVERED: "over", Ending.PAUSED: "paused", Ending.REMOVED: "removed"}
"""The outcomes of incidents."""


@dataclass(frozen=True, slots=True)
class IncidentGroup:
    """One line of the view: an incident, or a group of incidents of one endpoint."""

    incidents: Sequence[Incident]
    """The newest first."""
    run: str | None = None
    """Identifies the group that it belongs to, if any."""

    @property
    def newest(self) -> Incident:
        return self.incidents[0]

    @property
    def key(self) -> str:
        """Stable while the view exists, even if incidents join the group."""
        return self.incidents[-1].id

    @property
    def began(self) -> float:
        return self.incidents[-1].began

    @property
    def failed(self) -> int:
        """Failed checks."""
        return sum(incident.failed for incident in self.incidents)

    def lasted(self, now: float) -> float:
        """Seconds of downtime."""
        return sum(max((one.ended or now) - one.began, 0.0) for one in self.incidents)

    @property
    def span(self) -> float:
        """Seconds from the first start to the last end of a group."""
        return (self.newest.ended or self.newest.began) - self.began


def incident_groups(incidents: Iterable[Incident], unfolded: Collection[str] = ()) -> list[IncidentGroup]:
    """The lines to show; ``unfolded`` groups have one per incident."""
    newest_first = sorted(incidents, key=lambda one: (one.began, one.id), reverse=True)
    open_ones = [IncidentGroup([one]) for one in newest_first if one.ended is None]
    over = [group for run in _runs(newest_first) for group in _folded(run, unfolded)]
    return [*open_ones, *sorted(over, key=lambda group: group.newest.began, reverse=True)]


def _runs(newest_first: Iterable[Incident]) -> Iterator[list[Incident]]:
    """Closed incidents, split into runs per endpoint, each starting soon after the previous one."""
    runs: dict[str, list[Incident]] = {}
    for incident in newest_first:
        if incident.ended is None:
            continue
        run = runs.get(incident.endpoint)
        if run and run[-1].began - incident.ended <= APART:
            run.append(incident)
            continue
        if run:
            yield run
        runs[incident.endpoint] = [incident]
    yield from runs.values()


def _folded(run: list[Incident], unfolded: Collection[str]) -> list[IncidentGroup]:
    if len(run) < AGAIN:
        return [IncidentGroup([incident]) for incident in run]
    name = run[-1].id
    return (
        [IncidentGroup([incident], name) for incident in run]
        if name in unfolded
        else [IncidentGroup(run, name)]
    )


def searchable_text(group: IncidentGroup, name: str) -> str:
    """All texts of a line, for the filter."""
    return " ".join(_texts(group, name))


def _texts(group: IncidentGroup, name: str) -> Iterator[str]:
    yield name
    for one in group.incidents:
        yield from (WORDS[one.ending], one.reason or "", one.cause, one.latest)
        if one.acknowledged:
            yield from ("acknowledged", one.acknowledged.by, one.acknowledged.note)
        for sent in one.notifications:
            yield from (sent.alert, sent.state, sent.detail)
