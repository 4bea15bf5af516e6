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


class GetSilences(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The silences in force. Answer: :class:`Silences`."""


class Silences(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Silences in force, the oldest first."""

    silences: tuple[Silence, ...]


Command = StartSilence | EndSilence
