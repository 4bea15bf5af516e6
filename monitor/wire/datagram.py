"""A UDP conversation with one peer: the kernel drops datagrams from others."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, TypeVar

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.trace import Phase, Trace
from monitor.wire.os_errors import fault
from monitor.wire.ready import ready
from monitor.wire.resolve import Address, IpVersion, resolve

T = TypeVar("T")

NOT_THERE = frozenset({Reason.CONNECTION_REFUSED, Reason.UNREACHABLE})
"""Failures of one address after which the next one is tried."""
LARGEST = 65535
_TURN = 4
"""Datagrams without waiting after which other tasks get a turn."""


class Datagram:
    """A connected UDP socket: ``with dial(…) as peer:``. Errors are ProbeErrors."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self._hurried = 0
        """Datagrams since the last wait."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._sock.close()

    async def send(self, data: bytes) -> None:
        """Send one datagram, which may be empty."""
        try:
            self._sock.send(data)
        except BlockingIOError:
            await self._loop.sock_sendall(self._sock, data)
        except OSError as error:
            raise fault(error, family=self._sock.family, connected=True) from None

    async def receive(self) -> bytes:
        """The next datagram. ``connection_refused`` if the peer's machine reports a closed port."""
        while True:
            try:
                return await self._at_once()
            except BlockingIOError:
                await ready().readable(self._sock.fileno())

    async def receive_by(self, deadline: float | None) -> bytes | None:
        """The next datagram; None when there is none at ``deadline``, by the loop's clock.

        Only the wait is cancelled, never the read: a datagram that arrives at that moment is not lost.
        """
        late = False
        while True:
            try:
                return await self._at_once()
            except BlockingIOError:
                if late:
                    return None
            try:
                async with asyncio.timeout_at(deadline):
                    await ready().readable(self._sock.fileno())
            except TimeoutError:
                late = True

    async def _at_once(self) -> bytes:
        self._hurried += 1
        if self._hurried > _TURN:  # a peer that never pauses must not keep the others waiting
            self._hurried = 0
            await asyncio.sleep(0)
        try:
            return self._sock.recv(LARGEST)
        except BlockingIOError:
            self._hurried = 0
            raise
        except OSError as error:
            raise fault(error, family=self._sock.family, connected=True) from None


async def converse(
    where: tuple[str, int], trace: Trace, ip_version: IpVersion, talk: Callable[[Datagram], Awaitable[T]]
) -> T:
    """The result of ``talk`` with the first address of a host that does not refuse it.

    Phases ``dns`` (for a name) and ``connect``, and those of ``talk``.
    """
    *others, last = await resolve(*where, trace, ip_version)
    for address in others:
        try:
            with dial(address, trace) as peer:
                return await talk(peer)
        except ProbeError as error:
            if error.reason not in NOT_THERE:
                raise
    with dial(last, trace) as peer:
        return await talk(peer)


def dial(address: Address, trace: Trace) -> Datagram:
    """A socket for ``address``, in the phase ``connect``."""
    trace.enter(Phase.CONNECT)
    trace.address = str(address)
    try:
        sock = socket.socket(address.family, socket.SOCK_DGRAM)
    except OSError as error:
        raise fault(error, family=address.family) from None
    sock.setblocking(False)
    try:
        sock.connect(address.sockaddr)
    except OSError as error:
        sock.close()
        raise fault(error, family=address.family) from None
    return Datagram(sock)
