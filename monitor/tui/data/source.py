"""A dashboard's data source: an engine, local or remote."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Protocol

from monitor.link import edits
from monitor.link.certificates import CertificateInfo
from monitor.link.edits import Wanted
from monitor.link.history import History
from monitor.link.messages import Changes, Detail, Done, EndpointStatus, Order, Reload, Snapshot
from monitor.link.silences import EndSilence, ExtendSilence, MaintenanceWindow, StartSilence
from monitor.model import Silence

CommandRequest = Order | Reload | EndSilence | ExtendSilence


class Source(Protocol):
    """An engine. Every method raises LinkError if the link is lost."""

    @property
    def remote(self) -> bool:
        """Whether the engine runs on another machine."""

    async def hello(self) -> Snapshot:
        """Connect, and get a snapshot; also after a lost connection."""

    async def pull(self, uptimes: Collection[str] = ()) -> Changes:
        """The changes since the last answer, with ``uptimes`` over these windows."""

    async def detail(self, handle: int, since: float) -> Detail:
        """One endpoint's details, with its points after ``since``. LinkError if it was removed."""

    async def certificates(self) -> Sequence[CertificateInfo]:
        """The certificates of all endpoints."""

    async def silences(self) -> Sequence[Silence]:
        """The silences in force."""

    async def maintenance(self) -> Sequence[MaintenanceWindow]:
        """The maintenance windows of the config."""

    async def try_silence(self, request: StartSilence) -> Silence | str:
        """Start a silence; the reason when it is refused."""

    def states_at(
        self, moment: float, samples: int = 0, handles: Sequence[int] = ()
    ) -> AsyncIterator[Sequence[EndpointStatus]]:
        """The statuses of these or all endpoints at ``moment`` (seconds since the epoch), page by page."""

    async def count_state_changes(self) -> int:
        """The number of changes of state since the engine started."""

    async def command(self, request: CommandRequest) -> Done:
        """Carry out a command."""

    async def edit(self, request: edits.Request, wanted: type[Wanted]) -> Wanted:
        """Edit the config. LinkError also if it is refused."""

    def history(self, path: str) -> History | None:
        """The history in the engine's file ``path``; None without one."""

    async def close(self) -> None:
        """Close the link. An engine that belongs to this dashboard ends."""
