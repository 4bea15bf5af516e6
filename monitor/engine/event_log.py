"""The log that operators read: domain events in words, the newest last."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import singledispatchmethod
from itertools import islice
from typing import NamedTuple

from monitor.engine.slowdowns import in_words
from monitor.engine.tracked import Tracked
from monitor.engine.tracker import WELL, Tracker
from monitor.errors import refused
from monitor.model import Event, Problem, State
from monitor.model.events import (
    Acknowledged,
    CertificateChanged,
    ConnectivityChanged,
    DomainEvent,
    EndpointRemoved,
    Noted,
    PauseChanged,
    SilenceEnded,
    SilenceStarted,
    SlowdownChanged,
    StateChanged,
)
from monitor.syntax.duration import format_duration

KEPT = 1000
_LOGGED = frozenset({State.UP, State.DEGRADED, State.DOWN, State.UNREACHABLE})
"""States worth a line; the others precede one of these, or are gaps."""
_LEVELS = {State.UP: "good", State.DEGRADED: "warn", State.UNREACHABLE: "warn", State.DOWN: "bad"}
_OFFLINE = "this machine is offline: no canary answers, and no failure is believed"


class _Logged(NamedTuple):
    """The last state of an endpoint that the log mentions."""

    state: State | None
    at: float


class EventLog:
    """The last 1,000 lines. ``total`` is the number of all lines so far."""

    KINDS = (
        Noted,
        StateChanged,
        CertificateChanged,
        Acknowledged,
        SilenceStarted,
        SilenceEnded,
        SlowdownChanged,
        PauseChanged,
        ConnectivityChanged,
        EndpointRemoved,
    )
    """The events that the log follows."""

    def __init__(self, tracker: Tracker, clock: Callable[[], float]) -> None:
        self._tracker = tracker
        self._clock = clock
        self._lines: deque[Event] = deque(maxlen=KEPT)
        self._logged: dict[str, _Logged] = {}
        """Endpoint id -> its last logged state."""
        self.total = 0

    def note(self, level: str, text: str) -> None:
        """Add a line about the engine itself."""
        self.accept(Noted(at=self._clock(), level=level, text=text))

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Add a line about a changed config that has problems."""
        self.note("bad", refused(problems))

    def since(self, total: int) -> tuple[Event, ...]:
        """The lines after the first ``total``, as far as they are kept."""
        fresh = min(self.total - total, len(self._lines))
        return tuple(islice(self._lines, len(self._lines) - fresh, None))

    def resume(self) -> None:
        """Treat the states restored after a restart as logged."""
        for tracked in self._tracker.endpoints.values():
            if tracked.state in _LOGGED:
                self._logged[tracked.id] = _Logged(tracked.state, tracked.since)

    @singledispatchmethod
    def accept(self, event: DomainEvent) -> None:
        """Add the lines for ``event``; most events have none."""

    @accept.register
    def _(self, event: Noted) -> None:
        self._add(event.at, event.level, event.text, event.endpoint)

    @accept.register
    def _(self, event: StateChanged) -> None:
        before, after = self._logged.get(event.endpoint), event.after
        if after not in _LOGGED or (before and after is before.state):
            return
        if before or after is not State.UP:
            self._add(event.at, _LEVELS[after], self._transition(event, before), event.endpoint)
        self._logged[event.endpoint] = _Logged(after, event.at)

    @accept.register
    def _(self, event: CertificateChanged) -> None:
        self._add(event.at, "info" if event.expected else "warn", event.text, event.endpoint)

    @accept.register
    def _(self, event: Acknowledged) -> None:
        tracked = self._tracker.by_id(event.endpoint)
        mark = event.acknowledgement
        if mark:
            lasting = "" if mark.until is None else f" for {format_duration(round(mark.until - mark.at))}"
            text = f"acknowledged{lasting}{_by(mark.by)}{_note(mark.note)}"
            self._add(event.at, "info", text, event.endpoint)
        elif tracked and tracked.state not in WELL:
            self._add(event.at, "info", "no longer acknowledged", event.endpoint)

    @accept.register
    def _(self, event: SilenceStarted) -> None:
        silence = event.silence
        text = f"silenced {_lasting(silence.until, silence.until_up, event.at)}"
        text += f"{_by(silence.by)}{_note(silence.note)}"
        self._add_for_each(event.at, text, self._tracker.selected(silence.select), silence.select)

    @accept.register
    def _(self, event: SilenceEnded) -> None:
        silence = event.silence
        if not silence.until_up or event.by:
            covered = self._tracker.selected(silence.select)
            self._add_for_each(event.at, f"no longer silenced{_by(event.by)}", covered, silence.select)

    @accept.register
    def _(self, event: SlowdownChanged) -> None:
        before, after = event.before, event.after
        if before is None and after is not None:
            self._add(event.at, "warn", in_words(after), event.endpoint)
        elif before is not None and after is None:
            lasted = format_duration(max(round(event.at - before.since), 0))
            text = f"{before.phase} is no longer slower than usual, after {lasted}"
            self._add(event.at, "good", text, event.endpoint)

    @accept.register
    def _(self, event: PauseChanged) -> None:
        text = f"{'paused' if event.paused else 'resumed'}{_by(event.by)}"
        self._add(event.at, "info", text, event.endpoint)

    @accept.register
    def _(self, event: ConnectivityChanged) -> None:
        level, text = ("good", "this machine is online again") if event.online else ("bad", _OFFLINE)
        self._add(event.at, level, text, None)

    @accept.register
    def _(self, event: EndpointRemoved) -> None:
        self._logged.pop(event.endpoint, None)

    def _transition(self, event: StateChanged, before: _Logged | None) -> str:
        lasted = format_duration(max(round(event.at - before.at), 0)) if before else ""
        was = before.state if before else None
        match event.after:
            case State.UP if was is State.DEGRADED:
                return f"no longer degraded, after {lasted}"
            case State.UP:
                return f"up again after {lasted}"
            case State.UNREACHABLE:
                return f"unreachable: {_listed(self._names(event.because_of))} down"
            case State.DOWN if event.before is State.UNREACHABLE and event.reason is None:
                return "down until its recovery is confirmed"
        again = f"up again after {lasted}, " if was is State.DOWN else ""
        return f"{again}{event.after.value}: {event.message}"

    def _names(self, ids: tuple[str, ...]) -> list[str]:
        found = (self._tracker.by_id(id) for id in ids)
        return [tracked.endpoint.name for tracked in found if tracked]

    def _add_for_each(self, at: float, text: str, covered: list[Tracked], select: tuple[str, ...]) -> None:
        """One line per endpoint; of a wide selection, one line in all."""
        if len(covered) > _MOST_LINES:
            self._add(at, "info", f"{text}: {', '.join(select)}", None)
            return
        for tracked in covered:
            self._add(at, "info", text, tracked.id)

    def _add(self, at: float, level: str, text: str, endpoint: str | None) -> None:
        tracked = self._tracker.by_id(endpoint) if endpoint is not None else None
        handle = tracked.handle if tracked else None
        self._lines.append(Event(at=at, handle=handle, level=level, text=text))
        self.total += 1


_MOST_LINES = 20


def _listed(names: list[str]) -> str:
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"


def _lasting(until: float | None, until_up: bool, at: float) -> str:
    if until_up:
        return "until it is up"
    return "until further notice" if until is None else f"for {format_duration(round(until - at))}"


def _by(name: str) -> str:
    return f" by {name}" if name else ""


def _note(note: str) -> str:
    return f": {note}" if note else ""
