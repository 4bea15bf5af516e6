"""Time travel: all states at a past moment, from the history or from the engine's memory.

The past is a second board, shown instead of the live one. The live board keeps receiving changes, and is
shown at once on return.
"""

from __future__ import annotations

from collections.abc import Collection, Coroutine, Iterable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, NamedTuple, Protocol

from msgspec.structs import replace

from monitor.errors import LinkError
from monitor.link.history import History
from monitor.link.messages import Changes, Detail, EndpointStatus
from monitor.model import Incident, Notification, NotificationState, Result, State
from monitor.store.travel import GetStateChange, StateChange
from monitor.tui.data.board import Board, Entry
from monitor.tui.data.moments import moment as moment_text
from monitor.tui.data.older import OlderIncidents, merged
from monitor.tui.data.source import Source
from monitor.tui.data.stored_moment import PastSamples, fill_from_history, samples_from_history, stored_detail

_WRITTEN_AFTER = 10.0
"""Seconds after which all results are in the history; newer moments come from the engine."""


class Host(Protocol):
    """The part of the app that time travel needs."""

    def say(self, text: str) -> None:
        """Show a message to the operator."""

    @property
    def history(self) -> History | None:
        """The history of the engine; None without one."""

    def begin(self, work: Coroutine[Any, Any, object]) -> None:
        """Run ``work`` in the background."""

    def arrived(self) -> None:
        """Called when another board is to be shown."""

    def key(self, name: str) -> str:
        """The key of an action."""


class _Moment(NamedTuple):
    """A past moment: its board, the incidents until then, its samples, and the history that it comes from."""

    board: Board
    older: OlderIncidents
    samples: PastSamples
    history: History | None


class Travel:
    """The moment that ``app`` shows; ``live`` is the present."""

    def __init__(self, app: Host, source: Source, live: Board) -> None:
        self.live = live
        self._app = app
        self._source = source
        self._past: Board | None = None
        self._wanted: float | None = None
        """The destination; None for the present."""
        self._going = False
        self._seeking = False
        self._older = self._older_until(None)
        self._past_older = self._older
        self._past_history: History | None = None
        self._past_samples: PastSamples | None = None

    def _older_until(self, moment: float | None) -> OlderIncidents:
        return OlderIncidents(lambda: self._app.history, self.live, moment)

    @property
    def board(self) -> Board:
        """The board to show."""
        return self._past or self.live

    @property
    def moment(self) -> float | None:
        """Seconds since the epoch; None in the present."""
        return self._past.now() if self._past else None

    @property
    def older(self) -> OlderIncidents:
        """The incidents of the history until the shown moment."""
        return self._past_older if self._past else self._older

    def incidents(self) -> Iterable[Incident]:
        """The known incidents at the shown moment."""
        older, moment = self.older.incidents(), self.moment
        if moment is not None:
            older = {id: _then(one, moment) for id, one in older.items()}
        return merged(older, self.board, present=moment is None)

    @property
    def read_only(self) -> bool:
        """Whether commands are refused: in the past, or on a read-only connection."""
        return self.live.stats.read_only or self._past is not None

    def refuses(self) -> bool:
        """Whether commands are refused; shows a message if so."""
        if self.live.stats.read_only:
            self._app.say("this connection is read-only")
        elif self._past:
            back = self._app.key("travel.now")
            self._app.say(f"read-only while looking at the past; press {back} for live")
        return self.read_only

    async def detail(self, handle: int, since: float) -> Detail:
        """One endpoint's details at the shown moment. LinkError if it was removed."""
        moment = self.moment
        detail = await self._source.detail(handle, since)
        if moment is None:
            return detail
        then, entry = _detail_then(detail, moment), self.board.entries.get(handle)
        if then.points or not self._past_history or entry is None:
            return then
        return await stored_detail(then, self._past_history, entry.info.id, moment)

    # ── going ───────────────────────────────────────────────────────────────────────────────────

    def step(self, seconds: float) -> None:
        """Move by ``seconds``, or back."""
        self.go((self.live.now() if self._wanted is None else self._wanted) + seconds)

    def to_change(self, direction: int) -> None:
        """Go to the previous or next state change."""
        here = self.live.now() if self._wanted is None else self._wanted
        events = self.live.events
        changes = [event.at for event in events if event.handle is not None]
        if direction < 0:
            found = max((at for at in changes if at < here), default=None)
        else:
            found = min((at for at in changes if at > here), default=None)
        remembered = found is not None and (direction < 0 or events[0].at <= here)
        if self._app.history and not remembered:
            if not self._seeking:
                self._seeking = True
                self._app.begin(self._seek(self._app.history, here, direction, found))
        else:
            self._to_change_at(found, direction)

    async def _seek(self, history: History, here: float, direction: int, remembered: float | None) -> None:
        """Go to the previous or next state change of the history, or to a nearer ``remembered`` one."""
        try:
            answer = await history.ask(GetStateChange(moment=here, later=direction > 0))
        finally:
            self._seeking = False
        stored = answer.at if isinstance(answer, StateChange) else None
        known = [at for at in (stored, remembered) if at is not None]
        self._to_change_at(min(known, key=lambda at: abs(at - here), default=None), direction)

    def _to_change_at(self, found: float | None, direction: int) -> None:
        if found is not None:
            self.go(found)
        elif direction < 0:
            self._app.say("no change before that is remembered")
        else:
            self.home()

    def go(self, moment: float) -> None:
        """Go to ``moment``, bounded by the oldest known moment and the present."""
        if moment >= self.live.now():
            self.home()
            return
        self._wanted = moment
        if not self._going:
            self._going = True
            self._app.begin(self._go())

    def home(self) -> None:
        """Return to the present."""
        self._wanted = None
        if self._past:
            self.live.renew(self._past.revision)
            self._past = None
            self._app.arrived()

    def keep_up(self) -> None:
        """Return to the present if the past belongs to a previous engine."""
        if self._past and self._past.started_at != self.live.started_at:
            self.home()
            self._app.say("back in the present: the engine was started again")

    async def _go(self) -> None:
        try:
            while self._wanted is not None and self._wanted != self.moment:
                await self._go_to(self._wanted)
        except LinkError as error:
            self._wanted = self.moment
            self._app.say(f"the past cannot be shown: {error}")
        finally:
            self._going = False

    async def _go_to(self, wanted: float) -> None:
        past, older, samples, history = await self._moment_of(wanted)
        if self._wanted is None or past.started_at != self.live.started_at:
            return
        if self._wanted == wanted:
            self._wanted = past.now()  # it may be the oldest known moment
        past.renew(self.board.revision)
        self._past, self._past_older, self._past_history = past, older, history
        self._past_samples = samples
        self._app.arrived()

    def show(self, visible: Sequence[int], figures: Collection[str]) -> None:
        """Load the samples of these endpoints, and of others if an order or a filter needs them.

        ``figures`` are the names of what the screen sorts and filters by.
        """
        samples = self._past_samples
        if self._past and samples and samples.show(visible, figures):
            self._app.begin(self._load(self._past, samples))

    async def _load(self, past: Board, samples: PastSamples) -> None:
        """Load samples of the shown moment, until another one is wanted."""
        try:
            async with aclosing(samples.load()) as parts:
                async for _ in parts:
                    if self._past is not past or self._wanted != past.now():
                        return
                    self._app.arrived()
        except LinkError as error:
            self._app.say(f"the samples of that time cannot be loaded: {error}")

    async def _moment_of(self, moment: float) -> _Moment:
        """``moment``, or the oldest known one."""
        history = self._app.history
        if history is None or moment > self.live.now() - _WRITTEN_AFTER:
            return await self._remembered(moment, "no history is kept")
        past, older = beginning(self.live, moment), self._older_until(moment)
        await older.load()
        past.incidents = {id: _then(one, moment) for id, one in older.incidents().items()} | past.incidents
        missing = await fill_from_history(past, history, moment)
        if missing is None:
            stored = partial(samples_from_history, past, history)
            return _Moment(past, older, PastSamples(past, stored), history)
        if missing.began is None:
            return await self._remembered(moment, missing.why)
        self._app.say(f"the history begins at {moment_text(missing.began, self.live.now())}")
        return await self._moment_of(missing.began)

    async def _remembered(self, moment: float, why: str) -> _Moment:
        """Go there by the engine's memory; ``why`` says why the history cannot be used."""
        if moment < self.live.started_at:
            self._app.say(f"watching began at {moment_text(self.live.started_at, self.live.now())}; {why}")
            moment = self.live.started_at
        past = beginning(self.live, moment)
        async for rows in self._source.states_at(moment):
            past.apply(Changes(now=moment, statuses=tuple(rows)))
        remembered = partial(self._remembered_samples, moment)
        return _Moment(past, self._older_until(moment), PastSamples(past, remembered), None)

    async def _remembered_samples(
        self, moment: float, handles: Sequence[int], samples: int
    ) -> list[EndpointStatus]:
        pages = self._source.states_at(moment, samples, handles)
        return [status async for page in pages for status in page]


def beginning(live: Board, moment: float) -> Board:
    """A board for ``moment`` from ``live``, without the endpoints' states."""
    board = Board(clock=lambda: moment)
    board.title, board.version, board.config_file = live.title, live.version, live.config_file
    board.started_at = live.started_at
    for handle, entry in live.entries.items():
        pending = EndpointStatus(handle=handle, state=State.PENDING, since=moment)
        board.entries[handle] = Entry(entry.info, pending, place=entry.place)
    board.events.extend(event for event in live.events if event.at <= moment)
    began = (one for one in live.incidents.values() if one.began <= moment)
    board.incidents = {one.id: _then(one, moment) for one in began}
    return board


def _then(incident: Incident, moment: float) -> Incident:
    """``incident`` as known at ``moment``; its number of failed checks is unknown."""
    known, over = incident.acknowledged, incident.ended is not None and incident.ended <= moment
    return replace(
        incident,
        ended=incident.ended if over else None,
        ending=incident.ending if over else None,
        latest=incident.latest if over else "",
        failed=incident.failed if over else 0,
        acknowledged=known if known and known.at <= moment else None,
        notifications=tuple(_sent_then(one, moment) for one in incident.notifications if one.at <= moment),
    )


def _sent_then(one: Notification, moment: float) -> Notification:
    """``one`` as known at ``moment``; its failed tries are not known."""
    if one.ended_at is None or one.ended_at <= moment:
        return one
    return replace(one, state=NotificationState.WAITING, ended_at=None, tries=0, detail="")


def _detail_then(detail: Detail, moment: float) -> Detail:
    """``detail`` as known at ``moment``."""

    def known(result: Result | None) -> Result | None:
        return result if result and result.checked_at <= moment else None

    return replace(
        detail,
        last=known(detail.last),
        last_failure=known(detail.last_failure),
        last_good=known(detail.last_good),
        points=tuple(point for point in detail.points if point.at <= moment),
        phases_ms={},
        in_progress=None,
        path=detail.path if detail.path and detail.path.done and detail.path.at <= moment else None,
    )
