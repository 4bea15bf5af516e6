"""The incidents that the engine knows of: those that are open, and the last thousand that have ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from monitor.engine.watched import Watched
from monitor.judge.health import Health
from monitor.judge.incidents import Outage, followed
from monitor.judge.verdict import message
from monitor.model import Ending, Incident, Result, State, Status

_KEPT = 1000
_OVER = frozenset({State.UP, State.DEGRADED})


class IncidentTracker:
    """Opens and ends incidents. ``altered(number)`` is called for each that is new, another, or forgotten.

    Texts are redacted when they are taken, so that no later config has to know what was secret.
    """

    def __init__(self, clock: Callable[[], float], altered: Callable[[int], None]) -> None:
        self._clock = clock
        self._altered = altered
        self.incidents: dict[int, Incident] = {}
        """By number, in the order in which they opened."""
        self._open: dict[int, int] = {}
        """Handle of the endpoint -> number."""
        self._ended: deque[int] = deque()
        self._numbers = 0

    def open(self, handle: int) -> Incident | None:
        """The incident that an endpoint is in."""
        number = self._open.get(handle)
        return None if number is None else self.incidents[number]

    def heard(self, watched: Watched, before: Health, result: Result, redact: Callable[[str], str]) -> None:
        """An endpoint's health was ``before``, and ``result`` has made it what it is now."""
        failed = result.status is Status.DOWN
        if not failed and watched.outage is None:
            return
        said = message(result, redact) if failed else ""
        watched.outage = followed(watched.outage, before, watched.health, result, said)
        incident = self.open(watched.handle)
        if failed and incident:
            self._put(replace(incident, failed=incident.failed + 1, latest=said))

    def turned(self, watched: Watched, redact: Callable[[str], str]) -> None:
        """An endpoint's state is another one."""
        if watched.state is State.DOWN:
            if watched.handle not in self._open:
                self._begin(watched, redact)
        elif watched.state in _OVER:
            ended = watched.outage.better if watched.outage else None
            watched.outage = None
            self._end(watched.handle, Ending.RECOVERED, ended)
        elif watched.state is State.PAUSED:
            watched.outage = None
            self._end(watched.handle, Ending.PAUSED)

    def removed(self, handle: int) -> None:
        """An endpoint is no longer watched."""
        self._end(handle, Ending.REMOVED)

    def marked(self, watched: Watched) -> None:
        """Somebody acknowledged what an endpoint is in, or took that back."""
        self._change(watched.handle, acknowledged=watched.acknowledged)

    def _begin(self, watched: Watched, redact: Callable[[str], str]) -> None:
        latest = message(watched.last, redact) if watched.last else ""
        outage = watched.outage or self._unknown(watched, latest)
        self._numbers += 1
        self._open[watched.handle] = self._numbers
        self._put(
            Incident(
                number=self._numbers,
                endpoint=watched.endpoint.id,
                handle=watched.handle,
                name=watched.endpoint.name,
                began=outage.began,
                reason=outage.reason,
                cause=outage.cause,
                latest=latest,
                failed=outage.failed,
                acknowledged=watched.acknowledged,
            )
        )

    def _unknown(self, watched: Watched, latest: str) -> Outage:
        """Of what was paused while it was down: how it went on meanwhile is not known."""
        reason = watched.last.reason if watched.last else None
        return Outage(began=self._clock(), reason=reason, cause=latest, failed=0)

    def _end(self, handle: int, ending: Ending, at: float | None = None) -> None:
        if handle not in self._open:
            return
        self._change(handle, ending=ending, ended=self._clock() if at is None else at)
        self._ended.append(self._open.pop(handle))
        if len(self._ended) > _KEPT:
            self._forget(self._ended.popleft())

    def _forget(self, number: int) -> None:
        del self.incidents[number]
        self._altered(number)

    def _change(self, handle: int, **changes: Any) -> None:
        incident = self.open(handle)
        if incident:
            self._put(replace(incident, **changes))

    def _put(self, incident: Incident) -> None:
        self.incidents[incident.number] = incident
        self._altered(incident.number)
