"""The keys that every endpoint has, whatever its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.fields import QuorumKey, Seconds, key

OWN = frozenset({"name", "id", "url"})
"""Keys that make no sense for several endpoints at once."""
EXPECTATIONS = ("expect", "warn")
RETRY_INTERVAL = 5.0
"""Default of ``retry_interval`` in seconds, unless the interval is shorter."""


@dataclass(frozen=True, kw_only=True)
class Common:
    """An endpoint's keys, besides those of its kind."""

    name: str | None = key("Its name; unique. Default: the URL's host and path.", default=None)
    id: str | None = key(
        "Stable id for the history and marks, so that the name can change. Default: derived from the name.",
        default=None,
    )
    group: str | None = key("Its group.", default=None)
    tags: tuple[str, ...] = key("Words for selecting endpoints.", default=())
    description: str = key("Description for the detail view.", default="")
    runbook: str = key("URL of the instructions for an outage; opened from the detail view.", default="")
    enabled: bool = key("Whether it is checked at all.", default=True)
    interval: Seconds = key("From the start of one check to the start of the next.", default=30.0)
    timeout: Seconds = key("For the whole check, redirects included.", default=10.0)
    retry_interval: Seconds | None = key(
        "Interval while a failure or a recovery is being confirmed. Default: 5s, or the interval if shorter.",
        default=None,
    )
    down_after: int = key("Consecutive failed checks until it is down.", default=3)
    up_after: int = key("Consecutive passed checks until an incident ends.", default=2)
    slo: float | None = key(
        "Service level objective: per cent of time not down, over 30 days. It sets the error budget.",
        default=None,
        example=99.9,
    )
    locations: tuple[str, ...] = key(
        "Where it is checked from, in a cluster. Default: every location that there is.",
        default=(),
        example=["eu", "us"],
    )
    quorum: QuorumKey = key(
        'Down when so many locations say so: "any", "majority", "all", or a number.', default="majority"
    )
    depends_on: tuple[str, ...] = key("Names of endpoints that this one needs to be reachable.", default=())
    trace_path: bool = key(
        "Trace the network path when a check cannot connect: routers, loss and round trips.", default=True
    )


def _at_least(least: float, written: str) -> Callable[[Any], str | None]:
    return lambda value: f"must be {written} or more" if value < least else None


def _positive(value: Any) -> str | None:
    return "must be more than 0" if value <= 0 else None


def _below_100(value: Any) -> str | None:
    return None if 0 < value < 100 else "must be more than 0 and less than 100, as in 99.9"


def _said(value: Any) -> str | None:
    return None if value.strip() else "is empty; leave it out, and it is made from the name"


LIMITS: Mapping[str, Callable[[Any], str | None]] = {
    "id": _said,
    "interval": _at_least(0.1, "100ms"),
    "timeout": _positive,
    "retry_interval": _at_least(0.1, "100ms"),
    "down_after": _at_least(1, "1"),
    "up_after": _at_least(1, "1"),
    "slo": _below_100,
    "max_concurrency": _at_least(1, "1"),
}
"""Key -> the complaint about a converted value, or None."""
