"""A UDP conversation with one peer: the kernel drops datagrams from others."""

from __future__ import annotations

import asyncio
import socket
from types import TracebackType
from typing import Self

from monitor.trace import Phase, Trace
from monitor.wire.faults import fault
from monitor.wire.resolve import Address, IpVersion, resolve

LARGEST = 65535


class Datagram:
    """A connected UDP socket: ``with await open_datagram(…) as peer:``. Errors are ProbeErrors."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()

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
        """The next datagram. ``connection_refused`` when the peer's machine says that nobody listens."""
        try:
            return await self._loop.sock_recv(self._sock, LARGEST)
        except OSError as error:
            raise fault(error, family=self._sock.family, connected=True) from None


async def open_datagram(host: str, port: int, trace: Trace, ip_version: IpVersion = "auto") -> Datagram:
    """A socket for ``host``'s first address; phases ``dns`` (for a name) and ``connect``."""
    return dial((await resolve(host, port, trace, ip_version))[0], trace)


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
