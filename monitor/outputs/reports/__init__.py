"""Output formats of `monitor report`: one module and one line in ``FORMATS`` each.

Each module is an :class:`Output`. Reports are fit to be shown when they get here: the history holds
neither secrets nor control characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, TextIO, cast

from monitor.model.report import Report

FORMATS: Mapping[str, str] = {
    "table": "monitor.outputs.reports.table",
    "json": "monitor.outputs.reports.json",
    "csv": "monitor.outputs.reports.csv",
    "html": "monitor.outputs.reports.html",
}
"""Format -> its module."""


class Output(Protocol):
    """The shape of every module here."""

    def write(self, report: Report, out: TextIO) -> None:
        """Print the report."""


def output(name: str) -> Output:
    """The output of that name in :data:`FORMATS`."""
    return cast(Output, import_module(FORMATS[name]))
