"""The order and grouping of endpoints. Pure.

Problems come first: down (newest outage first), then failing, unreachable, degraded, inconclusive, pending,
up and paused. An unreachable endpoint that was down before its dependency stays among those that are down, as
its own failure needs mending too. Unknown values, such as the latency of a check without an answer, come
last in either direction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any

from monitor.model import State
from monitor.tui.data.board import Entry
from monitor.tui.data.uptimes import shown

SEVERITY: tuple[State, ...] = (
    State.DOWN,
    State.FAILING,
    State.UNREACHABLE,
    State.DEGRADED,
    State.INCONCLUSIVE,
    State.PENDING,
    State.UP,
    State.PAUSED,
)
"""Worst first."""
_RANK = {state: rank for rank, state in enumerate(SEVERITY)}

PROBLEMS = frozenset(SEVERITY[:5])
"""States that are problems."""

_Key = Callable[[Entry], Any]


def severity(entry: Entry) -> tuple[int, float]:
    """Sort key: worst first, then newest."""
    state = entry.severity
    return _RANK[state], -entry.status.since if state in PROBLEMS else 0.0


@dataclass(frozen=True, slots=True)
class Sorting:
    """A sort order: ``value`` returns the sort key, None if unknown."""

    letter: str
    """The key that selects it in the picker."""
    title: str
    value: _Key
    descending: bool = False
    """Whether the greatest value comes first."""


SORTINGS: Mapping[str, Sorting] = {
    "severity": Sorting("s", "severity", severity),
    "latency": Sorting("l", "latency", lambda entry: entry.status.latency_ms, descending=True),
    "p95": Sorting("p", "p95", lambda entry: entry.p95_ms(), descending=True),
    "uptime": Sorting("u", "uptime", lambda entry: entry.status.uptime),
    "since": Sorting("c", "last change", lambda entry: entry.status.since, descending=True),
    "name": Sorting("n", "name", lambda entry: entry.info.name.casefold()),
    "group": Sorting("g", "group", lambda entry: entry.info.group.casefold() or None),
    "kind": Sorting("t", "type", lambda entry: entry.info.kind),
    "cert": Sorting("e", "certificate", lambda entry: entry.status.not_after),
    "reason": Sorting("r", "reason", lambda entry: entry.status.reason),
    "target": Sorting("a", "target", lambda entry: entry.info.target.casefold()),
    "checked": Sorting("k", "last check", lambda entry: entry.status.checked_at, descending=True),
    "config": Sorting("o", "config order", lambda entry: entry.place),
    "uptime1h": Sorting("1", "uptime 1h", partial(shown, window="1h")),
    "uptime7d": Sorting("7", "uptime 7d", partial(shown, window="7d")),
    "uptime30d": Sorting("3", "uptime 30d", partial(shown, window="30d")),
}
"""All sort orders, as listed in the picker."""


def sort(entries: Iterable[Entry], by: str, *, reverse: bool = False) -> list[Entry]:
    """``entries`` sorted by one of :data:`SORTINGS`; ties stay in config order."""
    value = SORTINGS[by].value
    in_config_order = sorted(entries, key=lambda entry: entry.place)
    return sort_by_value([(value(entry), entry) for entry in in_config_order], by, reverse=reverse)


def sort_by_value(valued: Sequence[tuple[Any, Entry]], by: str, *, reverse: bool = False) -> list[Entry]:
    """As :func:`sort`, with computed values; ``valued`` is in config order."""
    known = [pair for pair in valued if pair[0] is not None]
    known.sort(key=itemgetter(0), reverse=SORTINGS[by].descending != reverse)
    unknown = [pair[1] for pair in valued if pair[0] is None] if len(known) < len(valued) else []
    return [pair[1] for pair in known] + unknown


_GROUPS_OF: Mapping[str, Callable[[Entry], tuple[str, ...]]] = {
    "group": lambda entry: (entry.info.group,),
    "tag": lambda entry: entry.info.tags or ("",),
    "state": lambda entry: (entry.status.state.value,),
}
GROUPINGS = ("none", *_GROUPS_OF)
"""All groupings, in the order of their key."""
_NAMELESS = {"group": "no group", "tag": "no tag", "state": ""}


@dataclass(frozen=True, slots=True)
class Group:
    """A heading with its endpoints; an endpoint with several tags is under each of them."""

    name: str
    entries: tuple[Entry, ...]

    @property
    def worst(self) -> State:
        return min((entry.severity for entry in self.entries), key=_RANK.__getitem__)


def group(entries: Iterable[Entry], by: str) -> list[Group]:
    """``entries`` under headings, worst heading first; within a heading the order stays."""
    gathered: dict[str, list[Entry]] = {}
    for entry in entries:
        for name in _GROUPS_OF[by](entry):
            gathered.setdefault(name or _NAMELESS[by], []).append(entry)
    groups = [Group(name, tuple(members)) for name, members in gathered.items()]
    return sorted(groups, key=lambda group: (_RANK[group.worst], group.name.casefold()))
