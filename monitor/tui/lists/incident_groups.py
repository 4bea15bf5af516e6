"""What the incidents view shows, and in which order. Pure.

Open incidents come first, then those that are over, the newest first. What an endpoint went through
again and again in a short time is one case, unless somebody wants to see each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.model import Ending, Incident

APART = 600.0
"""Seconds from the end of an incident within which the next one counts as the same trouble."""
AGAIN = 3
"""So many of them are one case."""

WORDS = {None: "OPEN", Ending.RECOVERED: "over", Ending.PAUSED: "paused", Ending.REMOVED: "removed"}
"""How each came out."""


@dataclass(frozen=True, slots=True)
class IncidentGroup:
    """One line of the view: an incident, or several of one endpoint that are shown as one."""

    incidents: Sequence[Incident]
    """The newest first."""
    run: str | None = None
    """What names the trouble that it is part of, where it came again and again."""

    @property
    def newest(self) -> Incident:
        return self.incidents[0]

    @property
    def key(self) -> str:
        """Its own for as long as the view lives, however much joins it."""
        return self.incidents[-1].id

    @property
    def began(self) -> float:
        return self.incidents[-1].began

    @property
    def failed(self) -> int:
        """Failed checks."""
        return sum(incident.failed for incident in self.incidents)

    def lasted(self, now: float) -> float:
        """Seconds of trouble."""
        return sum(max((one.ended or now) - one.began, 0.0) for one in self.incidents)

    @property
    def span(self) -> float:
        """Seconds from the first beginning to the last end, where there are several."""
        return (self.newest.ended or self.newest.began) - self.began


def incident_groups(incidents: Iterable[Incident], unfolded: Collection[str] = ()) -> list[IncidentGroup]:
    """The lines to show; runs that are ``unfolded`` have one for each incident."""
    newest_first = sorted(incidents, key=lambda one: (one.began, one.id), reverse=True)
    open_ones = [IncidentGroup([one]) for one in newest_first if one.ended is None]
    over = [group for run in _runs(newest_first) for group in _folded(run, unfolded)]
    return [*open_ones, *sorted(over, key=lambda group: group.newest.began, reverse=True)]


def _runs(newest_first: Iterable[Incident]) -> Iterator[list[Incident]]:
    """Those that are over, each endpoint's in runs of which each began soon after the one before."""
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
    """Everything that a line about the case may say."""
    return " ".join(_texts(group, name))


def _texts(group: IncidentGroup, name: str) -> Iterator[str]:
    yield name
    for one in group.incidents:
        yield from (WORDS[one.ending], one.reason or "", one.cause, one.latest)
        if one.acknowledged:
            yield from ("acknowledged", one.acknowledged.by, one.acknowledged.note)
