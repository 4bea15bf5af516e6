"""Configs of other tools. One module a tool, one line a tool in ``IMPORTERS``.

Each module is an :class:`Importer`: ``convert`` fills a draft from a file. If it cannot convert a setting,
it adds a note with the place to the draft; :func:`imported` turns the draft into a valid config.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from monitor.errors import UsageError
from monitor.importers._draft import Draft

IMPORTERS: Mapping[str, str] = {
    "gatus": "monitor.importers.gatus",
    "uptime-kuma": "monitor.importers.uptime_kuma",
    "blackbox": "monitor.importers.blackbox",
    "prometheus": "monitor.importers.prometheus",
    "urls": "monitor.importers.urls",
}
"""Tool -> its module."""
_MOST_NOTES = 3
"""Limit of notes in the message for a file without endpoints."""


class Importer(Protocol):
    """The shape of every module here."""

    HELP: str
    """The files that it reads, for the list in the help."""
    WANTED: str
    """The entries that become endpoints, for the message that there are none."""

    def convert(self, file: Path, draft: Draft, modules: Path | None, /) -> None:
        """Fill ``draft``; ``modules`` is a second file. UsageError if ``file`` has another format."""


@dataclass(frozen=True)
class Imported:
    """A config made from another tool's."""

    text: str
    notes: tuple[str, ...]
    """Settings that were dropped or changed, each with its place."""
    needed: tuple[str, ...]
    """Environment variables to set."""
    endpoints: int


def importer(tool: str) -> Importer:
    """The importer of that name in :data:`IMPORTERS`."""
    return cast(Importer, import_module(IMPORTERS[tool]))


def imported(tool: str, file: Path, modules: Path | None = None) -> Imported:
    """Convert ``file`` to a config. Raises UsageError."""
    from monitor.importers._draft import name_all, refuse_commands
    from monitor.importers._finish import factor_out, settle
    from monitor.importers._toml import written

    draft = Draft(str(file), tool)
    importer(tool).convert(file, draft, modules)
    if not draft.endpoints:
        raise UsageError(_nothing(draft, importer(tool).WANTED))
    refuse_commands(draft)
    name_all(draft)
    factor_out(draft)
    settle(draft, file.parent)
    live = sum(not (block.refused or block.example) for block in draft.endpoints)
    return Imported(str(written(draft)), tuple(draft.notes()), tuple(draft.secrets.needed), live)


def _nothing(draft: Draft, wanted: str) -> str:
    """The message for a file without endpoints, with the first notes on it."""
    notes = draft.secrets.redact("; ".join(draft.top.notes[:_MOST_NOTES]))
    return f"{draft.source} has nothing to check: it lacks {wanted}" + (f" ({notes})" if notes else "")
