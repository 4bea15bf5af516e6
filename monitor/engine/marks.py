"""What operators mark endpoints with: acknowledged until they are well again."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from monitor.engine.journal import Journal
from monitor.engine.ledger import Ledger
from monitor.engine.watched import Watched
from monitor.incidents import Acknowledgement
from monitor.model import State
from monitor.text import plain

_WELL = frozenset({State.UP, State.DEGRADED})
_NAME = 40
"""Characters of a user's name that are kept."""


class Marks:
    """Puts marks on endpoints and takes them off; ``marked(watched)`` is called after either."""

    def __init__(
        self, clock: Callable[[], float], journal: Journal, ledger: Ledger, marked: Callable[[Watched], None]
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._ledger = ledger
        self._marked = marked

    def turned(self, watched: Watched) -> None:
        """An endpoint's state is another one."""
        if watched.state in _WELL:
            watched.acknowledged = None

    def acknowledge(self, chosen: Iterable[Watched], by: str, note: str) -> int:
        """Mark what is not well as known about; how many were not, in these words."""
        by, note = plain(by, _NAME), plain(note)
        named = f" by {by}" if by else ""
        said = f"acknowledged{named}{': ' if note else ''}{note}"
        fresh = [one for one in chosen if one.state not in _WELL and not _is(one.acknowledged, by, note)]
        for watched in fresh:
            self._acknowledge(watched, Acknowledgement(at=self._clock(), by=by, note=note), said)
        return len(fresh)

    def disacknowledge(self, chosen: Iterable[Watched]) -> int:
        """Take that mark back; how many had it."""
        known = [one for one in chosen if one.acknowledged]
        for watched in known:
            self._acknowledge(watched, None, "no longer acknowledged")
        return len(known)

    def _acknowledge(self, watched: Watched, mark: Acknowledgement | None, said: str) -> None:
        watched.acknowledged = mark
        self._ledger.marked(watched)
        self._journal.note("info", said, watched.handle)
        self._marked(watched)


def _is(mark: Acknowledgement | None, by: str, note: str) -> bool:
    return mark is not None and (mark.by, mark.note) == (by, note)
