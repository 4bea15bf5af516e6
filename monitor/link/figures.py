"""What the web address asks of an engine: counts and uptimes, and that heartbeats be taken."""

from __future__ import annotations

import msgspec

from monitor.model import Status

WINDOWS: dict[str, float] = {"1h": 3600.0, "24h": 86400.0, "7d": 7 * 86400.0, "30d": 30 * 86400.0}
"""The windows of an endpoint's uptimes, in seconds."""
UPTIMES_AT_ONCE, MOST_BOUNDS = 25, 200
"""A few milliseconds' work, while checks are in flight."""


class Report(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A heartbeat as it came over HTTP. Answer: :class:`Reported`."""

    path: str
    """What stood behind ``/push/``, decoded."""
    status: str = ""
    note: str = ""
    token: str = ""


class GetMeasures(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """What a report needs of each endpoint, as far as the engine remembers. Answer: :class:`Measures`."""

    since: float
    until: float
    after: int = -1
    """Only of endpoints with a greater handle."""


class Measure(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One endpoint in a period."""

    handle: int
    checks: int
    failed: int
    slo: float | None
    seconds: tuple[float, ...]
    """Up, down, in maintenance, unknown."""
    last_hour: tuple[float, ...]
    """The same of the hour before the period's end."""
    latencies: bytes
    """A sketch of the passed checks' latencies, as :mod:`monitor.judge.sketch` encodes it."""


class Measures(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """What there is of the next endpoints, in the order of their handles."""

    measures: tuple[Measure, ...]
    after: int | None = None
    """The handle to ask on from; None: these were the last ones."""


class Reported(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """What became of a heartbeat, as HTTP has it."""

    status: int
    text: str


class GetCounts(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """What was counted of each endpoint's checks, for metrics. Answer: :class:`Counts`."""

    after: int = -1
    """Only of endpoints with a greater handle."""
    uptimes: bool = False
    """With their uptimes, which take longer to find out than all the rest."""


class Counted(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One endpoint's checks since the engine began."""

    handle: int
    checks: dict[Status, int] = {}
    """How many had which verdict."""
    incidents: int = 0
    status: Status | None = None
    """The last check's verdict, and more of that check."""
    latency_ms: float | None = None
    phases_ms: dict[str, float] = {}
    http_status: int | None = None
    uptimes: tuple[float | None, ...] = ()
    """Shares of the known time not down, one for each of :data:`WINDOWS`."""


class Counts(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """What was counted of the next endpoints, in the order of their handles."""

    counts: tuple[Counted, ...]
    after: int | None = None
    """The handle to ask on from; None: these were the last ones."""


class GetUptimes(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Uptimes of a few endpoints over successive windows. Answer: :class:`Uptimes`."""

    handles: tuple[int, ...]
    """At most :data:`UPTIMES_AT_ONCE`."""
    bounds: tuple[float, ...]
    """Where windows begin and end, seconds since the epoch; at most :data:`MOST_BOUNDS`."""


class Uptimes(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """By handle, the share of the known time not down in each window; None where nothing is known."""

    shares: dict[int, tuple[float | None, ...]]


Request = Report | GetCounts | GetUptimes | GetMeasures
Answer = Reported | Counts | Uptimes | Measures
