"""Time zones by name, and this machine's own."""

from __future__ import annotations

import os
from datetime import UTC, tzinfo
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

_LOCALTIME = Path("/etc/localtime")
_FOLDER = "zoneinfo/"


@cache
def zone(name: str) -> tzinfo:
    """The zone of that name; without one, this machine's. ValueError if there is no such zone."""
    if not name:
        return local_zone()
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(f"{name!r} is no time zone; write one such as Europe/Berlin or UTC") from error


def local_zone() -> tzinfo:
    """This machine's zone, with its daylight saving; UTC where the system does not say."""
    named = os.environ.get("TZ", "").lstrip(":") or _linked()
    try:
        return ZoneInfo(named)
    except (OSError, ValueError, KeyError):
        return _from_file()


def _linked() -> str:
    """The zone that ``/etc/localtime`` is a link to."""
    return str(_LOCALTIME.resolve()).partition(_FOLDER)[2]


def _from_file() -> tzinfo:
    try:
        with _LOCALTIME.open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return UTC
