"""The states of all endpoints: results, commands, configs and moments in, events out. Pure.

No event loop and no clock: every moment is an argument, in seconds since the epoch. The same code
follows live checks, replays a history, and counts verdicts of other locations. Each public method
that changes something returns the events of that change, in order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable
from math import inf
from typing import Any

from msgspec.structs import replace

from monitor.engine.incidents import Incidents, note_common_cause
from monitor.engine.samples import capacity
from monitor.engine.saved import EndpointState, TrackerState
from monitor.engine.silences import cover, selected
from monitor.engine.tracked import Tracked
from monitor.judge import certificates
from monitor.judge.health import Health
from monitor.model import Acknowledgement, Config, Difference, Ending, Endpoint, Result, Silence, State
from monitor.model.events import (
    Acknowledged,
    CertificateChanged,
    Checked,
    DomainEvent,
    EndpointAdded,
    EndpointChanged,
    EndpointRemoved,
    FlappingChanged,
    IncidentUpdated,
    MaintenanceChanged,
    PauseChanged,
    SilenceEnded,
    SilenceStarted,
    StateChanged,
    StreakChanged,
)
from monitor.syntax.selection import Selection, compile_selection, silenced_by

WELL = frozenset({State.UP, State.DEGRADED})


class Tracker:
    """Follows every endpoint of a config. ``first_handle`` is the first endpoint's handle.

    ``resolver`` names this machine's name servers; empty: those of the checks are unknown.
    """

    def __init__(self, first_handle: int = 0, resolver: Callable[[], str] = str) -> None:
        self.endpoints: dict[int, Tracked] = {}
        """Handle -> endpoint, in config order."""
        self.silences: dict[str, Silence] = {}
        """Id -> silence in force."""
        self._events: list[DomainEvent] = []
        self.incidents = Incidents(self._events)
        self._by_id: dict[str, Tracked] = {}
        self._selections: dict[str, Selection] = {}
        """The compiled selection of each silence."""
        self._next_handle = first_handle
        self._resolver = resolver
        self._silence_ends = self._acknowledgement_ends = inf
        self._in_maintenance = False
        """Whether any endpoint was in maintenance at the last tick."""

    def by_id(self, id: str) -> Tracked | None:
        """The endpoint with this id."""
        return self._by_id.get(id)

    def chosen(self, handles: Iterable[int]) -> list[Tracked]:
        """The endpoints with these handles, each once; unknown handles are skipped."""
        return [self.endpoints[handle] for handle in dict.fromkeys(handles) if handle in self.endpoints]

    def _taken(self) -> list[DomainEvent]:
        events = self._events.copy()
        self._events.clear()
        return events

    # ── config ──────────────────────────────────────────────────────────────────────────────────

    def apply(self, config: Config, difference: Difference, at: float) -> list[DomainEvent]:
        """Follow ``config`` from now on; unchanged endpoints keep their state."""
        for id in difference.removed:
            self._remove(self._by_id[id], at)
        room = capacity(len(config.endpoints))
        self.endpoints = {}
        taken = [self._take(endpoint, difference, room, at) for endpoint in config.endpoints]
        self._by_id = {tracked.id: tracked for tracked in self.endpoints.values()}
        _relate(self.endpoints.values())
        self._cover()
        for tracked in filter(None, taken):
            self._settle(tracked, at)
        return self._taken()

    def _take(self, endpoint: Endpoint, difference: Difference, room: int, at: float) -> Tracked | None:
        """Follow ``endpoint``. Return its record if it is new or changed."""
        if endpoint.id in difference.added:
            self._events.append(_described(EndpointAdded, endpoint, at))
            return self._add(endpoint, room, at)
        tracked = self._by_id[endpoint.id]
        self.endpoints[tracked.handle] = tracked
        tracked.samples.resize(room)
        if endpoint.id in difference.unchanged:
            tracked.become(endpoint)  # its line in the file may have changed
            return None
        self._events += tracked.alter(endpoint, at)
        self._events.append(_described(EndpointChanged, endpoint, at))
        return tracked

    def _add(self, endpoint: Endpoint, room: int, at: float) -> Tracked:
        tracked = Tracked(self._next_handle, endpoint, room, at)
        self._next_handle += 1
        self.endpoints[tracked.handle] = tracked
        tracked.turn(tracked.judged, at)
        return tracked

    def _remove(self, tracked: Tracked, at: float) -> None:
        self.incidents.close(tracked.id, Ending.REMOVED, at)
        self._events.append(EndpointRemoved(at=at, endpoint=tracked.id))

    # ── results ─────────────────────────────────────────────────────────────────────────────────

    def accept(self, handle: int, result: Result, at: float, *, blind: bool = False) -> list[DomainEvent]:
        """Count one result; ``blind``: its check began while a dependency was failing."""
        tracked = self.endpoints.get(handle)
        if tracked is None:
            return []
        before, streak = tracked.health, tracked.progress
        tracked.being_checked = False
        for change in certificates.changes(tracked.certificates, result):
            self._events.append(
                CertificateChanged(at=at, endpoint=tracked.id, expected=change.expected, text=change.text)
            )
        tracked.learn(result, blind=blind)
        self._events.append(Checked(at=at, endpoint=tracked.id, result=result))
        self._note_flapping(tracked, before, at)
        self.incidents.accept(tracked, before, result)
        self._settle(tracked, at, streak)
        return self._taken()

    def expect(self, handle: int) -> None:
        """Note that a check of the endpoint has begun or waits for its turn."""
        tracked = self.endpoints.get(handle)
        if tracked:
            tracked.being_checked = True

    def abandon(self, handle: int, at: float) -> list[DomainEvent]:
        """Note that the check of the endpoint was cancelled: there will be no result."""
        tracked = self.endpoints.get(handle)
        if tracked is None:
            return []
        tracked.being_checked = False
        self._settle(tracked, at)
        return self._taken()

    def _note_flapping(self, tracked: Tracked, before: Health, at: float) -> None:
        flapping = tracked.health.flapping
        if flapping is not before.flapping:
            self._events.append(FlappingChanged(at=at, endpoint=tracked.id, flapping=flapping))

    def _settle(self, tracked: Tracked, at: float, streak: tuple[int, int] | None = None) -> None:
        """Update the endpoint's state, then the states of all dependents."""
        self._follow(tracked, at, streak)
        waiting = deque(tracked.dependents)
        while waiting:
            dependent = waiting.popleft()
            if dependent.health.failed and self._follow(dependent, at):
                waiting += dependent.dependents

    def _follow(self, tracked: Tracked, at: float, streak: tuple[int, int] | None = None) -> bool:
        """Update the endpoint's state. Return whether dependents must be updated too."""
        streak = tracked.progress if streak is None else streak
        belief_changed = tracked.reconsider()
        after = tracked.judged
        if after is not tracked.state:
            self._turn(tracked, after, at)
        if tracked.progress != streak:
            seen, needed = tracked.progress
            self._events.append(StreakChanged(at=at, endpoint=tracked.id, streak=seen, needed=needed))
        return belief_changed

    def _turn(self, tracked: Tracked, after: State, at: float) -> None:
        before = tracked.state
        tracked.turn(after, at)
        self._events.append(
            StateChanged(
                at=at,
                endpoint=tracked.id,
                before=before,
                after=after,
                reason=tracked.present.reason,
                message=tracked.present.message,
                because_of=tuple(one.id for one in tracked.blockers) if after is State.UNREACHABLE else (),
            )
        )
        self.incidents.state_changed(tracked, at)
        if after in WELL:
            self._recovered(tracked, at)

    def _recovered(self, tracked: Tracked, at: float) -> None:
        """Acknowledgements and some silences last until the endpoint is up."""
        if tracked.acknowledged:
            self._acknowledge(tracked, None, at)
        silence = tracked.silence
        if silence and silence.until_up:
            self._end_silence(silence, at)

    # ── commands ────────────────────────────────────────────────────────────────────────────────

    def pause(self, tracked: Tracked, at: float, by: str = "") -> list[DomainEvent]:
        """Stop judging an endpoint until it is resumed."""
        tracked.paused, tracked.being_checked = True, False
        self._settle(tracked, at)
        self._events.append(PauseChanged(at=at, endpoint=tracked.id, paused=True, by=by))
        return self._taken()

    def resume(self, tracked: Tracked, at: float, by: str = "") -> list[DomainEvent]:
        """Judge an endpoint again."""
        tracked.paused = False
        self._settle(tracked, at)
        self._events.append(PauseChanged(at=at, endpoint=tracked.id, paused=False, by=by))
        return self._taken()

    def acknowledge(
        self, tracked: Tracked, acknowledgement: Acknowledgement | None, at: float
    ) -> list[DomainEvent]:
        """Mark the endpoint's trouble as known; None takes the mark back."""
        self._acknowledge(tracked, acknowledgement, at)
        self._acknowledgement_ends = min(self._acknowledgement_ends, tracked.acknowledged_until)
        self.incidents.acknowledged(tracked, at)
        return self._taken()

    def _acknowledge(self, tracked: Tracked, mark: Acknowledgement | None, at: float) -> None:
        tracked.acknowledged = mark
        self._events.append(Acknowledged(at=at, endpoint=tracked.id, acknowledgement=mark))

    def annotate(self, incident: str, at: float, **changes: Any) -> list[DomainEvent]:
        """Add to the record of an incident, by its id."""
        self.incidents.annotate(incident, at, **changes)
        return self._taken()

    # ── silences and maintenance ────────────────────────────────────────────────────────────────

    def silence(self, silence: Silence) -> list[DomainEvent]:
        """Put ``silence`` in force. Raises UsageError if its selection is wrong."""
        self._selections[silence.id] = silenced_by(silence)
        self.silences[silence.id] = silence
        self._cover()
        self._events.append(SilenceStarted(at=silence.at, silence=silence))
        return self._taken()

    def extend_silence(self, id: str, until: float | None, at: float) -> list[DomainEvent]:
        """Let a silence end at ``until``; no events if there is none with this id."""
        if id in self.silences:
            silence = self.silences[id] = replace(self.silences[id], until=until, until_up=False)
            self._cover()
            self._events.append(SilenceStarted(at=at, silence=silence))
        return self._taken()

    def end_silence(self, id: str, at: float, by: str = "") -> list[DomainEvent]:
        """End a silence; no events if there is none with this id."""
        if id in self.silences:
            self._end_silence(self.silences[id], at, by)
        return self._taken()

    def selected(self, select: Iterable[str]) -> list[Tracked]:
        """The endpoints that terms as in ``--select`` cover. Raises UsageError for a wrong term."""
        return selected(self.endpoints.values(), compile_selection(select))

    def tick(self, at: float, maintained: Collection[str] | None = None) -> list[DomainEvent]:
        """End silences and acknowledgements whose time is over, and find the common causes of new incidents.

        ``maintained``: ids of the endpoints now in maintenance.
        """
        if at >= self._silence_ends:
            over = [one for one in self.silences.values() if one.until is not None and one.until <= at]
            for silence in over:
                self._end_silence(silence, at)
        if at >= self._acknowledgement_ends:
            self._end_acknowledgements(at)
        if maintained or (maintained is not None and self._in_maintenance):
            self._set_maintenance(maintained, at)
        if self.incidents.are_new:
            self.incidents.are_new = False
            note_common_cause(self.incidents, self._by_id, at, self._resolver())
        return self._taken()

    def _end_acknowledgements(self, at: float) -> None:
        for tracked in self.endpoints.values():
            if tracked.acknowledged_until <= at:
                self._acknowledge(tracked, None, at)
        ends = (tracked.acknowledged_until for tracked in self.endpoints.values())
        self._acknowledgement_ends = min(ends, default=inf)

    def _set_maintenance(self, maintained: Collection[str], at: float) -> None:
        self._in_maintenance = bool(maintained)
        for tracked in self.endpoints.values():
            active = tracked.id in maintained
            if active is not tracked.in_maintenance:
                tracked.in_maintenance = active
                self._events.append(MaintenanceChanged(at=at, endpoint=tracked.id, active=active))

    def _end_silence(self, silence: Silence, at: float, by: str = "") -> None:
        del self.silences[silence.id], self._selections[silence.id]
        self._cover()
        self._events.append(SilenceEnded(at=at, silence=silence, by=by))

    def _cover(self) -> None:
        self._silence_ends = cover(self.endpoints.values(), self.silences.values(), self._selections)

    def picture(self) -> list[DomainEvent]:
        """Events that rebuild the present from an empty state: endpoints, states, incidents, silences."""
        events: list[DomainEvent] = []
        for tracked in self.endpoints.values():
            events.append(_described(EndpointAdded, tracked.endpoint, tracked.since))
            events.append(
                StateChanged(
                    at=tracked.since,
                    endpoint=tracked.id,
                    before=State.PENDING,
                    after=tracked.state,
                    reason=tracked.present.reason,
                    message=tracked.present.message,
                )
            )
        known = self.incidents.known.values()
        events += [IncidentUpdated(at=incident.began, incident=incident) for incident in known]
        events += [SilenceStarted(at=silence.at, silence=silence) for silence in self.silences.values()]
        return events

    # ── a restart ───────────────────────────────────────────────────────────────────────────────

    def save(self) -> TrackerState:
        """Everything that has to survive a restart."""
        return TrackerState(
            endpoints=tuple(tracked.save() for tracked in self.endpoints.values()),
            silences=tuple(self.silences.values()),
            incidents=tuple(self.incidents.known.values()),
        )

    def saved(self, id: str) -> EndpointState | None:
        """One endpoint's part of :meth:`save`."""
        tracked = self._by_id.get(id)
        return tracked.save() if tracked else None

    def restore(self, state: TrackerState, at: float) -> list[DomainEvent]:
        """Restore ``state``, right after :meth:`apply` and before the first result."""
        self.incidents.restore(state.incidents)
        self.incidents.rebind({id: one.handle for id, one in self._by_id.items()}, at)
        for saved in state.endpoints:
            tracked = self._by_id.get(saved.id)
            if tracked:
                self._resume(tracked, saved, at)
        for silence in state.silences:
            self.silences[silence.id] = silence
            self._selections[silence.id] = silenced_by(silence)
        self._cover()
        self._acknowledgement_ends = at
        for tracked in self.endpoints.values():
            self._settle(tracked, at)
        return self.tick(at)

    def _resume(self, tracked: Tracked, saved: EndpointState, at: float) -> None:
        self._events += tracked.resume(saved, at)
        if tracked.state is not saved.state:  # it has another target now, or was disabled meanwhile
            changed = StateChanged(at=at, endpoint=tracked.id, before=saved.state, after=tracked.state)
            self._events.append(changed)


def _described(event: type[EndpointAdded], endpoint: Endpoint, at: float) -> EndpointAdded:
    return event(
        at=at,
        endpoint=endpoint.id,
        name=endpoint.name,
        group=endpoint.group or "",
        tags=endpoint.tags,
        kind=endpoint.kind,
        target=endpoint.target,
        interval=endpoint.interval,
        timeout=endpoint.timeout,
        slo=endpoint.slo,
    )


def _relate(endpoints: Collection[Tracked]) -> None:
    """Connect endpoints with their dependencies and dependents."""
    by_name = {tracked.endpoint.name: tracked for tracked in endpoints}
    for tracked in endpoints:
        tracked.dependents = []
    for tracked in endpoints:
        needed = (by_name.get(name) for name in tracked.endpoint.depends_on)
        tracked.dependencies = tuple(filter(None, needed))
        for one in tracked.dependencies:
            one.dependents.append(tracked)
