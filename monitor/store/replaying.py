"""Which messages the rules of a config would have sent for stored results: the past, judged again.

The results go through the same tracker and the same alerting as live ones. What the history does not
hold is not replayed: acknowledgements, silences, and checks that a dependency's failure caused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import merge

from monitor.engine.tracker import Tracker
from monitor.judge.alerting.alerting import Alerting
from monitor.judge.maintenance import Calendar
from monitor.model import Config, Difference, Endpoint, Incident, Message, Result
from monitor.store.reader import Reader, StoredResult

_MANY = 3
"""Messages about one endpoint from which on a quieter setting is looked for."""
_STEPS = 3
"""Settings above the present one that are tried."""
_OUTAGE = 60.0
"""Seconds that an incident has to last to count as missed when another setting never opens it."""
_ENDING = 3600.0
"""Seconds after the last result in which messages may still become due."""


@dataclass
class Replay:
    """The outcome of one run."""

    messages: list[Message] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)

    def about(self, endpoint: str) -> int:
        """How many messages an endpoint is in."""
        return sum(any(entry.endpoint == endpoint for entry in one.entries) for one in self.messages)


@dataclass(frozen=True)
class Suggestion:
    """A setting with which an endpoint is in fewer messages."""

    endpoint: str
    """Its name."""
    key: str
    value: int
    messages_before: int
    messages_after: int
    delay_s: float
    """How much later an outage is told."""
    missed: int
    """Outages of a minute or more that would not be told at all."""


def replay(config: Config, reader: Reader, since: float, until: float) -> Replay:
    """Judge the stored results of a window by ``config``."""
    outcome, tracker, alerting = Replay(), Tracker(), Alerting(config)
    calendar = Calendar(config.maintenance, config.endpoints)
    everything = Difference(added=frozenset(endpoint.id for endpoint in config.endpoints))
    outcome.messages += alerting.accept(tracker.apply(config, everything, since))
    handles = {tracked.id: handle for handle, tracked in tracker.endpoints.items()}
    for result in _results(config, reader, since, until):
        at = result.checked_at
        _run_timers(alerting, at, outcome)
        events = tracker.tick(at, calendar.maintained(at) if config.maintenance else None)
        events += tracker.accept(handles[result.endpoint], result, at)
        outcome.messages += alerting.accept(events)
    _run_timers(alerting, until + _ENDING, outcome)
    outcome.incidents = list(tracker.incidents.known.values())
    return outcome


def _run_timers(alerting: Alerting, at: float, outcome: Replay) -> None:
    """Send what becomes due before ``at``."""
    while (due := alerting.due()) <= at:
        outcome.messages += alerting.tick(due)


def _results(config: Config, reader: Reader, since: float, until: float) -> Iterator[Result]:
    """The results of every endpoint of the config, by time."""
    stored = {endpoint.id: endpoint for endpoint in reader.endpoints()}
    known = [endpoint.id for endpoint in config.endpoints if endpoint.id in stored]
    streams = (_as_results(id, reader.results(stored[id], since, until)) for id in known)
    return merge(*streams, key=lambda result: result.checked_at)


def _as_results(endpoint: str, results: Iterable[StoredResult]) -> Iterator[Result]:
    for one in results:
        yield Result(
            endpoint=endpoint,
            status=one.status,
            reason=one.reason,
            message=one.message,
            checked_at=one.checked_at,
            latency_ms=one.latency_ms,
        )


# ── suggestions ─────────────────────────────────────────────────────────────────────────────────


def suggestions(
    config: Config, reader: Reader, since: float, until: float, whole: Replay
) -> list[Suggestion]:
    """For each noisy endpoint, the smallest ``down_after`` with at most half as many messages."""
    counts = Counter(entry.endpoint for one in whole.messages for entry in one.entries)
    noisy = [endpoint for endpoint in config.endpoints if counts[endpoint.id] >= _MANY]
    found = (_quieter(config, reader, since, until, endpoint) for endpoint in noisy)
    return [one for one in found if one]


def _quieter(
    config: Config, reader: Reader, since: float, until: float, endpoint: Endpoint
) -> Suggestion | None:
    before = replay(_alone(config, endpoint), reader, since, until)
    for more in range(1, _STEPS + 1):
        changed = replace(endpoint, down_after=endpoint.down_after + more)
        after = replay(_alone(config, changed), reader, since, until)
        if after.about(endpoint.id) * 2 <= before.about(endpoint.id):
            return Suggestion(
                endpoint=endpoint.name,
                key="down_after",
                value=changed.down_after,
                messages_before=before.about(endpoint.id),
                messages_after=after.about(endpoint.id),
                delay_s=more * endpoint.retry_interval,
                missed=_missed(before.incidents, after.incidents),
            )
    return None


def _alone(config: Config, endpoint: Endpoint) -> Config:
    """A config of one endpoint, without what it depends on."""
    return replace(config, endpoints=(replace(endpoint, depends_on=()),))


def _missed(before: Sequence[Incident], after: Sequence[Incident]) -> int:
    opened = {incident.began for incident in after}
    long = (one for one in before if one.ended is None or one.ended - one.began >= _OUTAGE)
    return sum(one.began not in opened for one in long)
