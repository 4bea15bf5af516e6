"""The dashboard's copy of the engine's state. No Textual, no I/O.

A :class:`Board` applies an engine's snapshot and changes. Every change increases ``revision``, and each
entry has the revision of its last change, so that any number of screens can ask for the changes since their
last look. All texts are made safe for a terminal on the way in.
"""

from __future__ import annotations

import time
from array import array
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest

from msgspec.structs import replace

from monitor.link.figures import WINDOWS, UptimeFigures
from monitor.link.messages import (
    Changes,
    EndpointInfo,
    EndpointStatus,
    EngineStats,
    Snapshot,
)
from monitor.model import (
    Acknowledgement,
    Cause,
    DashboardSettings,
    Event,
    Incident,
    Notification,
    Problem,
    State,
)
from monitor.text import plain
from monitor.tui.data.dependencies import dependents, find_blockers
from monitor.tui.data.window import PASSED, percentile

SAMPLES = 120
"""Samples kept per endpoint, and asked for in the first request."""
EVENTS = 1000
"""Events kept for the log."""
INCIDENTS = 1000
"""Closed incidents to keep."""

NO_UPTIMES: tuple[int | None, ...] = (None,) * len(WINDOWS)


@dataclass(slots=True)
class Entry:
    """One endpoint: its config, its status, and its newest samples, oldest first."""

    info: EndpointInfo
    status: EndpointStatus
    place: int = 0
    """Its position in the config's order."""
    outcomes: str = ""
    """One letter per sample, as in :class:`~monitor.link.messages.EndpointStatus`."""
    latencies: array[float] = field(default_factory=lambda: array("f"))
    """Milliseconds of each sample, -1 if there are none."""
    revision: int = 0
    blocked_by: str = ""
    """The name of the dependency that explains the failure, if one does."""
    was_down: bool = False
    """Whether an unreachable endpoint was down before its dependency failed."""
    uptimes: tuple[int | None, ...] = NO_UPTIMES
    """One for each of :data:`~monitor.link.figures.WINDOWS`, as in :class:`UptimeFigures`."""
    texts: str = ""
    """The text for filters: name, target and group, a line each."""
    folded: str = ""
    """The same, case-folded."""
    _p95: float | None = None
    _p95_known: bool = False

    def __post_init__(self) -> None:
        self.describe(self.info)

    def describe(self, info: EndpointInfo) -> None:
        """Take ``info`` as the endpoint's config."""
        self.info = info
        self.texts = f"{info.name}\n{info.target}\n{info.group}"
        self.folded = self.texts.casefold()

    def take(self, status: EndpointStatus) -> None:
        """Take ``status`` as the current status, and add its samples."""
        self._p95_known = False
        # Its samples are kept apart; kept twice, they would take 40 MB for 10,000 endpoints.
        self.status = replace(
            status,
            message=plain(status.message),
            acknowledged=_plain_mark(status.acknowledged),
            outcomes="",
            latencies_ms=(),
        )
        self.outcomes = (self.outcomes + status.outcomes)[-SAMPLES:]
        self.latencies.extend(status.latencies_ms)
        del self.latencies[:-SAMPLES]

    def forget_samples(self) -> None:
        """Drop all samples: the same ones and older ones follow."""
        self.outcomes = ""
        del self.latencies[:]

    @property
    def severity(self) -> State:
        """The state to sort and colour by: an endpoint that was down before its dependency stays so."""
        return State.DOWN if self.was_down else self.status.state

    def cert_days(self, now: float) -> float | None:
        """Days until the certificate chain's earliest expiry; None without a certificate."""
        return None if self.status.not_after is None else (self.status.not_after - now) / 86400

    def p95_ms(self) -> float | None:
        """95th percentile of the known latencies of passed samples; None without any."""
        if not self._p95_known:
            passed = self._passed()
            self._p95 = percentile(passed, 95) if passed else None
            self._p95_known = True
        return self._p95

    def _passed(self) -> Sequence[float]:
        """The latencies of passed samples, ascending."""
        if not self.outcomes.strip(PASSED):  # all of them passed, as in most cases
            known = sorted(self.latencies)
            return known[bisect_left(known, 0.0) :]
        samples = zip(self.outcomes, self.latencies, strict=False)
        return sorted(ms for outcome, ms in samples if outcome in PASSED and ms >= 0)


class Board:
    """The engine's state as last received.

    ``clock`` returns seconds since the epoch; a ``title`` replaces the engine's.
    """

    def __init__(self, clock: Callable[[], float] = time.time, title: str = "") -> None:
        self._clock = clock
        self._title = title
        self.entries: dict[int, Entry] = {}
        """By handle, in config order."""
        self.events: deque[Event] = deque(maxlen=EVENTS)
        self.events_seen = 0
        """Number of events received, including those that ``events`` has dropped."""
        self._ids: dict[int, str] = {}
        """The ids of the previous engine's endpoints, by their handles there."""
        self.incidents: dict[str, Incident] = {}
        """By id."""
        self.incidents_revision = 0
        """The revision of their last change."""
        self.problems: tuple[Problem, ...] = ()
        self.stats = EngineStats()
        self.dashboard = DashboardSettings()
        self.title = ""
        self.version = ""
        self.config_file = self.history_file = ""
        self.started_at = 0.0
        self.offset = 0.0
        """Seconds that the engine's clock is ahead of ours."""
        self.heard_at: float | None = None
        """When the engine last answered, by our clock; None before the first time."""
        self.revision = 0
        self.layout_revision = 0
        """The revision at which endpoints were last added, removed, moved or changed."""
        self._counts: Counter[State] | None = None
        """Endpoints by state; None if they must be counted again."""

    def now(self) -> float:
        """The engine's current time, in seconds since the epoch."""
        return self._clock() + self.offset

    def age(self) -> float | None:
        """Seconds since the engine last answered; None before the first time."""
        return None if self.heard_at is None else max(self._clock() - self.heard_at, 0.0)

    def reset(self, snapshot: Snapshot) -> None:
        """Replace everything by a snapshot."""
        self.revision += 1
        self.layout_revision = self.revision
        self.title, self.version = self._title or plain(snapshot.title), snapshot.version
        self.config_file, self.started_at = snapshot.config_file, snapshot.started_at
        self.history_file = snapshot.history
        self._hear(snapshot.now)
        self.problems, self.stats = snapshot.problems, snapshot.stats
        self.dashboard = snapshot.dashboard
        self._ids = {handle: entry.info.id for handle, entry in self.entries.items()}
        self.entries, rows = {}, {row.handle: row for row in snapshot.statuses}
        self._take_infos(snapshot.infos)
        self._take_rows(rows.values())
        self.events.clear()
        self._take_events(snapshot.events)
        self.incidents.clear()
        self.incidents_revision = self.revision
        self._take_incidents(snapshot.incidents)
        self._find_blockers()

    def renew(self, revision: int) -> None:
        """Mark everything as changed, for screens that showed another board up to ``revision``."""
        self.revision = self.layout_revision = self.incidents_revision = max(self.revision, revision) + 1
        for entry in self.entries.values():
            entry.revision = self.revision

    def _hear(self, now: float) -> None:
        self.heard_at = self._clock()
        self.offset = now - self.heard_at

    def apply(self, changes: Changes) -> None:
        """Apply the changes since the last answer."""
        self.revision += 1
        self._hear(changes.now)
        self.stats = changes.stats
        if changes.problems is not None:
            self.problems = changes.problems
        if changes.dashboard is not None:
            self.dashboard = changes.dashboard
        self._take_infos(changes.infos)
        if changes.order is not None:
            self._reorder(changes.order)
        self._take_rows(changes.statuses)
        self._take_uptimes(changes.uptimes)
        self._take_events(changes.events)
        self._take_incidents(changes.incidents)
        self._forget_incidents(changes.forgotten)
        if changes.statuses or self.revision in (self.layout_revision, self.incidents_revision):
            self._find_blockers()

    def _take_infos(self, infos: Iterable[EndpointInfo]) -> None:
        for info in infos:
            self.layout_revision = self.revision
            shown = _plain_info(info)
            entry = self.entries.get(info.handle)
            if entry is None:
                pending = EndpointStatus(handle=info.handle, state=State.PENDING, since=self.now())
                entry = self.entries[info.handle] = Entry(shown, pending, place=len(self.entries))
                self._counts = None
            entry.describe(shown)
            entry.revision = self.revision

    def _reorder(self, order: tuple[int, ...]) -> None:
        known = [(handle, self.entries[handle]) for handle in order if handle in self.entries]
        self.entries = dict(known)
        for place, entry in enumerate(self.entries.values()):
            entry.place = place
        self._counts = None
        self.layout_revision = self.revision

    def _take_rows(self, rows: Iterable[EndpointStatus]) -> None:
        for row in rows:
            entry = self.entries.get(row.handle)
            if entry is not None:
                if row.state is not entry.status.state:
                    self._counts = None
                entry.take(row)
                entry.revision = self.revision

    def _take_uptimes(self, figures: Iterable[UptimeFigures]) -> None:
        for one in figures:
            entry = self.entries.get(one.handle)
            if entry is not None:
                entry.uptimes, entry.revision = one.uptimes, self.revision

    def _find_blockers(self) -> None:
        failed = {one.endpoint for one in self.incidents.values() if one.ended is None}
        find_blockers(self.entries.values(), failed, self.revision)

    def dependents(self, entry: Entry) -> list[Entry]:
        """The endpoints that depend on ``entry``, also through others, in config order."""
        return dependents(entry, self.entries.values())

    def _take_events(self, events: Iterable[Event]) -> None:
        for event in events:
            self.events.append(replace(event, text=plain(event.text)))
            self.events_seen += 1

    def _take_incidents(self, incidents: Iterable[Incident]) -> None:
        for incident in incidents:
            self.incidents[incident.id] = plain_incident(incident)
            self.incidents_revision = self.revision
        ended = [one for one in self.incidents.values() if one.ended is not None] if incidents else []
        for incident in nsmallest(len(ended) - INCIDENTS, ended, key=_end):
            del self.incidents[incident.id]

    def _forget_incidents(self, ids: Iterable[str]) -> None:
        for id in ids:
            self.incidents.pop(id, None)
            self.incidents_revision = self.revision

    def renumbered(self) -> Mapping[int, int]:
        """Handle in the previous engine -> current handle, where they differ."""
        now = {entry.info.id: handle for handle, entry in self.entries.items()}
        return {old: now[id] for old, id in self._ids.items() if now.get(id, old) != old}

    def changed_since(self, revision: int) -> Iterator[Entry]:
        """The entries that changed after ``revision``, in config order."""
        return (entry for entry in self.entries.values() if entry.revision > revision)

    def counts(self) -> Counter[State]:
        """The number of endpoints in each state."""
        if self._counts is None:
            self._counts = Counter([entry.status.state for entry in self.entries.values()])
        return self._counts


def _end(incident: Incident) -> float:
    return incident.ended or 0.0


def plain_incident(incident: Incident) -> Incident:
    """``incident`` with texts that are safe for a terminal."""
    return replace(
        incident,
        name=plain(incident.name),
        cause=plain(incident.cause),
        latest=plain(incident.latest),
        acknowledged=_plain_mark(incident.acknowledged),
        common_cause=_plain_cause(incident.common_cause),
        notifications=tuple(map(_plain_notification, incident.notifications)),
    )


def _plain_cause(cause: Cause | None) -> Cause | None:
    return cause and replace(cause, kind=plain(cause.kind), value=plain(cause.value))


def _plain_notification(one: Notification) -> Notification:
    texts = {name: plain(getattr(one, name)) for name in ("alert", "channel", "detail", "fallback_for")}
    return replace(one, **texts)


def _plain_mark(mark: Acknowledgement | None) -> Acknowledgement | None:
    return mark and replace(mark, by=plain(mark.by), note=plain(mark.note))


def _plain_info(info: EndpointInfo) -> EndpointInfo:
    return replace(
        info,
        name=plain(info.name),
        kind=plain(info.kind),
        target=plain(info.target),
        group=plain(info.group),
        tags=tuple(plain(tag) for tag in info.tags),
        description=plain(info.description),
        runbook=plain(info.runbook),
        depends_on=tuple(plain(name) for name in info.depends_on),
    )
