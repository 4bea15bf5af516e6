"""Output formats of `monitor check`: one module and one line in ``FORMATS`` each.

Each module is an :class:`Output`: ``write`` puts a :class:`Run` on a text stream, ``exit_status``
returns the process's exit status. Results are safe to show when they get here: secrets masked,
text plain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Protocol, TextIO, cast

from monitor.model import Endpoint, Result, Status

FORMATS: Mapping[str, str] = {
    "table": "monitor.outputs.table",
    "json": "monitor.outputs.json",
    "junit": "monitor.outputs.junit",
    "nagios": "monitor.outputs.nagios",
}
"""Format -> its module."""


NOTHING = 2
"""The exit status when no endpoint was checked: a job that lost its endpoints must not stay green."""


@dataclass(frozen=True)
class Run:
    """Endpoints that were checked once, with their results, in config order."""

    checked_at: float
    """When the checks began, seconds since the epoch."""
    checks: tuple[tuple[Endpoint, Result], ...]
    strict: bool = False
    """Degraded counts as down."""
    explain: bool = False
    """Include requests and answers."""

    @cached_property
    def counts(self) -> Mapping[Status, int]:
        """Status -> the number of results, in the order up, degraded, down, inconclusive."""
        found = Counter(result.status for _, result in self.checks)
        return {status: found[status] for status in Status}

    def fails(self, status: Status) -> bool:
        """Whether a result of this status makes the run fail."""
        return status in (Status.DOWN, Status.INCONCLUSIVE) or (self.strict and status is Status.DEGRADED)


class Output(Protocol):
    """The shape of every module here."""

    def write(self, run: Run, out: TextIO) -> None:
        """Print the run."""

    def exit_status(self, run: Run) -> int:
        """The exit status of `monitor check`."""


def output(name: str) -> Output:
    """The output of that name in :data:`FORMATS`."""
    return cast(Output, import_module(FORMATS[name]))


def exit_status(run: Run) -> int:
    """0: nothing is down; 1: something is, or a check was inconclusive; 2: there is nothing to check."""
    if not run.checks:
        return NOTHING
    return int(any(run.fails(status) for status, count in run.counts.items() if count))
