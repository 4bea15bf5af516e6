"""Moments in time as text, in the zone of the screen: the machine's own, or UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from monitor.syntax.duration import parse_duration

_HELP = "type a time such as 03:12, 03:12:30, -15m, yesterday 23:50 or 2026-01-31 03:12"
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)


class MomentError(ValueError):
    """An invalid moment; the text gives valid forms."""


class _Zone:
    """The zone of every time on the screen. Like the machine's own zone, the whole process has one."""

    in_force: tzinfo | None = None
    """None for the machine's own."""


def use_utc(on: bool) -> None:
    """Show and read all times in UTC; without ``on``, in the machine's own zone."""
    _Zone.in_force = UTC if on else None


def zone() -> str:
    """The zone, to stand behind a time; empty for the machine's own."""
    return " UTC" if _Zone.in_force else ""


def zoned(at: float) -> datetime:
    """The time ``at``, seconds since the epoch, in the zone of the screen."""
    return datetime.fromtimestamp(at, UTC).astimezone(_Zone.in_force)


def clock(at: float, form: str = "%H:%M:%S") -> str:
    """The time of day at ``at``, seconds since the epoch."""
    return zoned(at).strftime(form)


def moment(at: float, now: float) -> str:
    """``at`` as the time of day, with the date unless it is today."""
    day = clock(at, "%Y-%m-%d")
    return clock(at) if day == clock(now, "%Y-%m-%d") else f"{day} {clock(at)}"


def stamp(at: float, now: float) -> str:
    """``at`` in a list: the time of day; the day and the time to the minute unless it is today."""
    today = clock(at, "%x") == clock(now, "%x")
    return clock(at) if today else clock(at, "%m-%d %H:%M")


def parse_moment(text: str, now: float) -> float:
    """Parse a moment. Returns seconds since the epoch; ``now`` is the current time.

    ``03:12`` and ``03:12:30`` are the last such time of day, ``15m`` and ``-15m`` are an age;
    ``yesterday 23:50`` and ``2026-01-31 03:12`` include the day, ``now`` is now. Raises
    MomentError.
    """
    words = text.strip().casefold()
    if words == "now":
        return now
    try:
        found = _ago(words, now) or _last(words, now) or _dated(words, now)
    except (ValueError, OverflowError, OSError):
        found = None
    if found is None:
        raise MomentError(f"{text.strip()!r} is no time: {_HELP}" if words else _HELP)
    if found >= now + 1:
        raise MomentError("that is still to come")
    return min(found, now)


def _ago(words: str, now: float) -> float | None:
    duration = words.removesuffix("ago").strip().lstrip("-")
    return now - parse_duration(duration) if duration[-1:].isalpha() and duration[:1].isdigit() else None


def _last(words: str, now: float) -> float | None:
    """The last moment with this time of day."""
    if not _CLOCK.fullmatch(words):
        return None
    today = zoned(now).date()
    moments = (_on(day, words) for day in (today, today - timedelta(days=1)))
    return next(moment for moment in moments if moment <= now)


def _dated(words: str, now: float) -> float | None:
    day, _, clock = words.replace("t", " ", 1).partition(" ") if words[:1].isdigit() else words.partition(" ")
    if day in ("yesterday", "today"):
        today = zoned(now).date()
        return _on(today - timedelta(days=day == "yesterday"), clock)
    return _on(date.fromisoformat(day), clock or "00:00")


def _on(day: date, clock: str) -> float:
    found = _CLOCK.fullmatch(clock.strip())
    if not found:
        raise ValueError(clock)
    hour, minute, second = (int(part or 0) for part in found.groups())
    return datetime.combine(day, time(hour, minute, second), _Zone.in_force).timestamp()
