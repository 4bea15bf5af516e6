"""When Uptime Kuma and Gatus notify, by their defaults: pure functions over one endpoint's checks.

Written from the sources of the two, not run against them:

- Uptime Kuma, https://github.com/louislam/uptime-kuma at 6398a958: ``monitorDefaults`` in
  ``src/pages/EditMonitor.vue`` (``maxretries: 0``, ``resendInterval: 0``); the beat,
  ``isImportantForNotification`` and ``sendNotification`` in ``server/model/monitor.js``. Beats are in a
  database and survive a restart.
- Gatus, https://github.com/TwiN/gatus at 08c46354: ``ValidateAndSetDefaults`` and ``IsSendingOnResolved`` in
  ``alerting/alert/alert.go`` (thresholds 3 and 2, no message for a recovery); ``watchdog/alerting.go``;
  ``watchdog/endpoint.go`` (maintenance, and ``connectivity``, which is not configured by default);
  ``IsUnderMaintenance`` in ``config/maintenance/maintenance.go``. ``storage.type`` is ``memory`` (README.md),
  so a restart forgets everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from math import ceil, inf
from zoneinfo import ZoneInfo

from worlds import DAY, Notice, World

from monitor.judge.maintenance import Calendar

KUMA_RETRIES = 0
GATUS_FAILURES = 3
GATUS_SUCCESSES = 2
GATUS_SENDS_RESOLVED = False

UP, DOWN, MAINTENANCE = "up", "down", "maintenance"
Beat = tuple[float, str]
"""A check: when, and its status."""


def uptime_kuma(beats: Iterable[Beat], retries: int = KUMA_RETRIES) -> Iterator[Beat]:
    """The notifications about one monitor; each has the status ``up`` or ``down``."""
    previous, failed = "", 0
    for at, found in beats:
        failed = failed + 1 if found == DOWN else 0
        status = "pending" if found == DOWN and failed <= retries else found
        if _is_important(previous, status) and (previous or status == DOWN):
            yield at, status
        previous = status


def _is_important(previous: str, status: str) -> bool:
    turned_down = status == DOWN and previous in (UP, MAINTENANCE, "pending")
    return not previous or turned_down or (previous == DOWN and status == UP)


def gatus(
    beats: Iterable[Beat], restarts: Iterable[float] = (), *, resolved: bool = GATUS_SENDS_RESOLVED
) -> Iterator[Beat]:
    """The notifications about one endpoint; ``resolved``: also of recoveries."""
    failures = successes = 0
    triggered = False
    pending = sorted(restarts)
    for at, found in beats:
        while pending and pending[0] <= at:
            pending.pop(0)
            failures, successes, triggered = 0, 0, False
        if found == MAINTENANCE:
            continue
        if found == DOWN:
            failures, successes = failures + 1, 0
            if failures >= GATUS_FAILURES and not triggered:
                triggered = True
                yield at, DOWN
        else:
            failures, successes = 0, successes + 1
            if triggered and successes >= GATUS_SUCCESSES:
                triggered = False
                if resolved:
                    yield at, UP


def gatus_is_under_maintenance(at: float, start_hour: int, duration: float, zone: str) -> bool:
    """Whether a daily window covers ``at``. It begins so many elapsed hours after midnight, as in Gatus."""
    now = datetime.fromtimestamp(at, ZoneInfo(zone))
    day = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if now.hour < start_hour:
        day -= timedelta(days=1)
    begin = day.timestamp() + start_hour * 3600
    return begin < at < begin + duration


# ── a world, as the two see it ──────────────────────────────────────────────────────────────────


def run_uptime_kuma(world: World, interval: float = 0.0) -> list[Notice]:
    """All notifications of a world; ``interval`` instead of that of the endpoints, if not 0."""
    calendar = Calendar(world.maintenance, world.endpoints)
    return _run(world, interval, lambda at: bool(calendar.maintained(at)), uptime_kuma)


def run_gatus(world: World, interval: float = 0.0, restarts: Iterable[float] = ()) -> list[Notice]:
    """All notifications of a world, whose windows are daily ones at a full hour."""
    restarts = tuple(restarts)

    def maintained(at: float) -> bool:
        return any(
            gatus_is_under_maintenance(at, int(one.cron.split()[1]), one.duration, one.timezone)
            for one in world.maintenance
        )

    return _run(world, interval, maintained, lambda beats: gatus(beats, restarts))


def _run(
    world: World,
    interval: float,
    maintained: Callable[[float], bool],
    rules: Callable[[Iterator[Beat]], Iterator[Beat]],
) -> list[Notice]:
    found = [
        Notice(at, frozenset({one.id} if status == DOWN else ()))
        for index, one in enumerate(world.endpoints)
        for at, status in rules(_beats(world, index, interval, maintained))
    ]
    return sorted(found, key=lambda notice: notice.at)


def _beats(world: World, index: int, interval: float, maintained: Callable[[float], bool]) -> Iterator[Beat]:
    """Checks at the regular times, as in ``simulation``; in a long world, quiet stretches are left out."""
    endpoint = world.endpoints[index]
    step = interval or endpoint.interval
    at, well = step * index / len(world.endpoints), 0
    while at <= world.seconds:
        letter = world.finds(endpoint.id, at)
        if not world.sleeps(at):
            down = letter in "dni"
            yield at, MAINTENANCE if maintained(at + world.epoch) else DOWN if down else UP
            well = 0 if down else well + 1
        at += step
        if well > GATUS_SUCCESSES and world.seconds > DAY:
            trouble = world.next_trouble(endpoint.id, at)
            if trouble == inf:
                return
            at += ceil((trouble - at) / step) * step
