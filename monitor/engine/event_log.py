"""What happened, in words, the newest last."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import islice

from monitor.duration import format_duration
from monitor.engine.watched import Watched
from monitor.judge.certificates import changes
from monitor.judge.verdict import message
from monitor.model import Event, Result, State

_KEPT = 1000
_TOLD = frozenset({State.UP, State.DEGRADED, State.DOWN, State.UNREACHABLE})
"""States worth a line; the others are on the way to one of these, or gaps."""
_LEVELS = {State.UP: "good", State.DEGRADED: "warn", State.UNREACHABLE: "warn", State.DOWN: "bad"}


class EventLog:
    """The last 1,000 events. ``total`` counts those that ever were."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._events: deque[Event] = deque(maxlen=_KEPT)
        self.total = 0

    def note(self, level: str, text: str, handle: int | None = None) -> None:
        """Something happened: to an endpoint, or to the engine itself."""
        self._events.append(Event(at=self._clock(), handle=handle, level=level, text=text))
        self.total += 1

    def since(self, total: int) -> tuple[Event, ...]:
        """The events that came after ``total`` of them, as far as they are kept."""
        fresh = min(self.total - total, len(self._events))
        return tuple(islice(self._events, len(self._events) - fresh, None))

    def turned(self, watched: Watched, redact: Callable[[str], str]) -> None:
        """An endpoint's state is another one; that becomes a line when it tells something."""
        before, after = watched.told, watched.state
        if after not in _TOLD or after is before:
            return
        if before is not None or after is not State.UP:
            self.note(_LEVELS[after], self._in_words(watched, before, redact), watched.handle)
        watched.told, watched.told_at = after, self._clock()

    def certificates(self, watched: Watched, result: Result, redact: Callable[[str], str]) -> None:
        """An endpoint shows certificates; those that it did not show before become lines."""
        for change in changes(watched.certificates, result):
            self.note("info" if change.expected else "warn", redact(change.text), watched.handle)

    def _in_words(self, watched: Watched, before: State | None, redact: Callable[[str], str]) -> str:
        lasted = format_duration(max(round(self._clock() - watched.told_at), 0))
        said = message(watched.last, redact) if watched.last else ""
        match watched.state:
            case State.UP if before is State.DEGRADED:
                return f"no longer degraded, after {lasted}"
            case State.UP:
                return f"up again after {lasted}"
            case State.UNREACHABLE:
                return f"unreachable: {_listed(watched.blockers)} down"
        again = f"up again after {lasted}, " if before is State.DOWN else ""
        return f"{again}{watched.state.value}: {said}"


def _listed(names: list[str]) -> str:
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"
