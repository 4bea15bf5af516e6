"""The messages of the link between an engine and its clients.

Each client has its own connection to the engine's Unix socket. A frame is a length of four bytes (big-endian)
and a MessagePack message. The engine answers each request once and in order, and never sends on its own:
a dashboard pulls changes at its own pace (:class:`Pull`), and one answer brings it up to date after a stall.

Messages contain no secrets: results are redacted before they get here.
"""

from __future__ import annotations

import msgspec

from monitor.link import edits, figures, silences
from monitor.link.certificates import Certificates, GetCertificates
from monitor.link.figures import AlertCount, UptimeFigures
from monitor.link.paths import TracePath
from monitor.model import (
    Acknowledgement,
    DashboardSettings,
    Event,
    Incident,
    LocationResult,
    NetworkPath,
    Problem,
    Reason,
    Result,
    Silence,
    Slowdown,
    State,
)
from monitor.model.report import Budget

PROTOCOL = 6
"""The version of these messages. Increased by every incompatible change; both sides must agree."""


class EndpointInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One endpoint as configured. Changes only with the config.

    ``handle`` identifies the endpoint in other messages. A handle is never reused, even after a restart.
    """

    handle: int
    id: str
    name: str
    kind: str
    target: str
    group: str = ""
    tags: tuple[str, ...] = ()
    description: str = ""
    runbook: str = ""
    interval: float = 30.0
    timeout: float = 10.0
    down_after: int = 3
    up_after: int = 2
    warn_latency_ms: float | None = None
    """The latency limit of ``warn``, or else of ``expect``: for scales and threshold lines."""
    depends_on: tuple[str, ...] = ()
    enabled: bool = True
    file: str = ""
    line: int = 0


class EndpointStatus(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One endpoint's current state, and the samples that this dashboard does not have yet.

    ``outcomes`` has one letter for each new sample, oldest first: ``u`` up, ``g`` degraded, ``d`` down,
    ``i`` inconclusive. ``latencies_ms`` has their latencies, -1 where there is none. ``total`` counts the
    endpoint's samples so far, which shows a dashboard how many it missed.
    """

    handle: int
    state: State
    since: float
    """When this state began, in seconds since the epoch."""
    streak: int = 0
    """Consecutive results, of ``needed``, that confirm a failure or a recovery.

    Both are 0 if nothing is being confirmed, such as when a dependency's failure explains this one.
    """
    needed: int = 0
    reason: Reason | None = None
    message: str = ""
    latency_ms: float | None = None
    checked_at: float | None = None
    next_due: float | None = None
    not_after: float | None = None
    """The certificate chain's earliest expiry."""
    flapping: bool = False
    acknowledged: Acknowledgement | None = None
    silenced: Silence | None = None
    maintenance: bool = False
    """A maintenance window is in force."""
    uptime: float | None = None
    """Uptime of the last 24 hours: the share of the known time that was not down, 0 to 1. None if unknown."""
    total: int = 0
    outcomes: str = ""
    latencies_ms: tuple[float, ...] = ()
    locations: tuple[LocationResult, ...] = ()
    """The last result of each location, in a cluster."""
    slower: Slowdown | None = None
    """The phase that is lastingly slower than in the endpoint's own past."""
    http_status: int | None = None
    """The status code of the last check's answer, of kinds that have one."""


class EngineStats(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's own health over the last minute, which shows whether its figures can be trusted."""

    lateness_p99_ms: float = 0.0
    """99th percentile of the delay between a check's due time and its start."""
    in_flight: int = 0
    queued: int = 0
    """Due checks that wait because ``max_concurrency`` checks are in flight."""
    checks_per_second: float = 0.0
    delayed: float = 0.0
    """Share of the checks, 0 to 1, whose latency may include a delay of this machine."""
    skipped: int = 0
    """Checks skipped since the start because the previous one still ran."""
    offline: bool = False
    """No canary of ``connectivity`` answers: this machine is offline."""
    history: str = ""
    """Why the history cannot be written; empty if it can, or is off."""
    alerts: str = ""
    """The alerts whose last message could not be delivered."""
    alerts_sent: tuple[AlertCount, ...] = ()
    history_bytes: int = 0
    history_behind_s: float = 0.0
    """Age of the oldest event not written yet, in seconds."""
    others: tuple[str, ...] = ()
    """The users of the other attached dashboards, one entry per dashboard."""
    read_only: bool = False
    """This connection may not send commands."""


class Point(msgspec.Struct, frozen=True, array_like=True):
    """One sample of an endpoint's history; ``outcome`` is a letter as in :class:`EndpointStatus`."""

    at: float
    outcome: str
    latency_ms: float


# ── requests ────────────────────────────────────────────────────────────────────────────────────


class Hello(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The first request. Answer: :class:`Snapshot`, or :class:`Refused`."""

    protocol: int = PROTOCOL
    samples: int = 120
    """Limit of samples per endpoint in the snapshot and in each change."""
    dashboard: bool = True
    """Whether a person uses this connection: the other dashboards then list its user."""


class Restrict(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Make this connection read-only. Answer: :class:`Done`."""


class Pull(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Get the changes since the last answer. Answer: :class:`Changes`, at once."""

    uptimes: tuple[str, ...] = ()
    """The windows whose uptimes are shown, of :data:`~monitor.link.figures.WINDOWS`."""


class GetDetail(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Get one endpoint's details. Answer: :class:`Detail`, or :class:`Refused` if it was removed."""

    handle: int
    since: float = 0.0
    """Only points after this time."""


class GetStatesAt(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Get the endpoints' statuses at a past moment. Answer: :class:`StatesAt`."""

    moment: float
    """Seconds since the epoch, by the engine's clock."""
    samples: int = 120
    """Limit of samples per endpoint, the newest before that moment."""
    after: int = -1
    """Only endpoints with a greater handle."""
    handles: tuple[int, ...] = ()
    """Only these, at most a page; empty: all."""


class CheckNow(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Check these endpoints at once. Answer: :class:`Done`."""

    handles: tuple[int, ...]


class Pause(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Stop checking these endpoints until they are resumed. Answer: :class:`Done`.

    ``by`` as in :class:`Acknowledge`.
    """

    handles: tuple[int, ...]
    by: str = ""


class Resume(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Resume paused endpoints. Answer: :class:`Done`. ``by`` as in :class:`Acknowledge`."""

    handles: tuple[int, ...]
    by: str = ""


class Acknowledge(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Acknowledge these endpoints, or remove the mark. Answer: :class:`Done`.

    The engine accepts ``by`` from its own user only; otherwise it takes the user's name from the socket.
    """

    handles: tuple[int, ...]
    on: bool = True
    by: str = ""
    note: str = ""
    lasting: float | None = None
    """Seconds after which the mark ends; None: when the endpoint is up again, which ends it in any case."""


class SilenceEndpoints(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Silence these endpoints, or end their silence. Answer: :class:`Done`."""

    handles: tuple[int, ...]
    on: bool = True
    until: float | None = None
    """When the silence ends, by the engine's clock. None: when the endpoint is up again."""
    by: str = ""


class Reload(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Reload the config now. Answer: :class:`Done`, whose text lists the changes or the problems."""


Order = CheckNow | Pause | Resume | Acknowledge | SilenceEndpoints | TracePath
"""Commands on endpoints."""
Command = Order | silences.Command | Reload
"""Every command except edits of the config."""
Request = (
    Hello
    | Restrict
    | Pull
    | GetDetail
    | GetCertificates
    | GetStatesAt
    | silences.Request
    | figures.Request
    | Command
    | edits.Request
)


# ── answers ─────────────────────────────────────────────────────────────────────────────────────


class Snapshot(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The current state of everything, in config order. If ``more`` is set, pulls bring the rest."""

    version: str
    title: str
    """The config file's name, ``demo``, or the targets."""
    config_file: str = ""
    """Absolute path of the config, for the editor; empty if there is none."""
    history: str = ""
    """Absolute path of the history's file; empty if there is none."""
    started_at: float
    now: float
    """The engine's clock, so that ages are right if the dashboard's clock differs."""
    infos: tuple[EndpointInfo, ...]
    statuses: tuple[EndpointStatus, ...]
    events: tuple[Event, ...] = ()
    incidents: tuple[Incident, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Why the newest config is not in force; empty if it is."""
    stats: EngineStats = EngineStats()
    dashboard: DashboardSettings = DashboardSettings()
    """The theme and keys set in the config."""
    more: bool = False


class Changes(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The changes since the last answer; an empty field means no change."""

    now: float
    statuses: tuple[EndpointStatus, ...] = ()
    infos: tuple[EndpointInfo, ...] = ()
    """New or changed ones."""
    order: tuple[int, ...] | None = None
    """All handles in config order, if endpoints were added, removed or moved; None otherwise."""
    events: tuple[Event, ...] = ()
    incidents: tuple[Incident, ...] = ()
    """New or changed ones."""
    uptimes: tuple[UptimeFigures, ...] = ()
    """Those with a figure that changed, as shown, in a window that was asked for."""
    forgotten: tuple[str, ...] = ()
    """Ids of open incidents that the engine dropped; their end is unknown."""
    problems: tuple[Problem, ...] | None = None
    """None if unchanged."""
    dashboard: DashboardSettings | None = None
    """None if unchanged."""
    stats: EngineStats = EngineStats()
    more: bool = False
    """The answer is incomplete: pull again at once."""


class CheckProgress(msgspec.Struct, frozen=True, array_like=True):
    """The progress of a check that is due or has started."""

    phase: str = ""
    """The current phase; empty between two phases, and before the first."""
    elapsed_ms: float = 0.0
    phases_ms: dict[str, float] = {}
    """Durations so far, including the current phase."""


class Detail(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """One endpoint's details."""

    handle: int
    last: Result | None
    last_failure: Result | None
    last_good: Result | None
    points: tuple[Point, ...]
    phases_ms: dict[str, float]
    """Median duration of each phase over the successes in the engine's memory."""
    in_progress: CheckProgress | None = None
    path: NetworkPath | None = None
    uptimes: tuple[float | None, ...] = ()
    """One for each of :data:`~monitor.link.figures.WINDOWS`: 0 to 1, None where nothing is known."""
    budget: Budget = Budget()
    """The error budget over 30 days."""


class StatesAt(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """One page of statuses at a past moment, ordered by handle.

    An endpoint without a known state is pending. Marks, uptimes and certificates are left out: only their
    current values are known.
    """

    statuses: tuple[EndpointStatus, ...]
    after: int | None = None
    """The next page begins after this handle; None on the last page."""


class Done(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The outcome of a command."""

    ok: bool
    text: str = ""


class Refused(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The request was refused, and why."""

    text: str


Answer = (
    Snapshot
    | Changes
    | Detail
    | Certificates
    | StatesAt
    | silences.Answer
    | figures.Answer
    | Done
    | Refused
    | edits.Answer
)

INVALID_MESSAGE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""Exceptions that decoding raises for an invalid message."""

_encoder = msgspec.msgpack.Encoder()
encode = _encoder.encode
decode_request = msgspec.msgpack.Decoder(Request).decode
decode_answer = msgspec.msgpack.Decoder(Answer).decode
