"""Schedule one alert's messages: in digests, within its hours and its limit. Pure.

A digest collects endpoints that fail together: everything whose failure began within ``digest`` of the first
one's. While endpoints that began to fail meanwhile are still being confirmed, it waits for them, but no
longer than one interval: endpoints with the same cause have failed by then.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from hashlib import blake2b
from math import inf

import msgspec

from monitor.judge.alerting.conditions import (
    ENDED,
    Track,
    conditions,
    forget_what_is_over,
    is_overtaken,
    is_still_down,
    note_sent,
    reminder,
    suppression,
)
from monitor.judge.alerting.subject import Subject
from monitor.judge.hours import next_open
from monitor.judge.zones import zone
from monitor.model import Alert, Ending, Entry, Incident, Kind, Message, State, Suppression

_LONGEST_WAIT = 60.0
"""Seconds that a digest waits at most for endpoints that are still being confirmed."""
_SUMMARY_AFTER = 25.0
"""Seconds after the limit was reached until a message says how many more there are."""
_SUMMARY_AGAIN = 60.0
"""Seconds until the next one of these; twice as many each time, while the limit stays reached."""


class Group(msgspec.Struct, kw_only=True):
    """A digest that is being collected."""

    endpoints: list[str]
    began: float
    earliest: float
    """When it may be sent."""
    latest: float
    """When it is sent, whatever is still being confirmed."""


class SchedulerState(msgspec.Struct, kw_only=True):
    """The state of an alert that survives a restart."""

    tracks: dict[str, Track] = msgspec.field(default_factory=dict)
    """By endpoint."""
    waiting: dict[str, float] = msgspec.field(default_factory=dict)
    """By endpoint: the moment of its next review."""
    problems: Group | None = None
    recoveries: Group | None = None
    recent: list[float] = msgspec.field(default_factory=list)
    """When messages were sent, within the period of the limit."""
    held: list[Entry] = msgspec.field(default_factory=list)
    """Messages that were held back by the limit."""
    held_messages: int = 0
    summary_at: float | None = None
    summary_pause: float = 0.0


class MessageScheduler:
    """Applies the rules of one alert. ``interval`` gives an endpoint's interval, ``muted`` its silence."""

    def __init__(
        self,
        alert: Alert,
        subjects: Mapping[str, Subject],
        muted: Callable[[str], bool],
        interval: Callable[[str], float],
        state: SchedulerState | None = None,
    ) -> None:
        self.alert = alert
        self.state = state or SchedulerState()
        self._zone = zone(alert.timezone)
        self._subjects = subjects
        self._muted = muted
        self._interval = interval
        self.suppressed: dict[str, Suppression | None] = {}
        """Reviewed endpoint -> the reason why nothing is sent about its incident; the reader empties it."""

    # ── events ──────────────────────────────────────────────────────────────────────────────────

    def closed(self, incident: Incident) -> None:
        """Note that an incident is over."""
        track = self.state.tracks.get(incident.endpoint)
        if track is None or track.down != incident.id:
            return
        if incident.ending is Ending.RECOVERED:
            track.owed = incident
        else:  # the further course is unknown
            track.down, track.owed = "", None

    def missed(self, incident: Incident, *, known: bool) -> None:
        """Note an outage that ended while nobody decided; ``known``: its beginning was decided about.

        It is reported together with its end if it would have been reported had the decisions gone on.
        """
        track, problems = self._track(incident.endpoint), self.state.problems
        pending = problems is not None and incident.endpoint in problems.endpoints
        lasted = (incident.ended or incident.began) - incident.began
        if (
            not track.down
            and (pending or not known)
            and Kind.DOWN.value in self.alert.on
            and incident.acknowledged is None
            and lasted > self.alert.digest + self.alert.after
        ):
            track.down, track.owed = incident.id, incident

    def catch_up(self, at: float) -> None:
        """Wait for no moment that was noted before the clock was set back to ``at``."""
        state = self.state
        for group in filter(None, (state.problems, state.recoveries)):
            if group.began > at:
                group.began = group.earliest = group.latest = at
        for track in state.tracks.values():
            track.sent = min(track.sent, at)
        state.recent = [one for one in state.recent if one <= at]
        if state.summary_at is not None:
            state.summary_at = min(state.summary_at, at + max(state.summary_pause, _SUMMARY_AFTER))

    def forget(self, endpoint: str) -> None:
        """An endpoint is no longer watched, or no longer selected."""
        self.state.tracks.pop(endpoint, None)
        self.state.waiting.pop(endpoint, None)
        for group in (self.state.problems, self.state.recoveries):
            if group and endpoint in group.endpoints:
                group.endpoints.remove(endpoint)
        self._supersede({endpoint})

    def review(self, endpoint: str, at: float) -> None:
        """Find the messages due for an endpoint, and put them into a digest when it is time."""
        self.state.waiting.pop(endpoint, None)
        subject = self._subjects.get(endpoint) or Subject(id=endpoint)
        track = self._track(endpoint)
        forget_what_is_over(track, subject)
        self._forget_overtaken(subject, track, at)
        entry = self._next(subject, track)
        if entry is not None:
            due = self._due(entry, at)
            if due > at:
                self._wait(endpoint, due)
            elif entry.kind.value in self.alert.on:
                self._collect(subject, entry, at)
            else:  # as if it had been sent: its end may have to be reported
                note_sent(track, subject, entry, at)
        self.suppressed[endpoint] = self._suppression(subject, track, entry, at)
        self._plan_reminder(subject, track, at)
        if not track:
            del self.state.tracks[endpoint]

    def _forget_overtaken(self, subject: Subject, track: Track, at: float) -> None:
        """Leave out the end of an outage that the next one has overtaken, unless it can be sent at once."""
        if track.owed is None or not is_overtaken(track.owed, subject):
            return
        is_closed = next_open(self.alert.hours, self._zone, at) > at
        if is_closed or self._is_muted(subject) or Kind.UP.value not in self.alert.on:
            track.down, track.owed = "", None

    def _track(self, endpoint: str) -> Track:
        return self.state.tracks.setdefault(endpoint, Track())

    def _next(self, subject: Subject, track: Track) -> Entry | None:
        return next(conditions(self.alert, subject, track, muted=self._is_muted(subject)), None)

    def _is_muted(self, subject: Subject) -> bool:
        return subject.maintenance or self._muted(subject.id)

    def _due(self, entry: Entry, at: float) -> float:
        after = 0.0 if entry.kind is Kind.UP or entry.text == ENDED else self.alert.after
        since = at - after if entry.at > at else entry.at  # the clock was set back: nothing is later than now
        return next_open(self.alert.hours, self._zone, max(since + after, at))

    def _wait(self, endpoint: str, due: float) -> None:
        self.state.waiting[endpoint] = min(due, self.state.waiting.get(endpoint, inf))

    def _collect(self, subject: Subject, entry: Entry, at: float) -> None:
        name = "recoveries" if entry.kind is Kind.UP else "problems"
        group: Group | None = getattr(self.state, name)
        if group is None:
            setattr(self.state, name, self._opened(subject, entry, at))
        elif subject.id not in group.endpoints:
            group.endpoints.append(subject.id)
        if entry.kind is Kind.UP and subject.incident is not None and self.state.recoveries:
            self.state.recoveries.earliest = self.state.recoveries.latest = at  # the next outage waits for it

    def _opened(self, subject: Subject, entry: Entry, at: float) -> Group:
        began = entry.ended if entry.kind is Kind.UP else entry.began
        began = min(entry.at if began is None else began, at)
        began = began if subject.doubted is None else min(began, subject.doubted)
        if not self.alert.digest:
            return Group(endpoints=[subject.id], began=began, earliest=at, latest=at)
        earliest = max(at, began + self.alert.digest)
        latest = max(earliest, at + min(self._interval(subject.id), _LONGEST_WAIT))
        return Group(endpoints=[subject.id], began=began, earliest=earliest, latest=latest)

    def _suppression(
        self, subject: Subject, track: Track, entry: Entry | None, at: float
    ) -> Suppression | None:
        """The reason why an open incident, which the alert is meant to report, is not reported."""
        incident = subject.incident
        if incident is None or Kind.DOWN.value not in self.alert.on:
            return None
        if any(held.incident == incident.id for held in self.state.held):
            return Suppression.LIMIT
        if track.down == incident.id:
            return None
        if entry is not None and self._due(entry, at) > at:
            return Suppression.DELAY if entry.at + self.alert.after > at else Suppression.HOURS
        return suppression(self.alert, subject, track, silenced=self._muted(subject.id))

    # ── time ────────────────────────────────────────────────────────────────────────────────────

    def due(self) -> float:
        """The next moment at which to call :meth:`tick`; infinity: never."""
        groups = [group.earliest for group in (self.state.problems, self.state.recoveries) if group]
        summary = [] if self.state.summary_at is None else [self.state.summary_at]
        return min([*groups, *summary, *self.state.waiting.values()], default=inf)

    def tick(self, at: float, confirming: Collection[str]) -> list[Message]:
        """The messages due at ``at``; ``confirming``: endpoints whose failure is being confirmed."""
        for endpoint in [one for one, due in self.state.waiting.items() if due <= at]:
            self.review(endpoint, at)
        messages: list[Message] = []
        recoveries = self.state.recoveries
        if recoveries and self._is_complete(recoveries, at, self._recovering()):
            messages += self._close_recoveries(at)
        problems = self.state.problems
        if problems and self._is_complete(problems, at, self._also_failing(problems, confirming)):
            messages += self._close_problems(at)
        messages += self._remind(at)
        if self.state.summary_at is not None and self.state.summary_at <= at:
            messages += self._summarise(at)
        return messages

    def _is_complete(self, group: Group, at: float, more: Iterator[str]) -> bool:
        return at >= group.earliest and (at >= group.latest or next(more, None) is None)

    def _also_failing(self, group: Group, confirming: Collection[str]) -> Iterator[str]:
        for endpoint in confirming:
            subject = self._subjects.get(endpoint)
            if subject and subject.failing is not None and subject.flapping is None:
                close = subject.failing >= group.began - self.alert.digest
                if close and not self._is_muted(subject):
                    yield endpoint

    def _recovering(self) -> Iterator[str]:
        for endpoint, track in self.state.tracks.items():
            subject = self._subjects.get(endpoint)
            if track.down and subject and subject.recovering:
                yield endpoint

    def _close_problems(self, at: float) -> list[Message]:
        group, self.state.problems = self.state.problems, None
        return self._close(group, at, lambda kind: kind is not Kind.UP)

    def _close_recoveries(self, at: float) -> list[Message]:
        group, self.state.recoveries = self.state.recoveries, None
        return self._close(group, at, lambda kind: kind is Kind.UP)

    def _close(self, group: Group | None, at: float, belongs: Callable[[Kind], bool]) -> list[Message]:
        """Send the collected messages that still apply."""
        entries = []
        endpoints = group.endpoints if group else []
        for endpoint in endpoints:
            subject, track = self._subjects.get(endpoint), self._track(endpoint)
            entry = self._next(subject, track) if subject else None
            if subject and entry and belongs(entry.kind) and self._due(entry, at) <= at:
                note_sent(track, subject, entry, at)
                entries.append(entry)
        messages = self._limited(entries, at)
        for endpoint in endpoints:
            self.review(endpoint, at)
        return messages

    # ── reminders ───────────────────────────────────────────────────────────────────────────────

    def _plan_reminder(self, subject: Subject, track: Track, at: float) -> None:
        if self.alert.remind is not None and is_still_down(subject, track) and not self._is_muted(subject):
            due = next_open(self.alert.hours, self._zone, max(track.sent + self.alert.remind, at))
            self._wait(subject.id, due)

    def _remind(self, at: float) -> list[Message]:
        """One reminder of everything that is due within the time of a digest."""
        due = [one for one in self._to_remind() if self._reminder_due(one) <= at]
        if not due or next_open(self.alert.hours, self._zone, at) > at:
            return []
        together = [one for one in self._to_remind() if self._reminder_due(one) <= at + self.alert.digest]
        entries = [reminder(self._subjects[endpoint]) for endpoint in together]
        for entry in entries:
            note_sent(self._track(entry.endpoint), self._subjects[entry.endpoint], entry, at)
        messages = self._limited(entries, at)
        for endpoint in together:
            self.review(endpoint, at)
        return messages

    def _to_remind(self) -> Iterable[str]:
        if self.alert.remind is None or Kind.DOWN.value not in self.alert.on:
            return
        for endpoint, track in self.state.tracks.items():
            subject = self._subjects.get(endpoint)
            if subject and is_still_down(subject, track) and not self._is_muted(subject):
                yield endpoint

    def _reminder_due(self, endpoint: str) -> float:
        return self.state.tracks[endpoint].sent + (self.alert.remind or 0.0)

    # ── the limit ───────────────────────────────────────────────────────────────────────────────

    def _limited(self, entries: list[Entry], at: float) -> list[Message]:
        if not entries:
            return []
        limit = self.alert.limit
        if limit is not None:
            self.state.recent = [one for one in self.state.recent if one > at - limit.seconds]
            if len(self.state.recent) >= limit.count:
                self._hold(entries, at)
                return []
            self.state.recent.append(at)
            self._supersede({entry.endpoint for entry in entries})
            if self.state.summary_at is None:
                self.state.summary_pause = 0.0
        return [_message(self.alert.name, entries, at)]

    def _hold(self, entries: list[Entry], at: float) -> None:
        self.state.held += entries
        self.state.held_messages += 1
        if self.state.summary_at is None:
            self.state.summary_at = at + (self.state.summary_pause or _SUMMARY_AFTER)
            self.state.summary_pause = max(2 * self.state.summary_pause, _SUMMARY_AGAIN)

    def _supersede(self, endpoints: Collection[str]) -> None:
        """Drop entries held back about endpoints that have newer ones."""
        self.state.held = [one for one in self.state.held if one.endpoint not in endpoints]
        if not self.state.held:
            self.state.held_messages, self.state.summary_at = 0, None

    def _summarise(self, at: float) -> list[Message]:
        """The entries held back that are still true. Those of endpoints muted by now stay held back."""
        newest = {entry.endpoint: entry for entry in self.state.held}.values()
        muted = [one for one in newest if self._is_silent(one.endpoint)]
        true = [one for one in newest if one not in muted and self._is_true(one, at)]
        count, self.state.held, self.state.held_messages = self.state.held_messages, muted, len(muted)
        self.state.summary_at = at + _SUMMARY_AGAIN if muted else None
        return [_message(self.alert.name, true, at, count)] if true else []

    def _is_silent(self, endpoint: str) -> bool:
        subject = self._subjects.get(endpoint)
        return self._is_muted(subject) if subject else self._muted(endpoint)

    def _is_true(self, entry: Entry, at: float) -> bool:
        """Whether to send an entry that was held back; if not yet, its endpoint is reviewed again."""
        subject = self._subjects.get(entry.endpoint)
        if entry.kind not in (Kind.DOWN, Kind.REMINDER):
            return True
        if subject is None or subject.incident is None or subject.incident.id != entry.incident:
            return False
        if subject.state is State.DOWN and not subject.acknowledged:
            return True
        if entry.kind is Kind.DOWN:
            self._track(entry.endpoint).down = ""
            self.review(entry.endpoint, at)
        return False


def _message(alert: str, entries: list[Entry], at: float, more: int = 0) -> Message:
    kinds = {entry.kind for entry in entries}
    kind = Kind.DIGEST
    if kinds == {Kind.REMINDER} or (len(entries) == 1 and not more):
        kind = entries[0].kind
    return Message(
        id=_id(alert, kind, entries, at), alert=alert, kind=kind, at=at, entries=tuple(entries), more=more
    )


def _id(alert: str, kind: Kind, entries: list[Entry], at: float) -> str:
    """The message's id. The same message has the same id, also if it is made again after a restart."""
    parts = sorted(f"{one.endpoint}\0{one.kind}\0{one.incident or one.at}\0{one.text[:5]}" for one in entries)
    when = at if kind is Kind.REMINDER else ""
    return blake2b("\0\0".join([alert, kind, str(when), *parts]).encode(), digest_size=12).hexdigest()
