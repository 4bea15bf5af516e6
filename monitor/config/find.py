"""Finds the config file, and the socket and the history that it names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from monitor.config.paths import user_path
from monitor.errors import ConfigError, UsageError
from monitor.text import plain

NAME = "monitor.toml"


def find_config(explicit: str | None) -> Path:
    """The config file to use: ``explicit``, ``$MONITOR_CONFIG``, or the first place that has one.

    Raises UsageError that says where it looked.
    """
    if explicit == "":  # as from an unset variable in a script: another config is not meant
        raise UsageError("-c names no file: it is empty")
    for name, given in (("-c", explicit), ("MONITOR_CONFIG", os.environ.get("MONITOR_CONFIG"))):
        if given:
            return _legible(_named(given_path(given, name), name))
    places = _places()
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise UsageError(_nowhere(places))
    return _legible(found)


def _legible(file: Path) -> Path:
    """``file``; UsageError if its path is no text, which dashboards and the history could not hold."""
    try:
        str(file.absolute()).encode()
    except UnicodeEncodeError:
        raise UsageError(
            f"{plain(str(file))}: the path is not UTF-8; rename the file or its folder"
        ) from None
    return file


def given_path(given: str, by: str) -> Path:
    """The path from the option or variable ``by``. Raises UsageError if it is no file."""
    try:
        return user_path(given)
    except ValueError as error:
        raise UsageError(f"the file named by {by} {error}") from None


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


def configured_socket(file: Path) -> Path | None:
    """The socket that the config in ``file`` names; None if it names none, or cannot be read.

    For clients of a daemon: they need neither the daemon's environment nor a config without problems.
    """
    named = _setting(file, "socket")
    return _beside(file, named) if named else None


def configured_history(file: Path) -> Path | None:
    """The history that the config in ``file`` names; None if it names none, or cannot be read.

    Raises UsageError if the config says that nothing is kept.
    """
    named = _setting(file, "history")
    if named == "off":
        raise UsageError(f'{file} says history = "off": nothing is kept on disk')
    return _beside(file, named) if named else None


def refuse_unknown(file: Path, key: Literal["socket", "history"]) -> None:
    """Raise ConfigError or UsageError if it cannot be known whether the config names its own ``key``.

    The usual place is then tried; if nothing is there, this is the error that helps.
    """
    from monitor.config.document import read
    from monitor.config.interpolate import Interpolation

    def complain(_path: object, text: str) -> None:
        raise UsageError(f"{file}: monitor.{key}: {text}")

    table = read(file).table.get("monitor")
    if isinstance(table, dict):
        Interpolation().fill(table.get(key), file.parent, complain)


def _beside(file: Path, named: str) -> Path | None:
    try:
        return user_path(named, file.absolute().parent)
    except ValueError:
        return None


def _setting(file: Path, key: str) -> str | None:
    """A text in the ``[monitor]`` table, whatever is wrong with the rest of the config."""
    from monitor.config.document import read
    from monitor.config.interpolate import Interpolation

    try:
        table = read(file).table.get("monitor")
    except ConfigError:
        return None
    named = table.get(key) if isinstance(table, dict) else None
    filled = Interpolation().fill(named, file.parent, lambda _path, _text: None)
    return filled if isinstance(filled, str) else None
