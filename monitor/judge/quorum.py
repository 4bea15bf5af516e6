"""One verdict from several: an endpoint checked from several places, or over both address families. Pure."""

from __future__ import annotations

from collections.abc import Sequence
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
