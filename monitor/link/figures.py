"""Messages for the web address: counts, uptimes, report figures, changes of state and heartbeats."""

from __future__ import annotations

import msgspec

from monitor.model import Reason, State, Status

WINDOWS: dict[str, float] = {"1h": 3600.0, "24h": 86400.0, "7d": 7 * 86400.0, "30d": 30 * 86400.0}
"""The windows of an endpoint's uptimes, in seconds."""
UPTIMES_AT_ONCE, MOST_BOUNDS = 25, 200
"""Limits per request: the engine answers within a few milliseconds, while checks are in flight."""


def hundredths(share: float) -> int:
    """A share of time, 0 to 1, in hundredths of a per cent as people see it: rounded down.

    Below 99 %, tenths are enough.
    """
    return int(share * 10_000) if share >= 0.99 else int(share * 1000) * 10


class UptimeFigures(msgspec.Struct, frozen=True, array_like=True):
    """One endpoint's uptimes as shown."""

    handle: int
    uptimes: tuple[int | None, ...]
    """One for each of :data:`WINDOWS`, in hundredths of a per cent, rounded down.

    None if nothing is known, or if the window was not asked for.
    """


class AlertCount(msgspec.Struct, frozen=True, array_like=True):
    """The number of an alert's deliveries with one result, since the engine started."""

    alert: str
    result: str
    """``sent`` or ``failed``."""
    count: int


class Report(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A heartbeat received over HTTP. Answer: :class:`Reported`."""

    path: str
    """The URL's path after ``/push/``, decoded."""
    status: str = ""
    note: str = ""
    token: str = ""


class GetMeasures(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Report figures of every endpoint, from the engine's memory. Answer: :class:`Measures`."""

    since: float
    until: float
    after: int = -1
    """Only endpoints with a greater handle."""


class Measure(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One endpoint's figures for a period."""

    handle: int
    checks: int
    failed: int
    slo: float | None
    seconds: tuple[float, ...]
    """Seconds up, down, in maintenance, unknown."""
    last_hour: tuple[float, ...]
    """The same for the last hour of the period."""
    latencies: bytes
    """A sketch of the latencies of passed checks, encoded by :mod:`monitor.judge.sketch`."""
    in_maintenance: tuple[str, ...] = ()
    """Ids of the incidents that lie wholly in maintenance."""


class Measures(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """One page of figures, ordered by handle."""

    measures: tuple[Measure, ...]
    after: int | None = None
    """The next page begins after this handle; None on the last page."""


class Reported(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The HTTP answer to a heartbeat."""

    status: int
    text: str


class GetCounts(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Counters of every endpoint, for metrics. Answer: :class:`Counts`."""

    after: int = -1
    """Only endpoints with a greater handle."""
    uptimes: bool = False
    """Include uptimes. They take longer to compute than everything else."""


class Counted(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Counters of one endpoint since the engine started."""

    handle: int
    checks: dict[Status, int] = {}
    """Number of checks by verdict."""
    incidents: int = 0
    status: Status | None = None
    """The verdict of the last check; the next fields describe the same check."""
    latency_ms: float | None = None
    phases_ms: dict[str, float] = {}
    http_status: int | None = None
    uptimes: tuple[float | None, ...] = ()
    """Uptime for each of :data:`WINDOWS`: the share of the known time that was not down, 0 to 1."""


class Counts(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """One page of counters, ordered by handle."""

    counts: tuple[Counted, ...]
    after: int | None = None
    """The next page begins after this handle; None on the last page."""


class GetUptimes(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Uptimes of a few endpoints over successive windows. Answer: :class:`Uptimes`."""

    handles: tuple[int, ...]
    """At most :data:`UPTIMES_AT_ONCE`."""
    bounds: tuple[float, ...]
    """The bounds of the windows, in seconds since the epoch; at most :data:`MOST_BOUNDS`."""


class Uptimes(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Uptimes by handle, one per window; None where nothing is known."""

    shares: dict[int, tuple[float | None, ...]]


class StateChange(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """An endpoint's change of state, with the check that caused it."""

    number: int
    """The number of the change, counted from 1 since the engine started."""
    at: float
    handle: int
    before: State
    after: State
    reason: Reason | None = None
    message: str = ""
    latency_ms: float | None = None
    checked_at: float | None = None


class GetStateChanges(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The next changes that the engine remembers. Answer: :class:`StateChanges`."""

    after: int = 0
    """Only changes with a greater number."""


class StateChanges(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """One page of changes, ordered by number."""

    changes: tuple[StateChange, ...]
    more: bool = False
    """Whether there is another page."""
    total: int = 0
    """Number of changes since the engine started."""


Request = Report | GetCounts | GetUptimes | GetMeasures | GetStateChanges
Answer = Reported | Counts | Uptimes | Measures | StateChanges
