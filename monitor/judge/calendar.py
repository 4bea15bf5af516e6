"""A period divided as calendars divide it, in local time. Pure, but for the local time zone."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta

MOST = 62
"""Limit of parts: more could not be distinguished in a drawing."""
_STEPS = (60.0, 600.0, 3600.0)
"""Lengths of parts in seconds; longer parts are one or more days."""


def parts(since: float, until: float) -> tuple[float, ...]:
    """The moments that divide a period into equal parts, its ends included.

    Days begin at local midnight, so a day with a change to daylight saving has its true length.
    """
    step = next((step for step in _STEPS if (until - since) / step <= MOST - 2), None)
    inner = _midnights(since, until) if step is None else _steps(since, until, step)
    return (since, *inner, until)


def _steps(since: float, until: float, step: float) -> list[float]:
    first = math.floor(since / step) + 1
    return [number * step for number in range(first, math.ceil(until / step))]


def _midnights(since: float, until: float) -> list[float]:
    every = math.ceil((until - since) / 86400 / (MOST - 2))
    day = datetime.fromtimestamp(since).astimezone().date()
    found = []
    while (moment := _midnight(day := day + timedelta(days=every))) < until:
        found.append(moment)
    return found


def _midnight(day: date) -> float:
    return datetime.combine(day, time()).timestamp()
