"""The engine's side: answers any number of dashboards on a Unix socket.

Each connection has a task of its own that reads a request, answers it, and only then reads the
next: a dashboard that does not read its answers stalls nobody but itself.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from monitor.errors import LinkError
from monitor.link import edits
from monitor.link.frames import LARGEST_REQUEST, read_frame, write_frame
from monitor.link.messages import (
    NO_MESSAGE,
    PROTOCOL,
    Acknowledge,
    Answer,
    CheckNow,
    Done,
    GetAsOf,
    GetCertificates,
    GetDetail,
    Hello,
    Order,
    Pause,
    Pull,
    Refused,
    Reload,
    Request,
    Resume,
    SilenceEndpoints,
    decode_request,
    encode,
)

if TYPE_CHECKING:
    from monitor.engine import Engine, Feed


class Desk(Protocol):
    """Who looks after the config."""

    async def reload(self) -> Done:
        """Read it again, and say what came of it."""

    async def edit(self, request: edits.Request) -> edits.Answer | Refused:
        """Do to it what a dashboard asks for, or say why that cannot be."""


class Server:
    """Serves ``engine``, whose config ``desk`` looks after."""

    def __init__(self, engine: Engine, desk: Desk) -> None:
        self._engine = engine
        self._desk = desk
        self._server: asyncio.Server | None = None
        self._dashboards: set[asyncio.Task[None]] = set()

    async def listen(self, socket: Path, group: str = "") -> None:
        """Accept dashboards on ``socket``, which only this user and ``group`` may open.

        LinkError if that cannot be.
        """
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
        """Let go of every dashboard."""
        if self._server:
            self._server.close()
        for task in self._dashboards:
            task.cancel()
        await asyncio.gather(*self._dashboards, return_exceptions=True)

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._attend(reader, writer))
        self._dashboards.add(task)
        task.add_done_callback(self._dashboards.discard)

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = _Visit(self._engine, self._desk)
        try:
            while frame := await read_frame(reader, LARGEST_REQUEST):
                await write_frame(writer, encode(await visit.answer(decode_request(frame))))
        except (LinkError, *NO_MESSAGE):
            pass  # it has gone, or is no dashboard of ours
        finally:
            visit.end()
            writer.close()


def _admit(group: str, socket: Path) -> None:
    """Let the members of a Unix group open ``socket``."""
    try:
        shutil.chown(socket, group=group)
    except LookupError:
        raise LinkError(f"socket_group: this machine has no group {group!r}") from None
    except PermissionError:
        raise LinkError(f"socket_group: only members of {group!r} and root may give it the socket") from None
    socket.chmod(0o660)


class _Visit:
    """One connection: what its dashboard has been told."""

    def __init__(self, engine: Engine, desk: Desk) -> None:
        self._engine = engine
        self._desk = desk
        self._feed: Feed | None = None

    def end(self) -> None:
        """The dashboard has gone."""
        if self._feed:
            self._engine.forget(self._feed)

    async def answer(self, request: Request) -> Answer:
        match request:
            case Hello():
                return self._greet(request)
            case Pull():
                return self._feed.changes() if self._feed else Refused(text="say hello first")
            case GetDetail():
                detail = self._engine.detail(request.handle, request.since)
                return detail or Refused(text="this endpoint is no longer in the config")
            case GetCertificates():
                return self._engine.certificates(request.after)
            case GetAsOf():
                return self._engine.as_of(request.moment, _bounded(request.samples), request.after)
            case Reload():
                return await self._desk.reload()
            case CheckNow() | Pause() | Resume() | Acknowledge() | SilenceEndpoints():
                return self._carry_out(request)
        return await self._desk.edit(request)

    def _greet(self, hello: Hello) -> Answer:
        if hello.protocol != PROTOCOL:
            return Refused(text=f"the engine speaks protocol {PROTOCOL}, the dashboard {hello.protocol}")
        self.end()
        self._feed = self._engine.feed(_bounded(hello.samples))
        return self._feed.snapshot()

    def _carry_out(self, order: Order) -> Done:
        engine, handles = self._engine, order.handles
        match order:
            case CheckNow():
                return _done(engine.check_now(handles), "checking", "nothing to check")
            case Pause():
                return _done(engine.pause(handles), "paused", "paused already")
            case Resume():
                return _done(engine.resume(handles), "resumed", "nothing here to resume")
            case Acknowledge(on=True):
                count = engine.acknowledge(handles, order.by, order.note)
                return _done(count, "acknowledged", "nothing to acknowledge")
            case Acknowledge():
                return _done(engine.unacknowledge(handles), "no longer acknowledged:", "was not acknowledged")
            case SilenceEndpoints(on=True):
                count = engine.silence(handles, order.until, order.by)
                return _done(count, "silenced", "nothing to silence")
        return _done(engine.unsilence(handles), "no longer silenced:", "was not silenced")


_MOST_SAMPLES = 5000


def _bounded(samples: int) -> int:
    return max(0, min(samples, _MOST_SAMPLES))


def _done(count: int, done: str, nothing: str) -> Done:
    if not count:
        return Done(ok=False, text=nothing)
    return Done(ok=True, text=f"{done} {count} endpoint{'' if count == 1 else 's'}")
