"""A report: uptime, incidents, latencies and error budgets of a period, as values."""

from __future__ import annotations

from typing import Literal

import msgspec

from monitor.model.state import Incident

By = Literal["endpoint", "group", "tag"]
"""One entry for each of these."""


class Latencies(msgspec.Struct, frozen=True, kw_only=True):
    """Latencies of passed checks in milliseconds; None without any."""

    p50: float | None = None
    p90: float | None = None
    p95: float | None = None
    p99: float | None = None
    max: float | None = None


class LocationEntry(msgspec.Struct, frozen=True, kw_only=True):
    """The checks of one location of a cluster; the quorum decides the uptime."""

    location: str
    checks: int
    failed: int
    inconclusive: int
    """Number of checks that the location itself prevented."""
    success_rate: float | None
    """The share of the conclusive checks that passed, from 0 to 1, rounded down."""
    latency_ms: Latencies


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """An error budget; all None without an objective."""

    objective: float | None = None
    """Per cent, as in the config."""
    budget_s: float | None = None
    """Downtime that the objective allows over the period."""
    left_s: float | None = None
    """The remaining downtime; negative if the budget is overspent."""
    burn: float | None = None
    """Burn rate: the downtime of the last hour, divided by the allowed share; 1 spends the budget exactly."""


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the period, such as one day, for drawing."""

    start: float
    end: float
    uptime: float | None
    """None: nothing is known."""
    known_s: float
    down_s: float
    maintenance_s: float


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One endpoint's figures, or those of a group or tag: sums, and the worst budget."""

    id: str | None
    """None for a group or a tag."""
    name: str
    """Name of the endpoint, the group or the tag; empty for endpoints without a group or tag."""
    group: str | None
    tags: tuple[str, ...]
    checks: int
    failed: int
    uptime: float | None
    """From 0 to 1, rounded down."""
    known_s: float
    down_s: float
    maintenance_s: float
    unknown_s: float
    incidents: int
    """Incidents that overlap the period. This and the next figures leave out those in maintenance."""
    longest_s: float | None
    """Duration of the longest incident, from its beginning to its end or the period's."""
    mttr_s: float | None
    """Mean duration of the incidents that ended in the period because the endpoint was up again."""
    mtbf_s: float | None
    """Mean time up for each incident that began in the period."""
    latency_ms: Latencies
    slo: Budget
    bars: tuple[Bar, ...] = ()
    locations: tuple[LocationEntry, ...] = ()
    """Empty without a cluster; in alphabetical order."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A period's figures; times are seconds since the epoch."""

    since: float
    until: float
    generated_at: float
    by: By
    entries: tuple[Entry, ...]
    total: Entry
    """All entries as one."""
    incidents: tuple[Incident, ...]
    """The incidents that overlap the period, oldest first."""
    in_maintenance: frozenset[str] = frozenset()
    """Ids of the incidents that lie wholly in maintenance; no figure counts them."""
