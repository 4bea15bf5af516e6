"""The past states of an endpoint, for going back in time. Pure."""

from __future__ import annotations

from typing import NamedTuple

from monitor.model import Reason, State

KEPT = 32
"""Spans kept per endpoint: about ten outages with the states before and after each."""


class StateSpan(NamedTuple):
    """A state of an endpoint, which lasted until the next span began."""

    since: float
    """Seconds since the epoch."""
    state: State
    reason: Reason | None = None
    message: str = ""
    """The reason for states that have one; safe to show."""


Past = tuple[StateSpan, ...]
"""Oldest first. An endpoint without a past has the empty tuple, which takes no memory."""


def append(past: Past, span: StateSpan) -> Past:
    """``past`` with one more span; a first span of PENDING is dropped."""
    return (*past, span)[-KEPT:] if past or span.state is not State.PENDING else past


def state_at(past: Past, present: StateSpan, moment: float) -> StateSpan | None:
    """The span at ``moment``; None if it is not remembered, or nothing was known yet."""
    if present.since <= moment:
        return present
    return next((span for span in reversed(past) if span.since <= moment), None)
