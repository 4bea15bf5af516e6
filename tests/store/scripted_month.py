"""A month of checks in Berlin, played through the engine's own tracker into a history file.

March 2025 has an hour less than 31 days: clocks went from 02:00 to 03:00 on the 30th. Every endpoint is
checked every five minutes; :data:`TRUTH` was worked out by hand from the script below.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from virtual import config, endpoint

from monitor.config import diff
from monitor.engine.tracker import Tracker
from monitor.engine.uptimes import Uptimes
from monitor.model import Config, Reason, Result, Retention, Status
from monitor.model.events import DomainEvent
from monitor.store.batch import Batch
from monitor.store.files import connect
from monitor.store.recording import Recording, milliseconds
from monitor.store.restoring import read_past
from monitor.store.rolling import Rolling

EVERY = 300.0
RETENTION = Retention()


def local(text: str) -> float:
    """The moment of a time in Berlin, such as ``03-10 10:00``."""
    return datetime.fromisoformat(f"2025-{text}").replace(tzinfo=ZoneInfo("Europe/Berlin")).timestamp()


SINCE, UNTIL = local("03-01 00:00"), local("04-01 00:00")
LENGTH = 743 * 3600.0

SHOP = endpoint(
    "shop",
    group="front",
    tags=("web", "eu"),
    slo=99.9,
    interval=EVERY,
    timeout=10.0,
    down_after=3,
    up_after=2,
)
API = endpoint(
    "api", group="front", tags=("web",), slo=99.0, interval=EVERY, timeout=10.0, down_after=3, up_after=2
)
DB = endpoint("db", group="back", interval=EVERY, timeout=10.0, down_after=3, up_after=2)

DOWN = {
    "shop": [
        ("03-10 10:00", "03-10 10:30"),  # an outage of half an hour
        ("03-12 08:00", "03-12 08:05"),  # one failed check: not confirmed, so not down
        ("03-16 03:30", "03-16 04:00"),  # half an hour in maintenance
        ("03-30 01:50", "03-30 03:20"),  # half an hour by the sun, an hour and a half by the clock
    ],
    "api": [("03-31 23:00", "04-02 00:00")],  # still down when the month ends
    "db": [],
}
INCONCLUSIVE = ("03-25 08:00", "03-25 09:00")
"""For the shop alone."""
MAINTENANCE = ("03-16 03:00", "03-16 05:00")
"""For the shop alone."""
STOPPED = ("03-20 12:00", "03-21 12:00")
"""Nobody checks anything: after the check of 11:55 nothing is known for 24 h 5 min."""
DB_THERE = ("03-17 00:00", "03-31 00:00")
"""When the config has it: 14 days less an hour."""

GAP = 24 * 3600.0 + 300
TRUTH: dict[str, dict[str, float | None]] = {
    "shop": {
        "checks": 743 * 12 - 288,
        "failed": 6 + 1 + 6 + 6,
        "known_s": LENGTH - GAP - 3600 - 7200,
        "down_s": 3600.0,
        "maintenance_s": 7200.0,
        "unknown_s": GAP + 3600,
        "incidents": 2,  # without the one in maintenance
        "longest_s": 1800.0,
        "mttr_s": 1800.0,
        "mtbf_s": (LENGTH - GAP - 3600 - 7200 - 3600) / 2,
        "uptime": 0.99860318,  # 1 - 3600 / 2577300 = 0.998603189…
    },
    "api": {
        "checks": 743 * 12 - 288,
        "failed": 12,
        "known_s": LENGTH - GAP,
        "down_s": 3600.0,
        "maintenance_s": 0.0,
        "unknown_s": GAP,
        "incidents": 1,
        "longest_s": 3600.0,
        "mttr_s": None,
        "mtbf_s": LENGTH - GAP - 3600,
        "uptime": 0.99860901,  # 1 - 3600 / 2588100 = 0.998609017…
    },
    "db": {
        "checks": 335 * 12 - 288,
        "failed": 0,
        "known_s": 335 * 3600 - GAP - 300,  # its last check was 5 minutes before it was removed
        "down_s": 0.0,
        "maintenance_s": 0.0,
        "unknown_s": LENGTH - 335 * 3600 + GAP + 300,
        "incidents": 0,
        "longest_s": None,
        "mttr_s": None,
        "mtbf_s": None,
        "uptime": 1.0,
    },
}

UPTIMES = {
    # An hour, a day, a week (from 03-24 23:00 on, as a week has 168 hours) and 30 days (from 03-01 23:00 on).
    "shop": (1.0, 1.0, 0.99700598, 0.99855682),  # 1 - 1800 / 601200, 1 - 3600 / 2494500
    "api": (0.0, 0.95833333, 0.99404761, 0.99856304),  # 1 - 3600 / 86400, / 604800, / 2505300
}
"""At the end of the month, in the dashboard and the API."""


def latency(name: str, at: float) -> float:
    """Between 20 and 220 ms, and every hundredth check two seconds."""
    number = round(at / EVERY)
    return 2000.0 + number % 7 if number % 100 == 0 else 20.0 + (number * 37 + len(name)) % 200


def result(name: str, at: float) -> Result:
    """What the script has for a check."""
    status, reason = Status.UP, None
    if any(local(start) <= at < local(end) for start, end in DOWN[name]):
        status, reason = Status.DOWN, Reason.STATUS_MISMATCH
    elif name == "shop" and _within(at, INCONCLUSIVE):
        status, reason = Status.INCONCLUSIVE, Reason.LOCAL_ERROR
    return Result(
        endpoint=name,
        status=status,
        reason=reason,
        message="200 OK" if status is Status.UP else f"it was {status}",
        checked_at=at,
        latency_ms=latency(name, at) if status is Status.UP else None,
    )


def _within(at: float, span: tuple[str, str]) -> bool:
    return local(span[0]) <= at < local(span[1])


def moments() -> Iterator[float]:
    """When checks start: from an hour before the month to its end, but for the stop."""
    at = SINCE - 3600
    while at < UNTIL:
        if not _within(at, STOPPED):
            yield at
        at += EVERY


class _Engine:
    """A tracker, and what it publishes in a history file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = connect(path)
        self._recording = Recording(self._database)
        self._tracker = Tracker()
        self.uptimes = Uptimes()
        self._config = config()
        self._batch = Batch()

    def use(self, wanted: Config, at: float) -> None:
        """Apply a config."""
        difference, self._config = diff(self._config, wanted), wanted
        self._publish(self._tracker.apply(wanted, difference, at))

    def restart(self, at: float) -> None:
        """Go on from the file, as a new process does."""
        self._batch.saved = {
            state.id: msgspec.msgpack.encode(state) for state in self._tracker.save().endpoints
        }
        self.write(at)
        past = read_past(self._path, 0.0)
        self._tracker, self.uptimes = Tracker(), Uptimes()
        for id, availability in past.availabilities.items():
            self.uptimes.restore(id, availability)
        self._publish(self._tracker.apply(self._config, diff(config(), self._config), at))
        self._publish(self._tracker.restore(past.tracker, at))

    def check_all(self, at: float) -> None:
        """One check of every endpoint."""
        self._publish(self._tracker.tick(at, {"shop"} if _within(at, MAINTENANCE) else set()))
        for handle, tracked in list(self._tracker.endpoints.items()):
            self._publish(self._tracker.accept(handle, result(tracked.id, at), at))

    def _publish(self, events: list[DomainEvent]) -> None:
        for event in events:
            self.uptimes.accept(event)
        self._batch.events += events

    def write(self, now: float) -> None:
        """Write everything, and roll up what is finished."""
        changed, self.uptimes.changed = self.uptimes.changed, {}
        self._batch.edges = {id: (at, self.uptimes.availability(id).edges(at)) for id, at in changed.items()}
        batch, self._batch = self._batch, Batch()
        self._database.execute("BEGIN")
        self._recording.write(batch)
        self._database.execute("COMMIT")
        rolling = Rolling(self._database, RETENTION)
        while rolling.step(milliseconds(now), 5):
            pass

    def close(self) -> None:
        self._database.close()


def write_month(path: Path) -> Uptimes:
    """Play the script into a new history file. What the engine knows of uptimes at its end."""
    engine = _Engine(path)
    engine.use(config(SHOP, API), SINCE - 3600)
    with_db = config(SHOP, API, DB)
    for at in moments():
        if at == local(DB_THERE[0]):
            engine.use(with_db, at)
        elif at == local(DB_THERE[1]):
            engine.use(config(SHOP, API), at)
        elif at == local(STOPPED[1]):
            engine.restart(at)
        engine.check_all(at)
        if at % 86400 == 0:
            engine.write(at)
    engine.write(UNTIL)
    engine.close()
    return engine.uptimes
