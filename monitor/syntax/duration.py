"""Durations, moments and sizes as people write them, and back. Pure, but for the local time zone."""

from __future__ import annotations

import math
import re

from monitor.redact import shown

_UNITS = {"w": 604800.0, "d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
"""Seconds of each unit, in the order in which they may follow one another."""
_ORDER = {unit: place for place, unit in enumerate(_UNITS)}
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_PART = re.compile(rf"({_NUMBER})(ms|[wdhms])")
_WHOLE = re.compile(rf"(?:{_NUMBER}(?:ms|[wdhms]))+")
_PLAIN = re.compile(_NUMBER)
_LONGEST = 100 * 365 * 86400.0
_DURATION_HELP = 'write a duration such as "250ms", "30s", "5m" or "1h30m", or a number of seconds'

_HOURS_SHOWN = 48
"""Hours from which the validity of certificates is counted in days."""

_BASIC_DATE = re.compile(r"[0-9]{8}")
_MOMENT_HELP = "write a duration back from now such as 24h or 30d, or a time such as 2026-01-31T12:00"

_BYTES = {"": 1, "b": 1}
_BYTES |= {f"{letter}b": 1000**power for power, letter in enumerate("kmgt", start=1)}
_BYTES |= {f"{letter}ib": 1024**power for power, letter in enumerate("kmgt", start=1)}
_SIZE = re.compile(rf"({_NUMBER})\s*([A-Za-z]*)")
_LARGEST = 1024**5
_SIZE_HELP = 'write a size such as "64kB" or "1MiB", or a number of bytes'


def parse_duration(value: object) -> float:
    """Seconds of ``"1h30m"``, ``"250ms"``, ``14``, ``1.5``.

    Units go from large to small, each at most once. A string without a unit counts as seconds, as
    ``${…}`` always brings in a string. Raises ValueError, whose text names the valid forms.
    """
    seconds = _duration_of_text(value) if isinstance(value, str) else _number(value, _DURATION_HELP)
    return _bounded(seconds, value, _LONGEST, _DURATION_HELP)


def parse_lasting(value: object) -> float:
    """As :func:`parse_duration`, but more than 0: how long a mark lasts."""
    seconds = parse_duration(value)
    if not seconds:
        raise ValueError("write more than 0 seconds")
    return seconds


def _duration_of_text(value: str) -> float:
    text = value.strip()
    if _PLAIN.fullmatch(text):
        return float(text)
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{shown(value)!r} is not a duration: {_DURATION_HELP}")
    parts = _PART.findall(text)
    places = [_ORDER[unit] for _, unit in parts]
    if places != sorted(set(places)):
        raise ValueError(
            f"{shown(value)!r} is not a duration: units go from large to small, each once: 1h30m"
        )
    return math.fsum(float(number) * _UNITS[unit] for number, unit in parts)


def _number(value: object, help: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is of the wrong type: {help}")  # noqa: TRY004 -- as for any bad value
    return value if isinstance(value, int) else float(value)


def _bounded(number: float, value: object, most: float, help: str) -> float:
    if not 0 <= number <= most:  # false for nan as well
        raise ValueError(f"{value!r} is out of range: {help}")
    return float(number)


def parse_moment(text: str, now: float) -> float:
    """Seconds since the epoch of ``"24h"`` (before ``now``) or of an ISO 8601 time.

    A time without an offset is local time; a date alone is its first moment, ``20260131`` too. Raises
    ValueError, whose text names the valid forms.
    """
    try:
        return _iso_moment(text) if _BASIC_DATE.fullmatch(text) else now - parse_duration(text)
    except ValueError:
        return _iso_moment(text.strip())


def _iso_moment(text: str) -> float:
    from datetime import datetime

    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"{shown(text)!r} is not a time: {_MOMENT_HELP}") from None


def format_duration(seconds: float) -> str:
    """``"250ms"``, ``"1.5s"``, ``"2m13s"``, ``"1h30m"``, to the millisecond.

    :func:`parse_duration` reads it back. From a minute on, fractions of a second are left out.
    """
    if seconds < 0:
        return "-" + format_duration(-seconds)
    if seconds < 0.9995:
        return f"{_short(seconds * 1000)}ms" if seconds else "0s"
    if seconds < 59.9995:
        return f"{_short(seconds)}s"
    return _long(round(seconds))


def _long(rest: int) -> str:
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


def format_validity(days: float) -> str:
    """A certificate's validity: ``"4 days left"``, ``"31 hours left"``, ``"expired 3 days ago"``.

    Rounded towards now: "7 days left" means at least 7.
    """
    hours = int(abs(days) * 24)
    span = _counted(hours, "hour") if hours < _HOURS_SHOWN else f"{int(abs(days))} days"
    return f"expired {span} ago" if days < 0 else f"{span} left"


def format_validity_briefly(days: float) -> str:
    """The same in at most five cells: ``"4d"``, ``"31h"``, ``"-3d"`` for one that has expired."""
    hours = int(abs(days) * 24)
    span = f"{hours}h" if hours < _HOURS_SHOWN else f"{min(int(abs(days)), 9999 if days > 0 else 999)}d"
    return f"{'-' * (days < 0)}{span}"


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}{'s' * (count != 1)}" if count else f"less than 1 {unit}"


def _short(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")


def format_ms(ms: float) -> str:
    """Milliseconds for people, to three digits: ``"0.45 ms"``, ``"41.7 ms"``, ``"812 ms"``, ``"2.13 s"``."""
    if ms < 9.995:
        return f"{ms:.2f} ms"
    if ms < 99.95:
        return f"{ms:.1f} ms"
    if ms < 999.5:
        return f"{ms:.0f} ms"
    return f"{ms / 1000:.2f} s" if ms < 99_995 else f"{ms / 1000:.0f} s"


def parse_size(value: object) -> int:
    """Bytes of ``"1MiB"``, ``"64kB"``, ``1024``. ``k`` is 1000 and ``Ki`` 1024, in any case of letters.

    Raises ValueError, whose text names the valid forms.
    """
    size = _size_of_text(value) if isinstance(value, str) else _number(value, _SIZE_HELP)
    return round(_bounded(size, value, _LARGEST, _SIZE_HELP))


def _size_of_text(text: str) -> float:
    found = _SIZE.fullmatch(text.strip())
    if not found or found[2].lower() not in _BYTES:
        raise ValueError(f"{shown(text)!r} is not a size: {_SIZE_HELP}")
    return float(found[1]) * _BYTES[found[2].lower()]


def iso_time(seconds: float, timespec: str = "milliseconds") -> str:
    """Seconds since the epoch as ``2026-01-31T12:00:00.123Z``."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
