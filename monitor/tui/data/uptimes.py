"""The uptimes of an endpoint over the usual windows, for columns, sort orders and filters. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from monitor.link.figures import WINDOWS, hundredths
from monitor.link.state_json import endpoint_state
from monitor.tui.data.board import Entry

_WITH_STATUS = "24h"
"""The window whose uptime is part of every status."""
NAMES: Mapping[str, str] = {
    window: "uptime" if window == _WITH_STATUS else f"uptime{window}" for window in WINDOWS
}
"""The name of the column, sort order and figure, by window."""
_PLACES = {window: place for place, window in enumerate(WINDOWS)}


def shown(entry: Entry, window: str) -> int | None:
    """The uptime in hundredths of a per cent, rounded down; None if nothing is known."""
    if window != _WITH_STATUS:
        return entry.uptimes[_PLACES[window]]
    share = entry.status.uptime
    return None if share is None else hundredths(share)


def windows(names: Collection[str]) -> tuple[str, ...]:
    """The windows that the engine must be asked for, if columns or figures of these names are in use."""
    return tuple(window for window, name in NAMES.items() if name in names and window != _WITH_STATUS)


def endpoint_row(entry: Entry, now: float) -> dict[str, Any]:
    """The endpoint's state as in `monitor status --format json`, with the uptimes that are known here."""
    hundredths_known = [shown(entry, window) for window in WINDOWS]
    uptimes = [None if known is None else known / 10_000 for known in hundredths_known]
    return endpoint_state(entry.info, entry.status, uptimes=uptimes, now=now)
