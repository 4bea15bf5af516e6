"""The lines of the incidents view and their order. Pure.

Open incidents come first, then closed ones, newest first. Incidents with a common cause are one group, and so
are repeated incidents of an endpoint within a short time, unless the operator unfolds the group.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.model import Cause, Ending, Incident

APART = 600.0
"""Seconds after the end of an incident within which the next one joins its group."""
AGAIN = 3
"""Number of incidents that form a group."""

WORDS = {None: "OPEN", Ending.RECOVERED: "over", Ending.PAUSED: "paused", Ending.REMOVED: "removed"}
"""The outcomes of incidents."""


@dataclass(frozen=True, slots=True)
class IncidentGroup:
    """One line of the view: an incident, or a group of one endpoint or one cause."""

    incidents: Sequence[Incident]
    """The newest first."""
    run: str | None = None
    """Identifies the group that it belongs to, if any."""
    cause: Cause | None = None
    """The common cause of the group's incidents."""

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
        if self.cause:
            return max((one.ended or now) for one in self.incidents) - self.began
        return sum(max((one.ended or now) - one.began, 0.0) for one in self.incidents)

    @property
    def span(self) -> float:
        """Seconds from the first start to the last end of a group."""
        return (self.newest.ended or self.newest.began) - self.began


def incident_groups(incidents: Iterable[Incident], unfolded: Collection[str] = ()) -> list[IncidentGroup]:
    """The lines to show; ``unfolded`` groups have one per incident."""
    newest_first = sorted(incidents, key=lambda one: (one.began, one.id), reverse=True)
    open_ones, closed = _open_and_closed(newest_first)
    groups, single = _outages(open_ones, unfolded)
    still = [*groups, *map(_single, single)]
    groups, single = _outages(closed, unfolded)
    over = [*groups, *(group for run in _runs(single) for group in _folded(run, unfolded))]
    return [*sorted(still, key=_newest_began, reverse=True), *sorted(over, key=_newest_began, reverse=True)]


def _open_and_closed(incidents: Iterable[Incident]) -> tuple[list[Incident], list[Incident]]:
    every = list(incidents)
    return [one for one in every if one.ended is None], [one for one in every if one.ended is not None]


def _newest_began(group: IncidentGroup) -> float:
    return group.newest.began


def _single(incident: Incident, run: str | None = None) -> IncidentGroup:
    return IncidentGroup([incident], run)


def _outages(
    newest_first: Sequence[Incident], unfolded: Collection[str]
) -> tuple[list[IncidentGroup], list[Incident]]:
    """The groups with a common cause, and the incidents that are in none."""
    by_outage: dict[str, list[Incident]] = {}
    for one in newest_first:
        if one.outage:
            by_outage.setdefault(one.outage, []).append(one)
    large = {outage: members for outage, members in by_outage.items() if len(members) >= AGAIN}
    groups = []
    for outage, members in large.items():
        run = f"outage {outage} {members[0].ended is None}"
        if run in unfolded:
            groups += [_single(one, run) for one in members]
        else:
            groups.append(IncidentGroup(members, run, members[0].common_cause))
    return groups, [one for one in newest_first if one.outage not in large]


def _runs(newest_first: Iterable[Incident]) -> Iterator[list[Incident]]:
    """Closed incidents, split into runs per endpoint, each starting soon after the previous one."""
    runs: dict[str, list[Incident]] = {}
    for incident in newest_first:
        assert incident.ended is not None
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
        return [_single(incident) for incident in run]
    name = run[-1].id
    return [_single(incident, name) for incident in run] if name in unfolded else [IncidentGroup(run, name)]


def searchable_text(group: IncidentGroup, name: str) -> str:
    """All texts of a line, for the filter."""
    return " ".join(_texts(group, name))


def _texts(group: IncidentGroup, name: str) -> Iterator[str]:
    yield name
    for one in group.incidents:
        if one.common_cause:
            yield from (one.common_cause.kind, one.common_cause.value)
        yield from (WORDS[one.ending], one.reason or "", one.cause, one.latest)
        if one.acknowledged:
            yield from ("acknowledged", one.acknowledged.by, one.acknowledged.note)
        for sent in one.notifications:
            yield from (sent.alert, sent.state, sent.detail)
