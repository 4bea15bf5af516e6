"""The newest changes of state, numbered. Subscribes to the engine's events."""

from __future__ import annotations

from collections import deque
from itertools import islice

from monitor.engine import Engine
from monitor.link.figures import GetStateChanges, StateChange, StateChanges
from monitor.model.events import DomainEvent, StateChanged

KEPT = 5000
"""Changes to remember: every endpoint of a large config may go down within a second."""
AT_ONCE = 500
"""Changes per answer."""


class StateLog:
    """The changes of state since the engine started, as far as they are kept."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._changes: deque[StateChange] = deque(maxlen=KEPT)
        self._total = 0
        engine.publisher.subscribe(self.accept, StateChanged)

    def accept(self, event: DomainEvent) -> None:
        """Note one change."""
        assert isinstance(event, StateChanged)
        tracked = self._engine.tracker.by_id(event.endpoint)
        if tracked is None or event.before is event.after:
            return
        self._total += 1
        last = tracked.last
        self._changes.append(
            StateChange(
                number=self._total,
                at=event.at,
                handle=tracked.handle,
                before=event.before,
                after=event.after,
                reason=last.reason if last else None,
                message=last.message if last else "",
                latency_ms=last.latency_ms if last else None,
                checked_at=last.checked_at if last else None,
            )
        )

    def page(self, request: GetStateChanges) -> StateChanges:
        """The next changes after ``request.after``."""
        kept = len(self._changes)
        first = min(max(request.after - (self._total - kept), 0), kept)
        found = tuple(islice(self._changes, first, first + AT_ONCE))
        return StateChanges(changes=found, more=first + len(found) < kept, total=self._total)
