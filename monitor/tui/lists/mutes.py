"""Everything that keeps alerts quiet: silences, acknowledgements and maintenance windows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
    more: Sequence[str] = ()
    """The ids of further silences or endpoints in the same line."""
    at: float | None = None
    """Its end, or its beginning if it is planned; None: at no fixed time."""
    until_up: bool = False
    """Whether it ends when the endpoint is up."""
    by: str = ""
    note: str = ""


def mutes(
    silences: Iterable[Silence], windows: Iterable[MaintenanceWindow], entries: Mapping[int, Entry]
) -> list[Mute]:
    """The lines of the view: silences, acknowledgements, maintenance, planned windows; each by time.

    Single endpoints that were silenced or acknowledged together share a line.
    """
    marks = [*(_silence(one, entries) for one in silences), *_acknowledged(entries.values())]
    found = [*_joined(marks, entries), *(_window(one, entries) for one in windows)]
    return sorted(found, key=lambda one: (_ORDER.index(one.kind), inf if one.at is None else one.at))


def _joined(marks: Iterable[Mute], entries: Mapping[int, Entry]) -> list[Mute]:
    """``marks`` with those of single endpoints in one line if nothing else differs."""
    groups: dict[Hashable, list[Mute]] = {}
    for one in marks:
        single = len(one.handles) == 1 and one.covers == plain(entries[one.handles[0]].info.name)
        end = None if one.at is None else round(one.at)
        key = (one.kind, end, one.until_up, one.by, one.note) if single else (one.kind, one.id)
        groups.setdefault(key, []).append(one)
    return [_one_line(group, entries) for group in groups.values()]


def _one_line(group: Sequence[Mute], entries: Mapping[int, Entry]) -> Mute:
    first, *others = group
    if not others:
        return first
    handles = [handle for one in group for handle in one.handles]
    covers = plain(_names([entries[handle] for handle in handles]))
    return replace(first, covers=covers, handles=handles, more=[one.id for one in others])


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
                covers=plain(entry.info.name),
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
