"""The history's incidents and log lines that the board does not have, loaded page by page.

No Textual, no I/O of its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec.structs import replace

from monitor.link.history import History, why_unanswered
from monitor.model import Event, Incident
from monitor.store.past import Question
from monitor.store.travel import GetPastIncidents, GetPastLog, PastIncidents, PastLog
from monitor.tui.data.board import Board, plain_incident
from monitor.tui.data.moments import moment as moment_text
from monitor.tui.data.stored_moment import handles_by_id, stored_event

MOST = 5000
"""Limit of loaded incidents, and of loaded lines."""
GONE = -1
"""The handle of an endpoint that is no longer in the config."""
_RESOLUTION = 0.001
"""The history's resolution in seconds."""


class _Pages(ABC):
    """Loads what the history has from before the board, as a view needs it."""

    def __init__(self, history: Callable[[], History | None], board: Board) -> None:
        self._history = history
        self.board = board
        self.revision = 0
        """Increased by every answer."""
        self.loading = False
        self.more = True
        """Whether the history may have older ones."""

    @property
    def can_load(self) -> bool:
        """Whether another page can be loaded now."""
        return self.more and not self.loading and self._history() is not None

    async def load(self) -> None:
        """Load the next page, if there is one."""
        history = self._history()
        if history is None or not self.can_load:
            return
        self.loading = True
        try:
            answer = await history.ask(self._question())
        finally:
            self.loading = False
        self.revision += 1
        self._take(answer)

    @abstractmethod
    def _question(self) -> Question:
        """The question for the next page."""

    @abstractmethod
    def _take(self, answer: object) -> None:
        """Store an answer."""


class OlderIncidents(_Pages):
    """Incidents that began until a moment; None is the present. ``board`` has the present endpoints."""

    def __init__(self, history: Callable[[], History | None], board: Board, moment: float | None) -> None:
        super().__init__(history, board)
        self._moment = moment
        self._loaded: dict[str, Incident] = {}
        self._oldest = ""
        """The id of the oldest incident that came in order."""
        self._bound: tuple[object, Mapping[str, Incident]] | None = None
        self.wrong = ""
        """Why the history gave no answer."""

    @property
    def complete(self) -> bool:
        """Whether every incident of the history is loaded."""
        return bool(self.revision) and not self.more and not self.wrong

    def _question(self) -> Question:
        moment = self.board.now() if self._moment is None else self._moment
        return GetPastIncidents(moment=moment, older_than=self._oldest)

    def _take(self, answer: object) -> None:
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
        state = self.revision, self.board.layout_revision, self.board.started_at
        if self._bound is None or self._bound[0] != state:
            self._bound = state, self._with_handles(self._loaded.values())
        return self._bound[1]

    def _with_handles(self, incidents: Iterable[Incident]) -> Mapping[str, Incident]:
        handles = {entry.info.id: handle for handle, entry in self.board.entries.items()}
        return {one.id: replace(one, handle=handles.get(one.endpoint, GONE)) for one in incidents}

    def why_no_more(self) -> str:
        """Why the list ends, as a short text; empty while there is more to load."""
        if self._history() is None:
            since = moment_text(self.board.started_at, self.board.now())
            return f"no history: only since {since}"
        return self.wrong


def merged(older: Mapping[str, Incident], board: Board, *, present: bool) -> Iterable[Incident]:
    """The incidents of the board, and the older ones; for those in both, the board's version is used.

    In the ``present``, one that is open in the history alone is left out: its end was never written.
    """
    known = (one for one in older.values() if one.id not in board.incidents)
    return [*board.incidents.values(), *(one for one in known if one.ended is not None or not present)]


class OlderLog(_Pages):
    """The lines before those of ``board``, which begin with its engine and are bounded."""

    def __init__(self, history: Callable[[], History | None], board: Board) -> None:
        super().__init__(history, board)
        self._engine = board.started_at
        self._loaded: list[Event] = []
        """Oldest first."""
        self._newer: Sequence[Event] = ()
        """The board's lines at the last call."""

    @property
    def can_load(self) -> bool:
        return bool(self.board.revision) and super().can_load and len(self._loaded) < MOST

    def events(self) -> Sequence[Event]:
        """The loaded lines and those of the board, oldest first."""
        if self.board.started_at != self._engine:
            self._engine, self._loaded, self._newer, self.more = self.board.started_at, [], (), True
        newer = tuple(self.board.events)
        self._keep_dropped(newer)
        self._newer = newer
        return [*self._loaded, *newer]

    def _keep_dropped(self, newer: Sequence[Event]) -> None:
        """Keep the lines that the board has dropped since, so that there is no gap."""
        if self._loaded and newer:
            self._loaded += [one for one in self._newer if one.at < newer[0].at]

    def _question(self) -> Question:
        return GetPastLog(moment=self._before())

    def _before(self) -> float:
        """The last moment before the oldest known line."""
        known = [*self._loaded[:1], *self.board.events]
        return known[0].at - _RESOLUTION if known else self.board.now()

    def _take(self, answer: object) -> None:
        lines = answer.lines if isinstance(answer, PastLog) else ()
        handles = handles_by_id(self.board)
        self._loaded[:0] = [stored_event(line, handles) for line in lines]
        self.more = bool(lines)
