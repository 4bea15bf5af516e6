"""An endpoint's results from several locations, in rounds; each round has one verdict. Pure.

A round has at most one result of each location. It is complete when every location that is expected has
answered, and over when one of them answers again, or when the others have had enough time.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from monitor.judge.quorum import Vote, conclusive, verdict
from monitor.model import Quorum, Result


class Rounds:
    """The rounds of one endpoint."""

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
