"""Domain events: the tracker's decisions as values, in order.

The event log, the dashboards, the history and the alerts are derived from these alone. Texts are redacted and
plain; times are seconds since the epoch; ``endpoint`` is an endpoint's id.
"""

from __future__ import annotations

import msgspec

from monitor.model.path import NetworkPath
from monitor.model.result import Reason, Result
from monitor.model.state import Acknowledgement, Incident, Silence, Slowdown, State


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    at: float


class Checked(_Event, frozen=True, kw_only=True, tag=True):
    """A check has ended with a result that counts."""

    endpoint: str
    result: Result


class LocationChecked(_Event, frozen=True, kw_only=True, tag=True):
    """One location of a cluster has checked an endpoint; the verdict of all of them is a :class:`Checked`."""

    endpoint: str
    location: str
    result: Result


class StateChanged(_Event, frozen=True, kw_only=True, tag=True):
    """An endpoint's state changed from ``before`` to ``after``."""

    endpoint: str
    before: State
    after: State
    reason: Reason | None = None
    message: str = ""
    """The reason for states that have one."""
    because_of: tuple[str, ...] = ()
    """Ids of the dependencies that are down, when ``after`` is ``unreachable``."""


class StreakChanged(_Event, frozen=True, kw_only=True, tag=True):
    """A failure or a recovery is being confirmed, or no longer: ``streak`` of ``needed`` results."""

    endpoint: str
    streak: int
    needed: int


class FlappingChanged(_Event, frozen=True, kw_only=True, tag=True):
    """An endpoint began or ceased to flap."""

    endpoint: str
    flapping: bool


class IncidentOpened(_Event, frozen=True, kw_only=True, tag=True):
    """An endpoint is down: ``incident.began`` is the start of the first failed check."""

    incident: Incident


class IncidentUpdated(_Event, frozen=True, kw_only=True, tag=True):
    """An open incident has one more failed check, or was acknowledged."""

    incident: Incident


class IncidentClosed(_Event, frozen=True, kw_only=True, tag=True):
    """An incident is over; ``incident.ending`` says why."""

    incident: Incident


class IncidentAnnotated(_Event, frozen=True, kw_only=True, tag=True):
    """An incident, open or over, has new notifications or a common cause."""

    incident: Incident


class Acknowledged(_Event, frozen=True, kw_only=True, tag=True):
    """An endpoint was acknowledged; None: the mark was removed."""

    endpoint: str
    acknowledgement: Acknowledgement | None


class SilenceStarted(_Event, frozen=True, kw_only=True, tag=True):
    """Endpoints are silenced, or an existing silence has a new end."""

    silence: Silence


class SilenceEnded(_Event, frozen=True, kw_only=True, tag=True):
    """A silence ran out, or somebody (``by``) ended it."""

    silence: Silence
    by: str = ""


class MaintenanceChanged(_Event, frozen=True, kw_only=True, tag=True):
    """A maintenance window that covers an endpoint began or ended."""

    endpoint: str
    active: bool


class PauseChanged(_Event, frozen=True, kw_only=True, tag=True):
    """Somebody (``by``) paused or resumed an endpoint's checks."""

    endpoint: str
    paused: bool
    by: str = ""


class CertificateChanged(_Event, frozen=True, kw_only=True, tag=True):
    """An endpoint presents a certificate for the first time."""

    endpoint: str
    expected: bool
    """It replaces one that was about to expire, by the same issuer."""
    text: str


class PathTraced(_Event, frozen=True, kw_only=True, tag=True):
    """The network path to an endpoint was traced, after a check that could not connect or on demand."""

    endpoint: str
    path: NetworkPath


class SlowdownChanged(_Event, frozen=True, kw_only=True, tag=True):
    """A phase of an endpoint became lastingly slower, still slower, or is as usual again (None)."""

    endpoint: str
    before: Slowdown | None
    after: Slowdown | None
    state: State
    """The endpoint's state meanwhile."""


class EndpointAdded(_Event, frozen=True, kw_only=True, tag=True):
    """The config has a new endpoint, or one that it had before has come back."""

    endpoint: str
    name: str
    group: str = ""
    tags: tuple[str, ...] = ()
    kind: str
    target: str
    interval: float
    timeout: float
    slo: float | None = None


class EndpointChanged(EndpointAdded, frozen=True, kw_only=True, tag=True):
    """The config describes an endpoint differently."""


class EndpointRemoved(_Event, frozen=True, kw_only=True, tag=True):
    """The config no longer has an endpoint."""

    endpoint: str


class ConnectivityChanged(_Event, frozen=True, kw_only=True, tag=True):
    """This machine went offline (no canary answers), or is online again."""

    online: bool


class Noted(_Event, frozen=True, kw_only=True, tag=True):
    """A line for the log that is not a state change."""

    level: str
    """``good``, ``info``, ``warn`` or ``bad``."""
    text: str
    endpoint: str | None = None


DomainEvent = (
    Checked
    | LocationChecked
    | StateChanged
    | StreakChanged
    | FlappingChanged
    | IncidentOpened
    | IncidentUpdated
    | IncidentClosed
    | IncidentAnnotated
    | Acknowledged
    | SilenceStarted
    | SilenceEnded
    | MaintenanceChanged
    | PauseChanged
    | CertificateChanged
    | PathTraced
    | SlowdownChanged
    | EndpointAdded
    | EndpointChanged
    | EndpointRemoved
    | ConnectivityChanged
    | Noted
)
