"""Everything that keeps alerts quiet: silences, acknowledgements and maintenance windows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf

from monitor.errors import UsageError
from monitor.link.silences import MaintenanceWindow
from monitor.model import Silence
from monitor.syntax.selection import Selection, compile_selection, silenced_by
from monitor.text import plain
from monitor.tui.data.board import Entry

SILENCED, ACKNOWLEDGED, MAINTENANCE, PLANNED = "silenced", "acknowledged", "maintenance", "planned"
_ORDER = (SILENCED, ACKNOWLEDGED, MAINTENANCE, PLANNED)
_NAMES = 3


@dataclass(frozen=True, slots=True)
class Mute:
    """One line of the view."""

    kind: str
    id: str
    """The id of the silence or the endpoint; a window's name."""
    covers: str
    """The selection, the endpoints' names, or the name of the window."""
    handles: Sequence[int]
    """The endpoints that it covers."""
    at: float | None = None
    """Its end, or its beginning if it is planned; None: at no fixed time."""
    until_up: bool = False
    """Whether it ends when the endpoint is up."""
    by: str = ""
    note: str = ""


def mutes(
    silences: Iterable[Silence], windows: Iterable[MaintenanceWindow], entries: Mapping[int, Entry]
) -> list[Mute]:
    """The lines of the view: silences, acknowledgements, maintenance, planned windows; each by time."""
    found = [
        *(_silence(one, entries) for one in silences),
        *_acknowledged(entries.values()),
        *(_window(one, entries) for one in windows),
    ]
    return sorted(found, key=lambda one: (_ORDER.index(one.kind), inf if one.at is None else one.at))


def _silence(silence: Silence, entries: Mapping[int, Entry]) -> Mute:
    covered = _covered(partial(silenced_by, silence), entries)
    only_ids = all(term.startswith("id:") for term in silence.select)
    return Mute(
        kind=SILENCED,
        id=silence.id,
        covers=plain(_names(covered) if only_ids and covered else ", ".join(silence.select)),
        handles=[one.info.handle for one in covered],
        at=silence.until,
        until_up=silence.until_up,
        by=plain(silence.by),
        note=plain(silence.note),
    )


def _acknowledged(entries: Iterable[Entry]) -> Iterator[Mute]:
    for entry in entries:
        mark = entry.status.acknowledged
        if mark:
            yield Mute(
                kind=ACKNOWLEDGED,
                id=entry.info.id,
                covers=entry.info.name,
                handles=[entry.info.handle],
                at=mark.until,
                until_up=mark.until is None,
                by=mark.by,
                note=mark.note,
            )


def _window(window: MaintenanceWindow, entries: Mapping[int, Entry]) -> Mute:
    active = window.began is not None
    return Mute(
        kind=MAINTENANCE if active else PLANNED,
        id=window.name,
        covers=plain(window.name),
        handles=[one.info.handle for one in _covered(partial(compile_selection, window.select), entries)],
        at=window.next if window.began is None else window.began + window.duration,
        note=plain(" · ".join(filter(None, (", ".join(window.select), window.schedule)))),
    )


def _covered(compiled: Callable[[], Selection], entries: Mapping[int, Entry]) -> list[Entry]:
    try:
        selects = compiled()
    except UsageError:  # an engine of another version may list more
        return []
    return [entry for entry in entries.values() if selects(entry.info)]


def _names(entries: Sequence[Entry]) -> str:
    more = f" and {len(entries) - _NAMES} more" if len(entries) > _NAMES else ""
    return ", ".join(entry.info.name for entry in entries[:_NAMES]) + more


def searchable_text(mute: Mute) -> str:
    """All words of a line, for the filter."""
    return f"{mute.kind} {mute.covers} {mute.by} {mute.note}"
