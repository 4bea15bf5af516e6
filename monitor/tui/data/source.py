"""Where a dashboard's truth comes from: an engine, near or far."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from monitor.link import edits
from monitor.link.edits import Wanted
from monitor.link.messages import (
    CertificateInfo,
    Changes,
    Detail,
    Done,
    EndpointStatus,
    Order,
    Reload,
    Snapshot,
)

CommandRequest = Order | Reload


class Source(Protocol):
    """One engine, asked. Every method raises LinkError when the engine has gone."""

    async def hello(self) -> Snapshot:
        """The whole picture; the first thing asked, and again after a lost connection."""

    async def pull(self) -> Changes:
        """What changed since the last answer, at once."""

    async def detail(self, handle: int, since: float) -> Detail:
        """One endpoint in full, with its points after ``since``. LinkError when it has gone."""

    async def certificates(self) -> Sequence[CertificateInfo]:
        """The certificates that the endpoints present."""

    def states_at(self, moment: float) -> AsyncIterator[Sequence[EndpointStatus]]:
        """How every endpoint was at ``moment``, seconds since the epoch, in parts."""

    async def command(self, request: CommandRequest) -> Done:
        """Have something done."""

    async def edit(self, request: edits.Request, wanted: type[Wanted]) -> Wanted:
        """Have something done to the config. LinkError also when it is refused."""

    async def close(self) -> None:
        """Let go of the engine; what belongs to this dashboard alone ends with it."""
