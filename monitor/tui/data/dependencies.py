"""Endpoints that are unreachable because of a failed dependency, and that dependency. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from monitor.model import State

if TYPE_CHECKING:
    from monitor.tui.data.board import Entry


def find_blockers(entries: Collection[Entry], failed: Collection[str], revision: int) -> None:
    """Set ``blocked_by`` and ``was_down`` of the unreachable ``entries``; those that change get ``revision``.

    ``failed`` are the ids of the endpoints that have an open incident: an unreachable one among them was down
    before its dependency.
    """
    stuck = [one for one in entries if _waits(one) or one.blocked_by]
    by_name = {one.info.name: one for one in entries} if stuck else {}
    for entry in stuck:
        unreachable = entry.status.state is State.UNREACHABLE
        found = _blocker(entry, by_name), unreachable and entry.info.id in failed
        if found != (entry.blocked_by, entry.was_down):
            (entry.blocked_by, entry.was_down), entry.revision = found, revision


def _waits(entry: Entry) -> bool:
    """Whether a dependency explains the failure: it is down, or it fails too and is not confirmed yet."""
    status = entry.status
    unconfirmed = status.state is State.FAILING and not status.needed and bool(entry.info.depends_on)
    return status.state is State.UNREACHABLE or unconfirmed


def _blocker(entry: Entry, by_name: Mapping[str, Entry]) -> str:
    """The name of the dependency at the end of the chain, which is down or fails itself."""
    seen: set[str] = set()
    waiting = list(entry.info.depends_on) if _waits(entry) else []
    to_blame = State.DOWN if entry.status.state is State.UNREACHABLE else State.FAILING
    while waiting:
        name = waiting.pop(0)
        needed = by_name.get(name)
        if needed is None or name in seen:
            continue
        seen.add(name)
        if needed.status.state is to_blame:
            return name
        if needed.status.state is State.UNREACHABLE:
            waiting += needed.info.depends_on
    return ""


def dependents(entry: Entry, entries: Iterable[Entry]) -> list[Entry]:
    """Those of ``entries`` that depend on ``entry``, also through others, in their order."""
    every = list(entries)
    found, names = set[int](), {entry.info.name}
    while more := [
        one for one in every if one.info.handle not in found and not names.isdisjoint(one.info.depends_on)
    ]:
        found |= {one.info.handle for one in more}
        names |= {one.info.name for one in more}
    return [one for one in every if one.info.handle in found and one is not entry]
