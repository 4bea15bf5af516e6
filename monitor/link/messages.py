"""What an engine and its dashboards say to each other.

One Unix socket, one dashboard per connection. Every message is a frame: four bytes of length
(big-endian), then MessagePack. The dashboard asks, the engine answers each request once and in
order; the engine never speaks unasked. So a dashboard takes the newest state at its own pace
(:class:`Pull`), a slow one slows nothing, and what it missed while stalled costs one answer.

Everything in these messages is fit to be shown: secrets are redacted before they get here.
"""

from __future__ import annotations

import msgspec

from monitor.link import edits, figures, silences
from monitor.model import (
    Acknowledgement,
    DashboardSettings,
    Event,
    Incident,
    Problem,
    Reason,
    Result,
    Silence,
    State,
)

PROTOCOL = 5
"""Raised whenever a message changes its meaning; both sides must have the same."""


class EndpointInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What the config says of one endpoint, as text to show. Changes only with the config.

    ``handle`` is the number that the other messages use for this endpoint; a handle is never given to
    another endpoint, also not by an engine that is started later.
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
    """The latency that ``warn`` (or else ``expect``) allows, for scales and threshold lines."""
    depends_on: tuple[str, ...] = ()
    enabled: bool = True
    file: str = ""
    line: int = 0


class EndpointStatus(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One endpoint's present state, and the samples that this dashboard has not had yet.

    ``outcomes`` has one letter a new sample, oldest first: ``u`` up, ``g`` degraded, ``d`` down,
    ``i`` inconclusive; ``latencies_ms`` has the latency beside each, -1 where there is none.
    ``total`` counts the endpoint's samples so far: a dashboard that was away sees the gap.
    """

    handle: int
    state: State
    since: float
    """When this state began, seconds since the epoch."""
    streak: int = 0
    """While a failure or a recovery is being confirmed: how many of ``needed`` have been seen.

    Both are 0 while none counts, as for a failure that a dependency's failure explains.
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
    """It is in a maintenance window."""
    uptime: float | None = None
    """Share of the known time not down in the last 24 hours, 0 to 1; None if nothing is known."""
    total: int = 0
    outcomes: str = ""
    latencies_ms: tuple[float, ...] = ()


class AlertCount(msgspec.Struct, frozen=True, array_like=True):
    """How many of an alert's deliveries had a result since the engine began."""

    alert: str
    result: str
    """``sent`` or ``failed``."""
    count: int


class EngineStats(msgspec.Struct, frozen=True, kw_only=True):
    """How far the numbers can be trusted: the engine's own health, over the last minute."""

    lateness_p99_ms: float = 0.0
    """How late checks started after they were due."""
    in_flight: int = 0
    queued: int = 0
    """Checks due that wait because ``max_concurrency`` are in flight."""
    checks_per_second: float = 0.0
    delayed: float = 0.0
    """Share of the checks, 0 to 1, whose latency this machine may have made longer."""
    skipped: int = 0
    """Slots missed since the start because the check before still ran."""
    offline: bool = False
    """No canary of ``connectivity`` answers: this machine is offline."""
    history: str = ""
    """Why the history cannot be written; empty while it can, or is off."""
    alerts: str = ""
    """Alerts whose last message could not be delivered; empty if there are none."""
    alerts_sent: tuple[AlertCount, ...] = ()
    history_bytes: int = 0
    history_behind_s: float = 0.0
    """Seconds since the oldest event that is not written yet."""
    others: tuple[str, ...] = ()
    """The users at the other dashboards that are attached, one for each."""
    read_only: bool = False
    """This connection may change nothing."""


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
    """The most samples per endpoint that the snapshot and each change carry."""
    dashboard: bool = True
    """Somebody looks at it, and counts among the others for everybody else."""


class Restrict(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """From now on this connection may read and change nothing. Answer: :class:`Done`."""


class Pull(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Everything that changed since the last answer. Answer: :class:`Changes`, at once."""


class GetDetail(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """All about one endpoint. Answer: :class:`Detail`, or :class:`Refused` when it has gone."""

    handle: int
    since: float = 0.0
    """Only points after this time."""


class GetCertificates(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The certificates that endpoints present. Answer: :class:`Certificates`."""

    after: int = -1
    """Only of endpoints with a greater handle."""


class GetStatesAt(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """How everything was at a moment. Answer: :class:`StatesAt`."""

    moment: float
    """Seconds since the epoch, by the engine's clock."""
    samples: int = 120
    """The most samples per endpoint, those until then."""
    after: int = -1
    """Only endpoints with a greater handle."""


class CheckNow(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Check these at once, out of turn. Answer: :class:`Done`."""

    handles: tuple[int, ...]


class Pause(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Stop checking these until resumed. Answer: :class:`Done`."""

    handles: tuple[int, ...]


class Resume(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Check these again. Answer: :class:`Done`."""

    handles: tuple[int, ...]


class Acknowledge(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Mark these as known about until they are up again, or take the mark back. Answer: :class:`Done`.

    ``by`` is who says so. The engine believes its own user, and otherwise takes the name from the socket.
    ``note`` is for the others.
    """

    handles: tuple[int, ...]
    on: bool = True
    by: str = ""
    note: str = ""


class SilenceEndpoints(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Mark these as nothing to speak of, or take the mark back. Answer: :class:`Done`."""

    handles: tuple[int, ...]
    on: bool = True
    until: float | None = None
    """By the engine's clock; None is for what is not up, until it is."""
    by: str = ""


class Reload(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Read the config again now. Answer: :class:`Done`, whose text says what changed or is wrong."""


Order = CheckNow | Pause | Resume | Acknowledge | SilenceEndpoints
"""What can be done to endpoints."""
Command = Order | silences.Command | Reload
"""Everything that changes something but the config."""
Request = (
    Hello
    | Restrict
    | Pull
    | GetDetail
    | GetCertificates
    | GetStatesAt
    | silences.GetSilences
    | figures.Request
    | Command
    | edits.Request
)


# ── answers ─────────────────────────────────────────────────────────────────────────────────────


class Snapshot(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The whole picture, in config order; of many endpoints its beginning, with ``more`` to pull."""

    version: str
    title: str
    """What is watched: the config file's name, ``demo``, or the targets."""
    config_file: str = ""
    """Absolute path of the config, for the editor; empty when there is none."""
    started_at: float
    now: float
    """The engine's clock, so that ages are right when the dashboard's differs."""
    infos: tuple[EndpointInfo, ...]
    statuses: tuple[EndpointStatus, ...]
    events: tuple[Event, ...] = ()
    incidents: tuple[Incident, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Why the newest config is not in force; empty when it is."""
    stats: EngineStats = EngineStats()
    dashboard: DashboardSettings = DashboardSettings()
    """How the config wants dashboards to look, and their keys."""
    more: bool = False


class Changes(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """What changed since the last answer; empty fields mean "nothing"."""

    now: float
    statuses: tuple[EndpointStatus, ...] = ()
    infos: tuple[EndpointInfo, ...] = ()
    """New or altered ones."""
    order: tuple[int, ...] | None = None
    """All handles in config order, when endpoints came, went or moved; absent ones are gone."""
    events: tuple[Event, ...] = ()
    incidents: tuple[Incident, ...] = ()
    """New or altered ones."""
    forgotten: tuple[str, ...] = ()
    """Ids of incidents that were sent as open and whose end is no longer known."""
    problems: tuple[Problem, ...] | None = None
    """None: as before."""
    dashboard: DashboardSettings | None = None
    """None: as before."""
    stats: EngineStats = EngineStats()
    more: bool = False
    """There is more than one answer should hold: pull again at once."""


class CheckProgress(msgspec.Struct, frozen=True, array_like=True):
    """A check that is due or has begun, as far as it got."""

    phase: str = ""
    """The one it is in; empty between two, and before the first."""
    elapsed_ms: float = 0.0
    phases_ms: dict[str, float] = {}
    """Those until now, with the one that it is in."""


class Detail(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """One endpoint in full."""

    handle: int
    last: Result | None
    last_failure: Result | None
    last_good: Result | None
    points: tuple[Point, ...]
    phases_ms: dict[str, float]
    """Each phase's median over the successes that the engine remembers."""
    in_progress: CheckProgress | None = None


class CertificateInfo(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A server's own certificate, as an endpoint's last check that saw one found it."""

    handle: int
    fingerprint: str
    subject: str
    issuer: str
    names: tuple[str, ...] = ()
    more_names: int = 0
    """How many were left out of ``names``."""
    not_before: float
    expires: float
    """The chain's earliest expiry: the one that counts."""
    ends_first: str = ""
    """The subject of the issuer's certificate that ends first; empty when it is the server's own."""


class Certificates(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """What the next endpoints present, in the order of their handles."""

    certificates: tuple[CertificateInfo, ...]
    after: int | None = None
    """The handle to ask on from; None: these were the last ones."""


class StatesAt(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """How the next endpoints were at a moment, in the order of their handles.

    What is not remembered is pending. Marks, uptimes and certificates are not told: only their present
    is known.
    """

    statuses: tuple[EndpointStatus, ...]
    after: int | None = None
    """The handle to ask on from; None: these were the last ones."""


class Done(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A command was carried out, or could not be."""

    ok: bool
    text: str = ""


class Refused(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The request cannot be answered, and why."""

    text: str


Answer = (
    Snapshot
    | Changes
    | Detail
    | Certificates
    | StatesAt
    | silences.Silences
    | figures.Answer
    | Done
    | Refused
    | edits.Answer
)

NO_MESSAGE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding raises for bytes that are no message."""

_encoder = msgspec.msgpack.Encoder()
encode = _encoder.encode
decode_request = msgspec.msgpack.Decoder(Request).decode
decode_answer = msgspec.msgpack.Decoder(Answer).decode
