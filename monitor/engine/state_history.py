"""The states that an endpoint has left, so that it can be told how everything was at a moment. Pure."""

from __future__ import annotations

from typing import NamedTuple

from monitor.model import Reason, State

KEPT = 32
"""States remembered of one endpoint: about ten outages, each with its way there and back."""


class Was(NamedTuple):
    """A state that an endpoint was in."""

    since: float
    """Seconds since the epoch; it lasted until the next one began."""
    state: State
    reason: Reason | None = None
    message: str = ""
    """Why, where that is of interest; fit to be shown."""


Past = tuple[Was, ...]
"""Oldest first. Of what never was anything it is the empty one, which takes no memory."""


def leaving(past: Past, was: Was) -> Past:
    """``past`` with one state more; that nothing was known at first is not worth remembering."""
    return (*past, was)[-KEPT:] if past or was.state is not State.PENDING else past


def at(past: Past, present: Was, moment: float) -> Was | None:
    """What it was at ``moment``; None when that is not remembered, or was not known then."""
    if present.since <= moment:
        return present
    return next((was for was in reversed(past) if was.since <= moment), None)
