"""The board of a past moment, from the history, and the samples on it. No Textual, no I/O of its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from monitor.link.history import History, why_unanswered
from monitor.link.messages import Changes, Detail, EndpointStatus, Point
from monitor.model import NO_LATENCY, Event
from monitor.store.reader import StoredLine
from monitor.store.travel import (
    LOG_LINES,
    GetPastDetail,
    GetPastLog,
    GetPastStates,
    PastDetail,
    PastLog,
    PastState,
    PastStates,
)
from monitor.text import plain
from monitor.tui.data.board import SAMPLES, Board

PART = 100
"""Limit of endpoints in one question."""
_OF_EVERY_SAMPLE = "p95"
"""The figure that needs every endpoint's samples once it is sorted or filtered by."""

Ask = Callable[[Sequence[int], int], Awaitable[Sequence[EndpointStatus]]]
"""Asks for the statuses of these handles with at most so many samples."""


class Missing(NamedTuple):
    """Why the history cannot show a moment, and the oldest moment that it can show, if there is one."""

    why: str
    began: float | None = None


async def fill_from_history(board: Board, history: History, moment: float) -> Missing | None:
    """Fill a board without known states (see ``beginning``), but not its samples.

    Returns why it could not.
    """
    handles, began = handles_by_id(board), None
    async for page in _pages(history, moment):
        if not isinstance(page, PastStates):
            return Missing(why_unanswered(page))
        began = page.began if began is None else began
        if began is None or moment < began:
            return Missing("the history does not go back so far", began)
        board.apply(Changes(now=moment, statuses=_statuses(page, handles)))
    if len(board.events) < LOG_LINES:
        await _fill_log(board, history, moment, handles)
    return None


async def samples_from_history(
    board: Board, history: History, handles: Sequence[int], samples: int
) -> Sequence[EndpointStatus]:
    """The states of these endpoints with samples; none if the history does not answer."""
    ids = {board.entries[handle].info.id: handle for handle in handles}
    question = GetPastStates(moment=board.now(), samples=samples, endpoints=tuple(ids))
    answer = await history.ask(question)
    return _statuses(answer, ids) if isinstance(answer, PastStates) else ()


async def stored_detail(detail: Detail, history: History, endpoint: str, moment: float) -> Detail:
    """``detail`` with the checks of the history until ``moment``."""
    answer = await history.ask(GetPastDetail(endpoint=endpoint, moment=moment))
    if not isinstance(answer, PastDetail):
        return detail
    return replace(
        detail,
        last=answer.last,
        last_failure=answer.last_failure,
        last_good=answer.last_good,
        points=tuple(Point(*sample) for sample in answer.samples),
    )


def handles_by_id(board: Board) -> Mapping[str, int]:
    """The present handles, by the endpoints' ids."""
    return {entry.info.id: handle for handle, entry in board.entries.items()}


def _statuses(page: PastStates, handles: Mapping[str, int]) -> tuple[EndpointStatus, ...]:
    return tuple(_status(one, handles[one.endpoint]) for one in page.states if one.endpoint in handles)


async def _pages(history: History, moment: float) -> AsyncIterator[object]:
    """The pages of states without samples; the last may be an error."""
    after: int | None = 0
    while after is not None:
        page = await history.ask(GetPastStates(moment=moment, samples=0, after=after))
        after = page.after if isinstance(page, PastStates) else None
        yield page


def _status(then: PastState, handle: int) -> EndpointStatus:
    latency = then.latencies_ms[-1] if then.latencies_ms else NO_LATENCY
    return EndpointStatus(
        handle=handle,
        state=then.state,
        since=then.since,
        reason=then.reason,
        message=then.message,
        maintenance=then.maintenance,
        latency_ms=None if latency == NO_LATENCY else latency,
        checked_at=then.checked_at,
        total=len(then.outcomes),
        outcomes=then.outcomes,
        latencies_ms=then.latencies_ms,
    )


async def _fill_log(board: Board, history: History, moment: float, handles: Mapping[str, int]) -> None:
    answer = await history.ask(GetPastLog(moment=moment))
    if isinstance(answer, PastLog) and len(answer.lines) > len(board.events):
        board.events.clear()
        board.events.extend(stored_event(line, handles) for line in answer.lines)


def stored_event(line: StoredLine, handles: Mapping[str, int]) -> Event:
    """A line of the stored log, with the present handle."""
    handle = handles.get(line.endpoint) if line.endpoint else None
    return Event(at=line.at, handle=handle, level=line.level, text=plain(line.text))


class PastSamples:
    """Loads the samples of ``board``, which has the states of its moment.

    They come in full for the endpoints on the screen; of all others, the last one comes. All samples of 1,000
    endpoints are 1.2 MB, which takes minutes over a slow line; a screen shows fifty of them.
    """

    def __init__(self, board: Board, ask: Ask) -> None:
        self._board = board
        self._ask = ask
        self._loaded: dict[int, int] = {}
        """Handle -> the number of requested samples."""
        self._visible: Sequence[int] = ()
        self._least = 1
        self._loading = False

    def show(self, visible: Sequence[int], figures: Collection[str]) -> bool:
        """Note what the screen shows, sorts and filters by. Return whether :meth:`load` must be called."""
        self._visible = visible
        self._least = SAMPLES if _OF_EVERY_SAMPLE in figures else 1
        return not self._loading and self._missing() is not None

    async def load(self) -> AsyncGenerator[None, None]:
        """Load until nothing is missing, visible endpoints first. Yields after each part."""
        self._loading = True
        try:
            while part := self._missing():
                handles, samples = part
                self._loaded |= dict.fromkeys(handles, samples)
                self._take(await self._ask(handles, samples))
                yield
        finally:
            self._loading = False

    def _missing(self) -> tuple[Sequence[int], int] | None:
        """The next endpoints to load, and how many samples of each."""
        for handles, samples in ((self._visible, SAMPLES), (self._board.entries, self._least)):
            if missing := [one for one in handles if self._loaded.get(one, 0) < samples]:
                return missing[:PART], samples
        return None

    def _take(self, statuses: Sequence[EndpointStatus]) -> None:
        for status in statuses:
            if entry := self._board.entries.get(status.handle):
                entry.forget_samples()
        self._board.apply(Changes(now=self._board.now(), statuses=tuple(statuses)))
