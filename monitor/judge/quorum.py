"""One verdict from several: an endpoint checked from several places, or over both address families. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from msgspec.structs import replace

from monitor.model import Quorum, Result, Status

_NAMED = 3
"""Voters whose names a message holds; the others are counted."""
_WORST_FIRST = (Status.DOWN, Status.INCONCLUSIVE, Status.DEGRADED, Status.UP)


class Vote(NamedTuple):
    """One voter's result."""

    voter: str
    result: Result


def needed(quorum: Quorum, voters: int) -> int:
    """The number of ``voters`` that make an endpoint down; at most all of them."""
    match quorum:
        case "any":
            return 1
        case "majority":
            return voters // 2 + 1
        case "all":
            return max(voters, 1)
    return max(1, min(quorum, voters))


def conclusive(votes: Sequence[Vote]) -> Sequence[Vote]:
    """The votes that are not inconclusive; all of them if every vote is."""
    return [vote for vote in votes if vote.result.status is not Status.INCONCLUSIVE] or votes


def verdict(votes: Sequence[Vote], quorum: Quorum) -> Result:
    """The verdict of at least one vote.

    The endpoint is down if the quorum says so, and degraded if fewer do. Otherwise the worst vote counts.
    Of several equal votes, the slowest is reported; the message names the voters that agree.
    """
    ranked = sorted(votes, key=_worst_and_slowest_first)
    worst = ranked[0].result
    failed = sum(vote.result.status is Status.DOWN for vote in votes)
    outvoted = 0 < failed < needed(quorum, len(votes))
    count = f" ({failed} of {len(votes)})" if outvoted else ""
    return replace(
        worst,
        status=Status.DEGRADED if outvoted else worst.status,
        message=f"{_who(votes, worst)}: {worst.message}{count}",
        checked_at=min(vote.result.checked_at for vote in votes),
    )


def _worst_and_slowest_first(vote: Vote) -> tuple[int, float]:
    return _WORST_FIRST.index(vote.result.status), -(vote.result.latency_ms or 0)


def _who(votes: Sequence[Vote], worst: Result) -> str:
    alike = [voter for voter, one in votes if one.status is worst.status and one.message == worst.message]
    if len(alike) > _NAMED:
        return f"{', '.join(alike[:_NAMED])} and {len(alike) - _NAMED} more"
    *first, last = alike
    return f"{', '.join(first)} and {last}" if first else last


class Rounds:
    """The results of one endpoint from several locations, in rounds; each round has one verdict.

    A round has at most one result of each location. It is complete when every location that is expected has
    answered, and over when one of them answers again, or when the others have had enough time.
    """

    __slots__ = ("_began", "_newest", "_round")

    def __init__(self) -> None:
        self._newest: dict[str, float] = {}
        self._round: dict[str, Result] = {}
        self._began = 0.0

    @property
    def begun(self) -> bool:
        """Whether a round waits for more results."""
        return bool(self._round)

    def accept(
        self, location: str, result: Result, expected: AbstractSet[str], quorum: Quorum, at: float
    ) -> list[Result]:
        """Count a location's result. Return the verdicts that it leads to, oldest first.

        ``expected`` are the locations that should answer, ``at`` is the present. A result that is not
        newer than the location's last one was counted before, and is ignored.
        """
        if result.checked_at <= self._newest.get(location, 0.0):
            return []
        self._newest[location] = result.checked_at
        verdicts = [self._close(quorum)] if location in self._round else []
        if not self._round:
            self._began = at
        self._round[location] = result
        if self._round.keys() >= expected:
            verdicts.append(self._close(quorum))
        return verdicts

    def overdue(self, patience: float, quorum: Quorum, at: float) -> Result | None:
        """The verdict of a round that began more than ``patience`` seconds ago and is not complete."""
        if not self._round or at - self._began <= patience:
            return None
        return self._close(quorum)

    def _close(self, quorum: Quorum) -> Result:
        votes, self._round = _votes(self._round), {}
        return verdict(conclusive(votes), quorum)


def _votes(results: Mapping[str, Result]) -> list[Vote]:
    """Votes in alphabetical order, so that messages do not depend on the order of arrival."""
    return [Vote(location, results[location]) for location in sorted(results)]
