"""Checks by other machines: asking for them, and counting their verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from monitor.engine.publisher import Publisher
from monitor.engine.tracked import Tracked
from monitor.engine.tracker import Tracker
from monitor.model import Endpoint, Result, State
from monitor.model.events import DomainEvent, StateChanged


class RemoteChecks(Protocol):
    """Other machines that check on their own schedule and send results."""

    def handles(self, endpoint: Endpoint) -> bool:
        """Whether they check this endpoint."""

    def check(self, endpoint: Endpoint, delay: float) -> None:
        """Ask for a check of an endpoint, out of turn, in ``delay`` seconds."""


class RemoteVerdicts:
    """Counts the verdicts of other machines like checks of this one."""

    def __init__(self, tracker: Tracker, publisher: Publisher, remote: RemoteChecks) -> None:
        self._tracker = tracker
        self._publisher = publisher
        self._remote = remote

    def accept(self, tracked: Tracked, result: Result, at: float) -> None:
        """Count a verdict at the moment ``at``, unless it was counted before."""
        if tracked.paused or (tracked.last and result.checked_at <= tracked.last.checked_at):
            return
        events = self._tracker.accept(tracked.handle, result, at)
        self._publisher.publish(events)
        self._check_reachable_again(events, tracked.id)
        if tracked.confirming:
            self._check_soon(tracked)
            if tracked.health.failed:
                self._doubt_dependencies(tracked)

    def _doubt_dependencies(self, tracked: Tracked) -> None:
        """Check the endpoints that may explain a failure, unless they are known to be in trouble."""
        for needed in tracked.dependencies:
            if needed.state in (State.PENDING, State.UP, State.DEGRADED):
                self._check_soon(needed)

    def _check_reachable_again(self, events: Iterable[DomainEvent], checked: str) -> None:
        """Check dependents soon that are no longer unreachable, as ``checked`` is up again."""
        for event in events:
            match event:
                case StateChanged(before=State.UNREACHABLE, endpoint=id) if id != checked:
                    if (dependent := self._tracker.by_id(id)) is not None:
                        self._check_soon(dependent)

    def _check_soon(self, tracked: Tracked) -> None:
        if not tracked.paused and self._remote.handles(tracked.endpoint):
            self._remote.check(tracked.endpoint, tracked.endpoint.retry_interval)
