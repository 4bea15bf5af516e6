"""All alerts together: events and moments in, messages out; its state can be saved at any moment. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf

import msgspec

from monitor.judge.alerting.message_scheduler import MessageScheduler, SchedulerState
from monitor.judge.alerting.subject import Subject, expires_too_soon
from monitor.judge.common_cause import common_cause
from monitor.judge.shared_services import Failure, Seen
from monitor.model import (
    Cause,
    Config,
    Ending,
    Endpoint,
    Incident,
    Kind,
    Message,
    Result,
    Silence,
    Status,
    Suppression,
)
from monitor.model.events import (
    Acknowledged,
    Checked,
    DomainEvent,
    EndpointRemoved,
    FlappingChanged,
    IncidentClosed,
    IncidentOpened,
    IncidentUpdated,
    MaintenanceChanged,
    SilenceEnded,
    SilenceStarted,
    SlowdownChanged,
    StateChanged,
    StreakChanged,
)
from monitor.syntax.selection import Selection, compile_selection, silenced_by

_FAILURES = frozenset({Kind.DOWN, Kind.REMINDER})


class AlertingState(msgspec.Struct, kw_only=True):
    """Everything that has to survive a restart."""

    schedulers: dict[str, SchedulerState] = msgspec.field(default_factory=dict)
    """By the alert's name."""
    subjects: list[Subject] = msgspec.field(default_factory=list)
    at: float = inf
    """Everything that happened until then has been decided about."""


class Alerting:
    """Decides which messages the alerts of a config send.

    ``describe`` makes a text from the config fit to be shown.
    """

    def __init__(
        self,
        config: Config,
        state: AlertingState | None = None,
        *,
        describe: Callable[[str], str] = str,
        resolver: Callable[[], str] = str,
    ) -> None:
        self._subjects: dict[str, Subject] = {}
        self._silences: dict[str, Selection] = {}
        self._confirming: dict[str, None] = {}
        """Endpoints that fail and are not down yet."""
        self._seen: dict[str, Seen] = {}
        self._schedulers: list[MessageScheduler] = []
        self.revision = 0
        """Increases whenever :meth:`save` may return something else."""
        self._describe = describe
        self._resolver = resolver
        self._at = state.at if state else inf
        for subject in state.subjects if state else ():
            self._put(subject)
        self._use(config, state)

    def use(self, config: Config, at: float) -> None:
        """Apply another config; an alert keeps its record of sent messages as long as it keeps its name.

        New alerts and rules report present failures, as after a restart.
        """
        self._use(config)
        self._review_all(at)

    def _use(self, config: Config, state: AlertingState | None = None) -> None:
        self.revision += 1
        schedulers = {scheduler.alert.name: scheduler.state for scheduler in self._schedulers} | (
            dict(state.schedulers) if state else {}
        )
        self._endpoints = {endpoint.id: endpoint for endpoint in config.endpoints}
        self._schedulers = [
            MessageScheduler(
                alert, self._subjects, self._is_silenced, self._interval, schedulers.get(alert.name)
            )
            for alert in config.alerts
        ]
        self._selected = {
            scheduler.alert.name: _ids(config.endpoints, scheduler.alert.select)
            for scheduler in self._schedulers
        }
        for id in self._subjects.keys() - self._endpoints.keys():
            del self._subjects[id]
        for scheduler in self._schedulers:
            for id in scheduler.state.tracks.keys() - self._selected[scheduler.alert.name]:
                scheduler.forget(id)

    def save(self) -> AlertingState:
        """The state as a value that msgspec can encode."""
        return AlertingState(
            schedulers={scheduler.alert.name: scheduler.state for scheduler in self._schedulers},
            subjects=list(self._subjects.values()),
            at=self._at,
        )

    def suppressions(self) -> dict[str, dict[str, Suppression | None]]:
        """Reasons why alerts do not report open incidents, for all that were reviewed since the last call.

        Incident's id -> alert's name -> reason; None if the alert reports the incident, or need not.
        """
        found: dict[str, dict[str, Suppression | None]] = {}
        for scheduler in self._schedulers:
            for endpoint, why in scheduler.suppressed.items():
                subject = self._subjects.get(endpoint)
                if subject and subject.incident:
                    found.setdefault(subject.incident.id, {})[scheduler.alert.name] = why
            scheduler.suppressed.clear()
        return found

    def _interval(self, endpoint: str) -> float:
        known = self._endpoints.get(endpoint)
        return known.interval if known else 0.0

    def _is_silenced(self, endpoint: str) -> bool:
        known = self._endpoints.get(endpoint)
        return known is not None and any(selects(known) for selects in self._silences.values())

    # ── after a restart ─────────────────────────────────────────────────────────────────────────

    def resume(
        self, subjects: Iterable[Subject], silences: Iterable[Silence], ended: Iterable[Incident], at: float
    ) -> None:
        """Continue from the engine's state, which may be newer than the state saved here."""
        for silence in silences:
            self._silences[silence.id] = silenced_by(silence)
        saved = dict(self._subjects)
        self._subjects.clear()
        for subject in subjects:
            if subject.id in saved:
                subject.remember(saved[subject.id])
            self._put(subject)
        over = {incident.id: incident for incident in ended}
        for scheduler in self._schedulers:
            self._settle_with(scheduler, over)
        for incident in over.values():
            before = saved.get(incident.endpoint, Subject(id="")).incident
            self._note_missed(incident, known=before is not None and before.id == incident.id)
        self.catch_up(at)

    def _note_missed(self, incident: Incident, *, known: bool) -> None:
        """Note an outage that has ended since the state was saved."""
        if incident.ending is Ending.RECOVERED and (incident.ended or 0.0) > self._at:
            for scheduler in self._schedulers_of(incident.endpoint):
                scheduler.missed(incident, known=known)

    def catch_up(self, at: float) -> None:
        """Handle a clock that was set back to ``at``: nothing waits for a moment noted before."""
        for scheduler in self._schedulers:
            scheduler.catch_up(at)
        self._review_all(at)

    def _settle_with(self, scheduler: MessageScheduler, over: dict[str, Incident]) -> None:
        for id, track in list(scheduler.state.tracks.items()):
            subject = self._subjects.get(id)
            open_id = subject.incident.id if subject and subject.incident else ""
            if track.down and not track.owed and track.down != open_id:
                if track.down in over and over[track.down].ending is Ending.RECOVERED:
                    scheduler.closed(over[track.down])
                else:
                    track.down = ""

    # ── events ──────────────────────────────────────────────────────────────────────────────────

    def accept(self, events: Iterable[DomainEvent]) -> list[Message]:
        """Process events that belong together. Return the messages that must be sent because of them."""
        at = None
        for event in events:
            self._accept(event)
            at = event.at
        return [] if at is None else self.tick(at)

    def _accept(self, event: DomainEvent) -> None:
        match event:
            case Checked():
                self._checked(event)
            case (
                StateChanged()
                | StreakChanged()
                | FlappingChanged()
                | Acknowledged()
                | MaintenanceChanged()
                | SlowdownChanged()
            ):
                self._changed(event.endpoint, event)
            case IncidentOpened(incident=incident) | IncidentUpdated(incident=incident):
                self._changed(incident.endpoint, event)
            case IncidentClosed(incident=incident):
                self.revision += 1
                for scheduler in self._schedulers:
                    scheduler.closed(incident)
                self._changed(incident.endpoint, event)
            case SilenceStarted(silence=silence):
                self._silences[silence.id] = silenced_by(silence)
                self._review_all(event.at)
            case SilenceEnded(silence=silence):
                self._silences.pop(silence.id, None)
                self._review_all(event.at)
            case EndpointRemoved(endpoint=endpoint):
                self._forget(endpoint)

    def _checked(self, event: Checked) -> None:
        result = event.result
        self._look_at(result)
        remarkable = result.status is Status.DEGRADED or expires_too_soon(result)
        if event.endpoint in self._subjects or remarkable:
            known = self._endpoints.get(event.endpoint)
            subject = self._subject(event.endpoint)
            if subject.check(event, known.down_after if known else 1) or subject.is_unremarkable:
                self._review(event.endpoint, event.at)

    def _look_at(self, result: Result) -> None:
        """Note the facts of a check. A check that got less far does not disprove known facts."""
        before = self._seen.get(result.endpoint, Seen())
        certificate = result.certificate or before.certificate
        self._seen[result.endpoint] = Seen(result.address or before.address, certificate, result.checked_at)

    def _changed(self, endpoint: str, event: DomainEvent) -> None:
        if endpoint not in self._endpoints:
            return
        subject = self._subject(endpoint)
        subject.accept(event)
        self._note_confirming(subject)
        self._review(endpoint, event.at)

    def _put(self, subject: Subject) -> None:
        self._subjects[subject.id] = subject
        self._note_confirming(subject)

    def _note_confirming(self, subject: Subject) -> None:
        if subject.failing is not None:
            self._confirming[subject.id] = None
        else:
            self._confirming.pop(subject.id, None)

    def _subject(self, endpoint: str) -> Subject:
        return self._subjects.setdefault(endpoint, Subject(id=endpoint))

    def _schedulers_of(self, endpoint: str) -> list[MessageScheduler]:
        return [
            scheduler for scheduler in self._schedulers if endpoint in self._selected[scheduler.alert.name]
        ]

    def _review_all(self, at: float) -> None:
        for endpoint in list(self._subjects):
            self._review(endpoint, at)

    def _review(self, endpoint: str, at: float) -> None:
        self.revision += 1
        for scheduler in self._schedulers_of(endpoint):
            scheduler.review(endpoint, at)
        if self._subject(endpoint).is_unremarkable and not self._is_tracked(endpoint):
            del self._subjects[endpoint]

    def _is_tracked(self, endpoint: str) -> bool:
        return any(endpoint in scheduler.state.tracks for scheduler in self._schedulers)

    def _forget(self, endpoint: str) -> None:
        self.revision += 1
        self._subjects.pop(endpoint, None)
        self._seen.pop(endpoint, None)
        self._confirming.pop(endpoint, None)
        for scheduler in self._schedulers:
            scheduler.forget(endpoint)

    # ── time ────────────────────────────────────────────────────────────────────────────────────

    def due(self) -> float:
        """The next moment at which to call :meth:`tick`, unless an event comes first; infinity: never."""
        return min((scheduler.due() for scheduler in self._schedulers), default=inf)

    def tick(self, at: float) -> list[Message]:
        """The messages that are due at ``at``."""
        self._at = at
        messages = []
        for scheduler in self._schedulers:
            if scheduler.due() <= at:
                self.revision += 1
                confirming = [one for one in self._confirming if one in self._selected[scheduler.alert.name]]
                messages += scheduler.tick(at, confirming)
        return self._explained(messages)

    def _explained(self, messages: Iterable[Message]) -> list[Message]:
        return [msgspec.structs.replace(one, cause=self._cause(one)) for one in messages]

    def _cause(self, message: Message) -> Cause | None:
        entries = [one for one in message.entries if one.kind in _FAILURES]
        failures = [Failure(one.endpoint, one.reason, one.text) for one in entries]
        found = common_cause(failures, self._endpoints, self._seen, self._describe, self._resolver())
        return found.cause if found else None


def _ids(endpoints: Iterable[Endpoint], select: tuple[str, ...]) -> frozenset[str]:
    return frozenset(endpoint.id for endpoint in endpoints if compile_selection(select)(endpoint))
