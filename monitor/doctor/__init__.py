"""Find limits on this machine that impair monitoring. One module a subject, one line in ``SUBJECTS``.

Each module is a :class:`Subject`: ``examine`` looks at the machine, with the config in mind if there is one,
and returns its findings, each with the remedy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Protocol, cast

from monitor.model import Config

SUBJECTS: Mapping[str, str] = {
    "open files": "monitor.doctor.open_files",
    "icmp": "monitor.doctor.icmp",
    "resolver": "monitor.doctor.resolver",
    "clock": "monitor.doctor.clock",
    "disk": "monitor.doctor.disk",
    "terminal": "monitor.doctor.terminal",
    "extras": "monitor.doctor.extras",
}
"""Subject -> its module, in the order of the report."""


class Level(StrEnum):
    """The weight of a finding."""

    OK = "ok"
    WARN = "warn"
    """It may matter."""
    BAD = "bad"
    """It impairs monitoring."""


@dataclass(frozen=True)
class Finding:
    """One finding, and its remedy."""

    level: Level
    text: str
    remedy: str = ""


class Subject(Protocol):
    """The shape of every module here."""

    def examine(self, config: Config, /) -> Iterable[Finding]:
        """Look at the machine. ``config`` has no endpoints where there is no file."""


def examine(subject: str, config: Config) -> list[Finding]:
    """The findings about a subject. An exception in one becomes a warning; the others still run."""
    try:
        return list(cast(Subject, import_module(SUBJECTS[subject])).examine(config))
    except Exception as error:  # noqa: BLE001 -- a machine may be odd in any way, and the rest still counts
        return [Finding(Level.WARN, f"could not be examined: {type(error).__name__}: {error}")]


def kinds(config: Config) -> frozenset[str]:
    """The kinds of checks that the config has."""
    return frozenset(endpoint.kind for endpoint in config.endpoints if endpoint.enabled)
