"""The server side of the link: answers any number of clients on a Unix socket.

Each connection has its own task, which reads a request, answers it, and only then reads the next. A client
that does not read its answers delays only itself.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from monitor.errors import LinkError, UsageError
from monitor.link import edits, silences
from monitor.link.certificates import GetCertificates
from monitor.link.figures import (
    Counts,
    GetCounts,
    GetMeasures,
    GetStateChanges,
    GetUptimes,
    Measures,
    Report,
    Reported,
    StateChanges,
    Uptimes,
)
from monitor.link.frames import LARGEST_REQUEST, read_frame, write_frame
from monitor.link.messages import (
    INVALID_MESSAGE,
    PROTOCOL,
    Acknowledge,
    Answer,
    Changes,
    CheckNow,
    Command,
    Done,
    GetDetail,
    GetStatesAt,
    Hello,
    Order,
    Pause,
    Pull,
    Refused,
    Reload,
    Request,
    Restrict,
    Resume,
    SilenceEndpoints,
    Snapshot,
    decode_request,
    encode,
)
from monitor.link.paths import TracePath
from monitor.link.peer import name_of, peer
from monitor.link.silences import (
    EndSilence,
    ExtendSilence,
    GetMaintenance,
    GetSilences,
    Silences,
    StartSilence,
)
from monitor.model.state import LONGEST_SILENCE
from monitor.syntax.duration import format_duration
from monitor.text import plain

if TYPE_CHECKING:
    from monitor.engine import Engine, Feed


class Backend(Protocol):
    """Requests that the engine itself does not answer: config, heartbeats, metrics."""

    async def reload(self) -> Done:
        """Reload the config."""

    async def keep(self, seconds: float) -> None:
        """Wait until every change so far is on disk, for so many seconds at most."""

    async def edit(self, request: edits.Request) -> edits.Answer | Refused:
        """Validate, try or carry out an edit of the config."""

    def report(self, request: Report) -> Reported:
        """Accept or reject a heartbeat."""

    def counts(self, request: GetCounts) -> Counts:
        """One page of counters."""

    def uptimes(self, request: GetUptimes) -> Uptimes:
        """The uptimes of a few endpoints in successive windows."""

    def measures(self, request: GetMeasures) -> Measures:
        """One page of report figures."""

    def state_changes(self, request: GetStateChanges) -> StateChanges:
        """One page of changes of state."""


class Server:
    """Serves ``engine``; ``backend`` answers the requests about config, heartbeats and metrics."""

    def __init__(self, engine: Engine, backend: Backend) -> None:
        self._engine = engine
        self._backend = backend
        self._server: asyncio.Server | None = None
        self._dashboards: set[asyncio.Task[None]] = set()
        self._sessions: set[_Session] = set()

    async def listen(self, socket: Path, group: str = "") -> None:
        """Listen on ``socket``, which only this user and ``group`` may open. Raises LinkError."""
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, socket)
            if group:
                _admit(group, socket)
        except OSError as error:
            raise LinkError(f"cannot listen on {socket}: {error.strerror or error}") from None
        finally:
            os.umask(before)

    async def close(self) -> None:
        """Stop listening and close every connection."""
        if self._server:
            self._server.close()
        for task in self._dashboards:
            task.cancel()
        await asyncio.gather(*self._dashboards, return_exceptions=True)

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._dashboards.add(task)
        task.add_done_callback(self._dashboards.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = _Session(self._engine, self._backend, peer(writer.get_extra_info("socket"))[1])
        self._sessions.add(session)
        try:
            while frame := await read_frame(reader, LARGEST_REQUEST):
                answer = await session.answer(decode_request(frame))
                await write_frame(writer, encode(self._with_others(session, answer)))
        except (LinkError, *INVALID_MESSAGE):
            pass  # the client has gone, or sent an invalid message
        finally:
            self._sessions.discard(session)
            session.end()
            writer.close()

    def _with_others(self, session: _Session, answer: Answer) -> Answer:
        """Add the users of the other dashboards to a snapshot or to changes."""
        if not isinstance(answer, Snapshot | Changes):
            return answer
        others = sorted(
            name_of(one.user) for one in self._sessions if one.is_dashboard and one is not session
        )
        stats = replace(answer.stats, others=tuple(others), read_only=session.read_only)
        return replace(answer, stats=stats)


def _admit(group: str, socket: Path) -> None:
    """Let the members of a Unix group open ``socket``. Raises LinkError."""
    try:
        shutil.chown(socket, group=group)
    except LookupError:
        raise LinkError(f"socket_group: this machine has no group {group!r}") from None
    except PermissionError:
        raise LinkError(f"socket_group: only members of {group!r} and root may give it the socket") from None
    socket.chmod(0o660)


class _Session:
    """One connection and its rights."""

    def __init__(self, engine: Engine, backend: Backend, user: int) -> None:
        self.user = user
        """The id of the user at the other end."""
        self.is_dashboard = False
        self.read_only = False
        self._engine = engine
        self._backend = backend
        self._feed: Feed | None = None

    def end(self) -> None:
        """Forget the client's feed."""
        if self._feed:
            self._engine.forget(self._feed)

    async def answer(self, request: Request) -> Answer:
        match request:
            case Hello():
                return self._greet(request)
            case Restrict():
                self.read_only = True
                return Done(ok=True)
            case Pull():
                return self._feed.changes(request.uptimes) if self._feed else Refused(text="say hello first")
            case GetDetail():
                detail = self._engine.detail(request.handle, request.since)
                return detail or Refused(text="this endpoint is no longer in the config")
            case GetCertificates():
                return self._engine.certificates(request.after)
            case GetStatesAt():
                return self._engine.states_at(request, _bounded(request.samples))
            case GetCounts():
                return self._backend.counts(request)
            case GetUptimes():
                return self._backend.uptimes(request)
            case GetMeasures():
                return self._backend.measures(request)
            case GetStateChanges():
                return self._backend.state_changes(request)
            case GetSilences():
                return Silences(silences=tuple(self._engine.tracker.silences.values()))
            case GetMaintenance():
                return self._engine.maintenance()
        return await self._change(request)

    async def _change(self, request: Command | Report | edits.Request) -> Answer:
        if self.read_only:
            return (
                _READ_ONLY if isinstance(request, Order | Reload | EndSilence | ExtendSilence) else _REFUSED
            )
        match request:
            case Reload():
                return await self._backend.reload()
            case Report():
                reported = self._backend.report(request)
                # A backup that has reported does not report again; but others wait behind the web address.
                await self._backend.keep(_HEARTBEAT_WAITS)
                return reported
            case (
                CheckNow()
                | TracePath()
                | StartSilence()
                | EndSilence()
                | ExtendSilence()
                | Pause()
                | Resume()
                | Acknowledge()
                | SilenceEndpoints()
            ):
                answer = self._mark(request)
                await self._backend.keep(_MARK_WAITS)  # the client may rely on its mark then
                return answer
        return await self._backend.edit(request)

    def _mark(self, request: Order | silences.Command) -> Answer:
        match request:
            case StartSilence():
                return self._silence(request)
            case EndSilence():
                return self._end_silence(request)
            case ExtendSilence():
                return self._extend_silence(request)
        return self._carry_out(request, self._by(request))

    def _silence(self, request: StartSilence) -> Answer:
        engine = self._engine
        lasting = request.lasting
        try:
            if not engine.tracker.selected(request.select):
                return Refused(text=f"no endpoint matches {', '.join(request.select) or 'nothing'}")
            if not _can_last(lasting):
                return Refused(text=_BAD_LENGTH)
            until = None if lasting is None else engine.clock() + lasting
            silence = engine.silence_selection(request.select, until, by=self._by(request), note=request.note)
        except UsageError as error:
            return Refused(text=str(error))
        return Silences(silences=(silence,))

    def _end_silence(self, request: EndSilence) -> Done:
        if self._engine.end_silence(request.id, self._by(request)):
            return Done(ok=True, text="no longer silenced")
        return Done(ok=False, text=_no_silence(request.id))

    def _extend_silence(self, request: ExtendSilence) -> Done:
        lasting = request.lasting
        if not _can_last(lasting):
            return Done(ok=False, text=_BAD_LENGTH)
        until = None if lasting is None else self._engine.clock() + lasting
        if self._engine.extend_silence(request.id, until):
            return Done(ok=True, text="extended")
        return Done(ok=False, text=_no_silence(request.id))

    def _by(self, order: Command) -> str:
        """The user behind a command; the engine's own user, such as the web address, may name another."""
        claimed = getattr(order, "by", "") if self.user == os.geteuid() else ""
        return claimed or name_of(self.user)

    def _greet(self, hello: Hello) -> Answer:
        if hello.protocol != PROTOCOL:
            return Refused(text=f"the engine speaks protocol {PROTOCOL}, the dashboard {hello.protocol}")
        self.end()
        self.is_dashboard = hello.dashboard
        self._feed = self._engine.feed(_bounded(hello.samples))
        return self._feed.snapshot()

    def _carry_out(self, order: Order, by: str) -> Done:
        engine, handles = self._engine, order.handles
        match order:
            case CheckNow():
                return _done(engine.check_now(handles), "checking", "nothing to check")
            case TracePath():
                count = engine.paths.trace_now(engine.tracker.chosen(handles))
                return _done(count, "tracing the path to", "no address is known here, or trace_path is false")
            case Pause():
                return _done(engine.pause(handles, by), "paused", "paused already")
            case Resume():
                return _done(engine.resume(handles, by), "resumed", "nothing here to resume")
            case Acknowledge(on=True):
                count = engine.acknowledge(handles, by, order.note, order.lasting)
                return _done(count, "acknowledged", "nothing to acknowledge", _for(order.lasting))
            case Acknowledge():
                return _done(engine.unacknowledge(handles), "no longer acknowledged:", "was not acknowledged")
            case SilenceEndpoints(on=True):
                count = engine.silence(handles, order.until, by)
                return _done(count, "silenced", "nothing to silence", self._lasting(order.until))
        return _done(engine.unsilence(handles, by), "no longer silenced:", "was not silenced")

    def _lasting(self, until: float | None) -> str:
        return " until up" if until is None else _for(until - self._engine.clock())


_READ_ONLY = Done(ok=False, text="this connection is read-only")
_REFUSED = Refused(text=_READ_ONLY.text)
_BAD_LENGTH = "a silence must last more than 0 seconds and less than 100 years"
_MARK_WAITS = 5.0
"""Seconds that the answer to a command waits for a slow disk."""
_HEARTBEAT_WAITS = 1.0
"""Seconds that the answer to a heartbeat waits for the disk."""
_MOST_SAMPLES = 5000


def _can_last(seconds: float | None) -> bool:
    return seconds is None or 0 < seconds < LONGEST_SILENCE


def _no_silence(id: str) -> str:
    return f"there is no silence {plain(id, 40)!r}"


def _bounded(samples: int) -> int:
    return max(0, min(samples, _MOST_SAMPLES))


def _for(seconds: float | None) -> str:
    return "" if seconds is None or not isfinite(seconds) else f" for {format_duration(round(seconds))}"


def _done(count: int, done: str, nothing: str, more: str = "") -> Done:
    if not count:
        return Done(ok=False, text=nothing)
    return Done(ok=True, text=f"{done} {count} endpoint{'' if count == 1 else 's'}{more}")
