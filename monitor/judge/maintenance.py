"""When maintenance windows begin and end. Pure.

Cron's rules are Debian's, as ``cronsim`` implements them: where the clock skips a time, the window
begins at the moment of the change, and a time that comes twice begins one window. A duration is
elapsed time, whatever the clock on the wall does meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from math import inf

from cronsim import CronSim, CronSimError

from monitor.judge.zones import zone
from monitor.model import Endpoint, Maintenance
from monitor.syntax.selection import compile_selection

_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_FIELDS = 5


def check_cron(expression: str) -> None:
    """ValueError when ``expression`` is no cron expression, or one that never comes true."""
    if len(_written_out(expression).split()) != _FIELDS:
        raise ValueError("must have five fields: minute, hour, day of the month, month, day of the week")
    try:
        next(CronSim(_written_out(expression), datetime(2024, 1, 1)))  # noqa: DTZ001 -- any year will do
    except CronSimError as error:
        raise ValueError(f"is no cron expression: {str(error).lower()}") from error
    except StopIteration:
        raise ValueError("is a date that never comes") from None


def _written_out(expression: str) -> str:
    return _NICKNAMES.get(expression.strip().lower(), expression)


def starts(window: Maintenance, after: float) -> Iterator[float]:
    """The moments later than ``after`` at which ``window`` begins, in order."""
    if window.start is not None:
        if window.start > after:
            yield window.start
        return
    # A second early, as cronsim drops fractions; moments that are not later are left out below.
    begin = datetime.fromtimestamp(after - 1, zone(window.timezone))
    for moment in CronSim(_written_out(window.cron), begin):
        at = moment.timestamp()
        if at > after:
            yield at


def is_active(window: Maintenance, at: float) -> bool:
    """Whether ``at`` lies in maintenance. A window includes its beginning, not its end."""
    return began(window, at) is not None


def began(window: Maintenance, at: float) -> float | None:
    """The start of the earliest window that covers ``at``; None if none does."""
    first = next(starts(window, at - window.duration), None)
    return first if first is not None and first <= at else None


def touches(window: Maintenance, since: float, until: float) -> bool:
    """Whether a window covers any moment between two."""
    first = next(starts(window, since - window.duration), None)
    return first is not None and first <= until


def next_change(windows: Iterable[Maintenance], at: float) -> float | None:
    """The first moment after ``at`` at which a window begins or ends; None: never."""
    moments = filter(None, (_next_change(window, at) for window in windows))
    return min(moments, default=None)


def _next_change(window: Maintenance, at: float) -> float | None:
    covering = began(window, at)
    return next(starts(window, at), None) if covering is None else covering + window.duration


def in_maintenance(
    windows: Iterable[Maintenance], endpoints: Sequence[Endpoint], at: float
) -> dict[str, tuple[str, ...]]:
    """The ids of the endpoints that are in maintenance at ``at``, and the names of the windows."""
    found: dict[str, tuple[str, ...]] = {}
    for window in windows:
        if is_active(window, at):
            for endpoint in filter(compile_selection(window.select), endpoints):
                found[endpoint.id] = (*found.get(endpoint.id, ()), window.name)
    return found


class Calendar:
    """Finds the endpoints of a config that are in maintenance; keeps the answer until it changes."""

    def __init__(self, windows: Sequence[Maintenance], endpoints: Sequence[Endpoint]) -> None:
        self._windows = windows
        self._endpoints = endpoints
        self._known: frozenset[str] = frozenset()
        self._valid = (inf, inf)
        """Beginning and end of the time for which the known answer holds."""

    @property
    def until(self) -> float:
        """Until when the last answer holds; infinity: for ever, or there was no question yet."""
        return self._valid[1]

    def maintained(self, at: float) -> frozenset[str]:
        """The ids of the endpoints that are in maintenance at ``at``."""
        since, until = self._valid
        if not since <= at < until:
            self._known = frozenset(in_maintenance(self._windows, self._endpoints, at))
            change = next_change(self._windows, at)
            self._valid = (at, inf if change is None else change)
        return self._known
