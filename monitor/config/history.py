"""The history's file and its retention."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from monitor.config.convert import Place
from monitor.config.paths import is_folder, user_path
from monitor.fields import Seconds, key
from monitor.model import Retention

OFF = "off"
_OFF_ELSEWHERE = frozenset({"off", "none", "false", "no", "never", "disabled", "null", "0", ":memory:"})
_ON_ELSEWHERE = frozenset({"on", "true", "yes", "always", "enabled", "default", "auto", "1"})
_SHORTEST = 3600.0
"""Minimum retention: results are rolled up hour by hour."""


@dataclass(frozen=True, kw_only=True)
class RetentionTable:
    """The ``monitor.retention`` table."""

    raw: Seconds | None = key("Retention of single results. Default: 48h.", default=None, example="48h")
    minutes: Seconds | None = key(
        "Retention of summaries by minute. Default: 14d.", default=None, example="14d"
    )
    hours: Seconds | None = key(
        "Retention of summaries by hour, incidents and the log. Default: 400d.",
        default=None,
        example="400d",
    )


SYSTEM = Path("/var/lib/monitor")
"""The state folder of a system's daemon."""


def default_file(config: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """The file for a config that names none: in systemd's or the user's state folder."""
    return _state_folder(environ) / _name(config)


def existing_file(config: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """As :func:`default_file`, for a reader: the system's history counts if this user has none."""
    places = (default_file(config, environ), SYSTEM / _name(config))
    return next((place for place in places if place.exists()), places[0])


def _name(config: Path) -> str:
    """A readable name that differs for every config on this machine."""
    whole = config.absolute()
    return f"{whole.stem}-{blake2b(os.fsencode(whole), digest_size=4).hexdigest()}.db"


def _state_folder(environ: Mapping[str, str]) -> Path:
    systemd = environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if systemd:
        return Path(systemd)
    chosen = Path(environ.get("XDG_STATE_HOME", ""))
    return (chosen if chosen.is_absolute() else Path.home() / ".local" / "state") / "monitor"


def history_file(text: str | None, place: Place) -> str:
    """The absolute path of the history's file; empty when it is off."""
    if text == OFF:
        return ""
    config = place.document.file
    if text is not None and (complaint := _not_a_path(text)):
        place.complain(complaint)
        return ""
    if text is None:
        return str(default_file(config))
    try:
        whole = user_path(text, config.absolute().parent)
    except ValueError as error:
        place.complain(str(error))
        return ""
    if not text.strip() or is_folder(whole):
        place.complain(f'is {text!r}; it must be the path of a file, or "off"')
    return str(whole)


def _not_a_path(text: str) -> str:
    """A complaint about a word that turns the history on or off elsewhere; a file would get that name."""
    word = text.strip().casefold()
    if word in _OFF_ELSEWHERE:
        return f'is {text!r}; write "{OFF}" to keep nothing on disk, or "./{text.strip()}" for a file'
    if word in _ON_ELSEWHERE:
        return f"is {text!r}; leave it out to keep a history in the usual place, or write the path of a file"
    return ""


def retention(table: RetentionTable | None, place: Place) -> Retention:
    """The retention of each tier; complains of impossible times."""
    usual = Retention()
    table = table or RetentionTable()
    tiers = {name: getattr(table, name) or getattr(usual, name) for name in ("raw", "minutes", "hours")}
    for name, seconds in tiers.items():
        if getattr(table, name) is not None and seconds < _SHORTEST:
            place.below(name).complain("must be 1h or more: results are summarised hour by hour")
    for finer, coarser in (("raw", "minutes"), ("minutes", "hours")):
        if tiers[finer] > tiers[coarser]:
            wrong = finer if getattr(table, finer) is not None else coarser
            place.below(wrong).complain(f"{finer} must not be kept for longer than {coarser}")
    return Retention(**tiers)
