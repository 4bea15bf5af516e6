"""A history of one endpoint of which the phase ``tls`` takes 17 ms, for days, and more since a moment."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path

from monitor.model import Result, Status
from monitor.model.events import Checked, EndpointAdded
from monitor.store import phases
from monitor.store.batch import Batch
from monitor.store.files import connect
from monitor.store.phases import Phases, of_check, of_rows
from monitor.store.recording import HOUR, Recording, milliseconds
from monitor.store.rolling import DAY, MINUTE

NOW = 1_790_035_200.0 + 3 * 3600 + 1800
"""Half past three, UTC."""
USUAL_MS = 17.0
_RANDOM = random.Random(1)


def write_past(
    path: Path, *, days: int = 14, slower_since: float = float("inf"), factor: float = 4.0, now: float = NOW
) -> None:
    """Finished hours as summaries, and an hour and a half of results every 10 s."""
    at = milliseconds(now)
    rolled = at - at % HOUR - HOUR
    with closing(connect(path)) as database:
        database.execute("BEGIN")
        began = now - days * 86400
        _record(database, [_added(began)])
        usual = _hours(range(24), 1.0)
        first = milliseconds(began)
        for day in range(first - first % DAY + DAY, rolled, DAY):
            known = {place: part for place, part in usual.items() if day + place * HOUR < rolled}
            row = (1, day, phases.encode({0: phases.merged(known.values())}), phases.encode(known))
            database.execute("INSERT INTO hour_phases VALUES (?, ?, ?, ?)", row)
        minutes = phases.encode({place: _part(1.0, 6) for place in range(60)})
        for hour in range(max(rolled - 24 * HOUR, first), rolled, HOUR):
            database.execute("INSERT INTO minute_phases VALUES (?, ?, ?)", (1, hour, minutes))
        database.execute("UPDATE endpoints SET rolled_until = ?", (rolled,))
        seconds = range(rolled // 1000, int(now), 10)
        _record(database, [_checked(one, factor if one >= slower_since else 1.0) for one in seconds])
        database.execute("COMMIT")
    assert MINUTE * 60 == HOUR


def continue_past(path: Path, since: float, until: float, factor: float = 1.0) -> None:
    """Add results every 10 s."""
    with closing(connect(path)) as database:
        database.execute("BEGIN")
        _record(database, [_checked(one, factor) for one in range(int(since), int(until), 10)])
        database.execute("COMMIT")


def _record(database, events) -> None:
    Recording(database).write(Batch(events=events))


def _hours(places: range, factor: float) -> dict[int, Phases]:
    return {place: _part(factor, 60) for place in places}


def _part(factor: float, checks: int) -> Phases:
    return of_rows(row for row in (of_check(_phases(factor)) for _ in range(checks)) if row)


def _phases(factor: float) -> dict[str, float]:
    noise = _RANDOM.lognormvariate(0, 0.1)
    return {"connect": 8.0 * noise, "tls": USUAL_MS * factor * noise, "wait": 14.0 * noise}


def _added(at: float) -> EndpointAdded:
    return EndpointAdded(at=at, endpoint="shop", name="Shop", kind="http", target="", interval=10, timeout=5)


def _checked(at: float, factor: float) -> Checked:
    result = Result(
        endpoint="shop",
        status=Status.UP,
        reason=None,
        message="200 OK",
        checked_at=at,
        latency_ms=39.0,
        phases_ms=_phases(factor),
    )
    return Checked(at=at, endpoint="shop", result=result)
