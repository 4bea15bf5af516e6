"""Where the config is."""

from __future__ import annotations

import os
from pathlib import Path

from monitor.errors import UsageError

NAME = "monitor.toml"


def find_config(explicit: str | None) -> Path:
    """The config file to use: ``explicit``, ``$MONITOR_CONFIG``, or the first place that has one.

    Raises UsageError that says where it looked.
    """
    for name, given in (("-c", explicit), ("MONITOR_CONFIG", os.environ.get("MONITOR_CONFIG"))):
        if given:
            return _named(Path(given).expanduser(), name)
    places = _places()
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise UsageError(_nowhere(places))
    return found


def _named(file: Path, by: str) -> Path:
    if not file.exists():
        raise UsageError(f"{file} (named by {by}) does not exist")
    return file


def _places() -> list[Path]:
    own = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return [Path(NAME), Path(own).expanduser() / "monitor" / NAME, Path("/etc/monitor") / NAME]


def _nowhere(places: list[Path]) -> str:
    looked = ", ".join(str(place if place.is_absolute() else f"./{place}") for place in places)
    return (
        f"no config found: looked at $MONITOR_CONFIG, {looked}\n"
        "Try: monitor demo   (servers of its own, no config)\n"
        "     monitor init   (writes a starter config)\n"
        "     monitor URL …  (watches URLs without a config)"
    )
