"""The client side of the link."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from monitor.errors import LinkError, RefusedError, UsageError
from monitor.link import edits
from monitor.link.certificates import CertificateInfo, Certificates, GetCertificates
from monitor.link.edits import Wanted
from monitor.link.figures import (
    UPTIMES_AT_ONCE,
    Counted,
    Counts,
    GetCounts,
    GetMeasures,
    GetStateChanges,
    GetUptimes,
    Measure,
    Measures,
    Report,
    Reported,
    StateChange,
    StateChanges,
    Uptimes,
)
from monitor.link.frames import Stream, read_frame, write_frame
from monitor.link.messages import (
    INVALID_MESSAGE,
    Answer,
    Changes,
    Detail,
    Done,
    EndpointStatus,
    GetDetail,
    GetStatesAt,
    Hello,
    Order,
    Pull,
    Refused,
    Reload,
    Request,
    Restrict,
    Snapshot,
    StatesAt,
    decode_answer,
    encode,
)
from monitor.link.silences import (
    EndSilence,
    ExtendSilence,
    GetMaintenance,
    GetSilences,
    MaintenanceWindow,
    MaintenanceWindows,
    Silences,
    StartSilence,
)
from monitor.model import Silence

if TYPE_CHECKING:
    from monitor.link.history import History

PATIENCE = 15.0
"""Seconds to wait for an answer before the link counts as lost; a healthy engine takes milliseconds."""

_Kind = TypeVar(
    "_Kind",
    Snapshot,
    Changes,
    Detail,
    Certificates,
    StatesAt,
    Silences,
    MaintenanceWindows,
    Counts,
    Uptimes,
    Measures,
    StateChanges,
    Reported,
    Done,
    edits.Form,
    edits.Judged,
    edits.Edited,
)


Dial = Callable[[], Awaitable[Stream]]
"""Opens a connection to an engine. Raises OSError or LinkError."""


class Client:
    """A connection to the engine at ``address``. Every method raises LinkError if the link is lost.

    Any number of tasks may send requests at the same time: the engine answers in order. ``patience`` is the
    timeout of each request in seconds, the wait for its turn included; None waits for ever. With
    ``read_only``, the engine refuses commands on this connection. With ``dashboard=False``, other dashboards
    do not list this client.
    """

    def __init__(
        self,
        address: Path | Dial,
        *,
        samples: int = 120,
        patience: float | None = PATIENCE,
        read_only: bool = False,
        dashboard: bool = True,
    ) -> None:
        self.read_only = read_only
        self._address = address
        self._samples = samples
        self._patience = patience
        self._dashboard = dashboard
        self._turn = asyncio.Lock()
        self._stream: Stream | None = None

    @property
    def remote(self) -> bool:
        """Whether the engine runs on another machine."""
        return not isinstance(self._address, Path)

    async def hello(self) -> Snapshot:
        """Connect or reconnect, and get a snapshot."""
        self._hang_up()
        return await self._ask(Hello(samples=self._samples, dashboard=self._dashboard), Snapshot)

    async def pull(self, uptimes: Collection[str] = ()) -> Changes:
        """The changes since the last answer, with ``uptimes`` over these windows."""
        return await self._ask(Pull(uptimes=tuple(uptimes)), Changes)

    async def detail(self, handle: int, since: float) -> Detail:
        """One endpoint in full, with its points after ``since``."""
        return await self._ask_to_the_end(GetDetail(handle=handle, since=since), Detail)

    async def certificates(self) -> list[CertificateInfo]:
        """The certificates of all endpoints."""
        found: list[CertificateInfo] = []
        after: int | None = -1
        while after is not None:
            page = await self._ask_to_the_end(GetCertificates(after=after), Certificates)
            found += page.certificates
            after = page.after
        return found

    async def counts(
        self, after: int | None = -1, *, pages: int | None = None, uptimes: bool = False
    ) -> list[Counted]:
        """Counters of the endpoints with a handle above ``after``; at most ``pages`` pages."""
        found: list[Counted] = []
        while after is not None and pages != 0:
            page = await self._ask_to_the_end(GetCounts(after=after, uptimes=uptimes), Counts)
            found += page.counts
            after, pages = page.after, None if pages is None else pages - 1
        return found

    async def uptimes(
        self, handles: Sequence[int], bounds: Sequence[float]
    ) -> dict[int, tuple[float | None, ...]]:
        """The uptimes of these endpoints in the windows between successive ``bounds``."""
        shares: dict[int, tuple[float | None, ...]] = {}
        for first in range(0, len(handles), UPTIMES_AT_ONCE):
            chosen = tuple(handles[first : first + UPTIMES_AT_ONCE])
            request = GetUptimes(handles=chosen, bounds=tuple(bounds))
            shares |= (await self._ask_to_the_end(request, Uptimes)).shares
        return shares

    async def state_changes(self, after: int) -> list[StateChange]:
        """The changes of state with a number above ``after``, as far as the engine remembers them."""
        found: list[StateChange] = []
        more = True
        while more:
            page = await self._ask_to_the_end(
                GetStateChanges(after=found[-1].number if found else after), StateChanges
            )
            found += page.changes
            more = page.more
        return found

    async def count_state_changes(self) -> int:
        """The number of changes of state since the engine started."""
        return (await self._ask_to_the_end(GetStateChanges(after=sys.maxsize), StateChanges)).total

    async def measures(self, since: float, until: float) -> list[Measure]:
        """Report figures of every endpoint."""
        found: list[Measure] = []
        after: int | None = -1
        while after is not None:
            request = GetMeasures(since=since, until=until, after=after)
            page = await self._ask_to_the_end(request, Measures)
            found += page.measures
            after = page.after
        return found

    async def report(self, request: Report) -> Reported:
        """Send a heartbeat."""
        return await self._ask_to_the_end(request, Reported)

    async def states_at(
        self, moment: float, samples: int = 0, handles: Sequence[int] = ()
    ) -> AsyncIterator[Sequence[EndpointStatus]]:
        """The statuses of these or all endpoints at ``moment``, page by page to save memory."""
        after: int | None = -1
        while after is not None:
            request = GetStatesAt(moment=moment, samples=samples, after=after, handles=tuple(handles))
            page = await self._ask_to_the_end(request, StatesAt)
            yield page.statuses
            after = page.after

    async def silences(self) -> Sequence[Silence]:
        """The silences in force."""
        return (await self._ask_to_the_end(GetSilences(), Silences)).silences

    async def maintenance(self) -> Sequence[MaintenanceWindow]:
        """The maintenance windows of the config."""
        return (await self._ask_to_the_end(GetMaintenance(), MaintenanceWindows)).windows

    async def silence(self, request: StartSilence) -> Silence:
        """Start a silence. Raises RefusedError if the engine refuses it."""
        (started,) = (await self._ask_to_the_end(request, Silences)).silences
        return started

    async def try_silence(self, request: StartSilence) -> Silence | str:
        """As :meth:`silence`, but returns the reason of a refusal."""
        try:
            return await self.silence(request)
        except RefusedError as error:
            return str(error)

    async def command(self, order: Order | Reload | EndSilence | ExtendSilence) -> Done:
        """Run a command."""
        return await self._ask_to_the_end(order, Done)

    async def edit(self, request: edits.Request, wanted: type[Wanted]) -> Wanted:
        """Edit the config on a separate connection, so that other requests do not wait.

        Has no timeout; cancel the task to stop waiting.
        """
        apart = Client(self._address, patience=None, read_only=self.read_only)
        try:
            return await apart._ask(request, wanted)
        finally:
            await apart.close()

    def history(self, path: str) -> History | None:
        """The history in the engine's file ``path``; None without one."""
        if not path:
            return None
        from monitor.link.history import LocalHistory, RemoteHistory

        return LocalHistory(Path(path)) if isinstance(self._address, Path) else RemoteHistory(self._address)

    async def close(self) -> None:
        """Close the connection."""
        self._hang_up()

    async def _ask_to_the_end(self, request: Request, wanted: type[_Kind]) -> _Kind:
        """As :meth:`_ask`. A cancelled caller does not break the link: the answer is still read."""
        return await asyncio.shield(asyncio.ensure_future(self._ask(request, wanted)))

    async def _ask(self, request: Request, wanted: type[_Kind]) -> _Kind:
        try:
            async with asyncio.timeout(self._patience), self._turn:
                answer = await self._exchange(request)
        except TimeoutError:
            raise LinkError(f"the engine has not answered for {self._patience:g} s") from None
        if isinstance(answer, wanted):
            return answer
        if isinstance(answer, Refused):
            raise RefusedError(answer.text)
        raise LinkError("the engine sent an unexpected answer")

    async def _exchange(self, request: Request) -> Answer:
        try:
            return await self._send(self._stream or await self._connect(), request)
        except INVALID_MESSAGE:
            self._hang_up()
            raise LinkError("the engine sent an invalid message") from None
        except BaseException:
            self._hang_up()  # otherwise the late answer would be taken for the answer to the next request
            raise

    async def _send(self, stream: Stream, request: Request) -> Answer:
        await write_frame(stream[1], _encoded(request))
        frame = await read_frame(stream[0])
        if frame is None:
            raise LinkError("the engine closed the connection")
        answer: Answer = decode_answer(frame)
        return answer

    async def _connect(self) -> Stream:
        try:
            if isinstance(self._address, Path):
                self._stream = await asyncio.open_unix_connection(self._address)
            else:
                self._stream = await self._address()
        except OSError as error:
            raise LinkError(
                f"the engine cannot be reached: {(error.strerror or str(error)).lower()}"
            ) from None
        if self.read_only:
            await self._send(self._stream, Restrict())
        return self._stream

    def _hang_up(self) -> None:
        if self._stream:
            self._stream[1].close()
            self._stream = None


def _encoded(request: Request) -> bytes:
    try:
        return encode(request)
    except UnicodeEncodeError:  # from a command line in another encoding
        raise UsageError("a name or a note is not UTF-8 text") from None
