"""The ``[[maintenance]]`` tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.config.convert import INVALID, Place, converter, described
from monitor.errors import UsageError
from monitor.fields import Json, Seconds, key
from monitor.judge.maintenance import check_cron
from monitor.judge.zones import zone
from monitor.model import Maintenance
from monitor.redact import shown
from monitor.syntax.selection import compile_selection


@dataclass(frozen=True, kw_only=True)
class MaintenanceTable:
    """One ``[[maintenance]]`` table."""

    name: str | None = key('Its name. Default: "maintenance 1", …', default=None, example="Sunday patches")
    select: tuple[str, ...] = key("Endpoints, as in --select. Default: all.", default=(), example=["tag:eu"])
    cron: str | None = key("Start as a cron expression.", default=None, example="0 3 * * sun")
    start: Json = key("Start as a date and time, for a single window.", default=None)
    duration: Seconds = key("Duration of the window.")
    timezone: str | None = key(
        "Time zone of `cron`, and of a `start` without an offset. Default: this machine's.",
        default=None,
        example="Europe/Berlin",
    )


def maintenance(value: Any, place: Place, first: int = 0) -> list[Maintenance]:
    """The windows that ``[[maintenance]]`` describes; complains of everything wrong in it.

    ``first`` is how many windows other files have described before.
    """
    tables = converter(tuple[MaintenanceTable, ...])(value, place)
    if tables is INVALID:
        return []
    windows = [_window(table, place.below(at), first + at + 1) for at, table in enumerate(tables)]
    return [window for window in windows if window is not None]


def _window(table: MaintenanceTable, place: Place, number: int) -> Maintenance | None:
    good = [
        check_selection(table.select, place),
        complained(check_cron, table.cron, place.below("cron")),
        complained(zone, table.timezone, place.below("timezone")),
    ]
    if table.duration <= 0:
        good.append(bool(place.below("duration").complain("must be more than 0") is not INVALID))
    if (table.cron is None) == (table.start is None):
        place.complain(
            "needs either cron or start" if table.cron is None else "has both cron and start; leave one out"
        )
        return None
    start = None
    if table.start is not None and all(good):
        start = _moment(table.start, table.timezone or "", place.below("start"))
        good.append(start is not None)
    if not all(good):
        return None
    return Maintenance(
        name=shown(table.name or f"maintenance {number}"),
        select=table.select,
        cron=table.cron or "",
        start=start,
        duration=table.duration,
        timezone=table.timezone or "",
    )


def _moment(value: Any, timezone: str, place: Place) -> float | None:
    """Seconds since the epoch of a TOML date and time, or of one in quotes."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        moment = None
    if not isinstance(moment, datetime):
        place.complain(f"is {described(value)}; it must be a date and time, as in 2026-02-01T03:00:00Z")
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone(timezone))).timestamp()


def check_selection(select: Sequence[str], place: Place) -> bool:
    """Whether every term is valid; complains of the others."""
    good = True
    for at, term in enumerate(select):
        try:
            compile_selection([term])
        except UsageError as error:
            place.below("select").below(at).complain(str(error))
            good = False
    return good


def complained(check: Callable[[str], object], text: str | None, place: Place) -> bool:
    """Whether ``text`` is valid or missing; complains of the ValueError that ``check`` raises."""
    if text is None:
        return True
    try:
        check(text)
    except ValueError as error:
        place.complain(str(error))
        return False
    return True
