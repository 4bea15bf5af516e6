"""The hours of a week in which an alert sends: ``mon-fri 08:00-18:00``. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from monitor.model import Hours

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 24 * 60
_TIMES = re.compile(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)")
_HELP = 'write them as "mon-fri 08:00-18:00" or "sat,sun 10:00-14:00"'


def parse_hours(text: str) -> tuple[Hours, ...]:
    """The parts of the week that ``text`` names, in its order. ValueError for anything else.

    Days without times are whole days, times without days are those of every day. Times that end before
    they begin end on the next day.
    """
    parts: list[Hours] = []
    days: list[int] = []
    for word in text.lower().replace(",", " ").replace(";", " ").split():
        times = _TIMES.fullmatch(word)
        if times is None:
            days += _days(word, text)
            continue
        start, end = _minutes(times[1], times[2], text), _minutes(times[3], times[4], text)
        parts += [Hours(day, start, end if end > start else end + _DAY) for day in days or range(7)]
        days = []
    parts += [Hours(day, 0, _DAY) for day in days]
    if not parts:
        raise ValueError(f"{text!r} are no hours; {_HELP}")
    return tuple(parts)


def _days(word: str, text: str) -> list[int]:
    first, dash, last = word.partition("-")
    if first not in _DAYS or (dash and last not in _DAYS):
        raise ValueError(f"{text!r} are no hours: {word!r} is neither days nor times; {_HELP}")
    begin = _DAYS.index(first)
    count = (_DAYS.index(last) - begin) % 7 if dash else 0
    return [(begin + step) % 7 for step in range(count + 1)]


def _minutes(hours: str, minutes: str, text: str) -> int:
    at = int(hours) * 60 + int(minutes)
    if at > _DAY or int(minutes) > 59:
        raise ValueError(f"{text!r} are no hours: {hours}:{minutes} is no time of day; {_HELP}")
    return at


def is_open(parts: Sequence[Hours], zone: tzinfo, at: float) -> bool:
    """Whether ``at`` is within the hours; always, if there are none."""
    return not parts or any(start <= at < end for start, end in _around(parts, zone, at))


def next_open(parts: Sequence[Hours], zone: tzinfo, at: float) -> float:
    """The first moment from ``at`` on that is within the hours."""
    if is_open(parts, zone, at):
        return at
    return min(start for start, _ in _around(parts, zone, at) if start > at)


def _around(parts: Sequence[Hours], zone: tzinfo, at: float) -> Iterator[tuple[float, float]]:
    """Beginning and end of every part from the day before ``at`` until a week later."""
    day = datetime.fromtimestamp(at, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    for step in range(-1, 9):
        midnight = day + timedelta(days=step)
        for part in parts:
            if part.weekday == midnight.weekday():
                start, end = _moment(midnight, part.start), _moment(midnight, part.end)
                if start < end:  # the clock may skip all of it
                    yield start, end


def _moment(midnight: datetime, minutes: int) -> float:
    """The time on the wall so many minutes after ``midnight``: days with a clock change are no exception."""
    days, rest = divmod(minutes, _DAY)
    return (midnight + timedelta(days=days)).replace(hour=rest // 60, minute=rest % 60).timestamp()
