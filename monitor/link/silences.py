"""Messages that start, list and end silences."""

from __future__ import annotations

import msgspec

from monitor.model import Silence


class StartSilence(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Mute the alerts of the endpoints that ``select`` matches.

    Answer: :class:`Silences` with the new one alone, or :class:`Refused`.
    """

    select: tuple[str, ...]
    """Terms as in ``--select``."""
    lasting: float | None = None
    """Duration in seconds; None: until somebody ends it."""
    by: str = ""
    note: str = ""


class EndSilence(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """End a silence. Answer: :class:`Done`."""

    id: str
    by: str = ""


class ExtendSilence(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Change the end of a silence in force. Answer: :class:`Done`."""

    id: str
    lasting: float | None = None
    """Seconds from now; None: until somebody ends it."""
    by: str = ""


class GetSilences(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The silences in force. Answer: :class:`Silences`."""


class Silences(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Silences in force, the oldest first."""

    silences: tuple[Silence, ...]


class MaintenanceWindow(msgspec.Struct, frozen=True, kw_only=True):
    """One ``[[maintenance]]`` table and its present or next window; times are seconds since the epoch."""

    name: str
    select: tuple[str, ...]
    """Terms as in ``--select``; none: every endpoint."""
    schedule: str
    """Its beginning as in the config: a cron expression with its time zone, or a time."""
    duration: float
    began: float | None = None
    """When the present window began; None: none is active."""
    next: float | None = None
    """When the next one begins; None: never."""


class GetMaintenance(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The maintenance windows of the config. Answer: :class:`MaintenanceWindows`."""


class MaintenanceWindows(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """All of them, in config order."""

    windows: tuple[MaintenanceWindow, ...]


Command = StartSilence | EndSilence | ExtendSilence
Request = GetSilences | GetMaintenance
Answer = Silences | MaintenanceWindows
