"""The incidents of the history, loaded page by page as a view needs them. No Textual, no I/O of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from monitor.link.history import History, why_unanswered
from monitor.model import Incident
from monitor.store.travel import GetPastIncidents, PastIncidents
from monitor.tui.data.board import Board, plain_incident
from monitor.tui.data.moments import moment as moment_text

MOST = 5000
"""Limit of loaded incidents."""
GONE = -1
"""The handle of an endpoint that is no longer in the config."""


class OlderIncidents:
    """Incidents that began until a moment; None is the present. ``board`` has the present endpoints."""

    def __init__(self, history: Callable[[], History | None], board: Board, moment: float | None) -> None:
        self._history = history
        self._board = board
        self._moment = moment
        self._loaded: dict[str, Incident] = {}
        self._oldest = ""
        """The id of the oldest incident that came in order."""
        self._bound: tuple[object, Mapping[str, Incident]] | None = None
        self.revision = 0
        """Increased by every answer."""
        self.more = True
        """Whether the history may have older ones."""
        self.wrong = ""
        """Why the history gave no answer."""
        self.loading = False

    @property
    def can_load(self) -> bool:
        """Whether another page can be loaded now."""
        return self.more and not self.loading and self._history() is not None

    @property
    def complete(self) -> bool:
        """Whether every incident of the history is loaded."""
        return bool(self.revision) and not self.more and not self.wrong

    async def load(self) -> None:
        """Load the next page, if there is one."""
        history = self._history()
        if history is None or not self.can_load:
            return
        self.loading = True
        try:
            moment = self._board.now() if self._moment is None else self._moment
            answer = await history.ask(GetPastIncidents(moment=moment, older_than=self._oldest))
            self._take(answer)
        finally:
            self.loading = False

    def _take(self, answer: object) -> None:
        self.revision += 1
        if isinstance(answer, PastIncidents):
            self._loaded |= {one.id: plain_incident(one) for one in answer.incidents}
            self._oldest = answer.oldest
            self.more = answer.more and len(self._loaded) < MOST
            self.wrong = "" if self.more or not answer.more else f"only the newest {MOST} are loaded"
        else:
            self.more = False
            self.wrong = why_unanswered(answer)

    def incidents(self) -> Mapping[str, Incident]:
        """The loaded incidents by id, with the present handles."""
        state = self.revision, self._board.layout_revision, self._board.started_at
        if self._bound is None or self._bound[0] != state:
            self._bound = state, self._with_handles(self._loaded.values())
        return self._bound[1]

    def _with_handles(self, incidents: Iterable[Incident]) -> Mapping[str, Incident]:
        handles = {entry.info.id: handle for handle, entry in self._board.entries.items()}
        return {one.id: replace(one, handle=handles.get(one.endpoint, GONE)) for one in incidents}

    def why_no_more(self) -> str:
        """Why the list ends, as a short text; empty while there is more to load."""
        if self._history() is None:
            since = moment_text(self._board.started_at, self._board.now())
            return f"no history: only since {since}"
        return self.wrong


def merged(older: Mapping[str, Incident], board: Board, *, present: bool) -> Iterable[Incident]:
    """The incidents of the board, and the older ones; for those in both, the board's version is used.

    In the ``present``, one that is open in the history alone is left out: its end was never written.
    """
    known = (one for one in older.values() if one.id not in board.incidents)
    return [*board.incidents.values(), *(one for one in known if one.ended is not None or not present)]
