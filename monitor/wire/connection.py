"""A connection: a non-blocking socket, with or without TLS, timed by phase.

No transport and no protocol object between the check and its socket: a read is one system call
when data waits, and what happens is what is measured.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from monitor.errors import FieldError, LocalError, ProbeError
from monitor.model import REASON_RANK, Reason
from monitor.trace import Phase, Trace
from monitor.wire.os_errors import fault
from monitor.wire.ready import ready
from monitor.wire.resolve import Address, IpVersion, numeric, resolve
from monitor.wire.rustls import Rustls
from monitor.wire.secure import Secure
from monitor.wire.shortcuts import Server, shortcuts
from monitor.wire.shortcuts import prepare as prepare_shortcuts
from monitor.wire.tls import TlsOptions
from monitor.wire.tls import context as tls_context

_UNDER_WAY = {errno.EINPROGRESS, errno.EALREADY, errno.EWOULDBLOCK}

_NONBLOCKING = getattr(socket, "SOCK_NONBLOCK", 0)
"""Flags for the creation of a socket, where possible: they save a system call."""

CHUNK = 65536
ALLOWANCE = 1 << 26
"""Bytes that a peer may send by default; no answer to our requests is longer."""
_RECORD = 16709
"""Bytes of the longest TLS record: no more is decrypted in one go."""
_TURN = 4
"""Reads without waiting after which other tasks get a turn."""
_SHORTCUT_TAKES = 3.0
"""Seconds that a handshake may take on a shortcut, before OpenSSL is asked."""
ADMISSION = 0.5
"""Seconds that a server has to refuse a client certificate after the handshake of TLS 1.3."""
HEAD_START = 0.25
"""Seconds that one address gets before the next is tried beside it (RFC 8305, section 5)."""


class Connection:
    """One TCP connection to a peer. Close it: ``with await connect(…) as connection:``.

    Reads return ``b""`` at the end of the stream. Errors are ProbeErrors with their reason.
    """

    __slots__ = (
        "_asked",
        "_buffer",
        "_hurried",
        "_ready",
        "_secure",
        "_sock",
        "_where",
        "allowance",
        "heard",
    )

    def __init__(self, sock: socket.socket, where: tuple[str, int] = ("", 0)) -> None:
        self.allowance = ALLOWANCE
        """Bytes that the peer may still send."""
        self.heard = b""
        """The first two bytes that came, encrypted or not."""
        self._asked = False
        """Whether data was sent since the last read, so that an answer takes a while."""
        self._hurried = 0
        """Reads since the last one that had to wait."""
        self._sock = sock
        self._where = where
        """The dialled host and port."""
        self._secure: Secure | Rustls | None = None
        self._ready = ready()
        self._buffer = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._secure is not None and self._secure.due:  # an alert, or the end of a handshake
            with suppress(OSError):
                self._sock.send(self._secure.outgoing())
        self._ready.forget(self._sock.fileno())
        self._sock.close()

    @property
    def protocol(self) -> str | None:
        """The protocol that ALPN agreed on, such as ``h2``; None without TLS or agreement."""
        return None if self._secure is None else self._secure.protocol

    @property
    def peer(self) -> str | None:
        """The peer's address, as in ``192.0.2.1:443``; None after a broken connection."""
        try:
            return str(Address(self._sock.family, self._sock.getpeername()))
        except OSError:
            return None

    async def start_tls(self, context: ssl.SSLContext, server_name: str, trace: Trace) -> None:
        """Turn TLS on, now or in mid-conversation; ``server_name`` is asked for and verified.

        Enters the phase ``tls`` and notes certificate, version and cipher. Data read ahead
        must be empty: bytes sent before the handshake would be trusted as if they came after.
        """
        if self._buffer:
            raise ProbeError(Reason.PROTOCOL_ERROR, "the peer sent data ahead of the TLS handshake")
        trace.enter(Phase.TLS)
        known = shortcuts(context) if trace.repeatable else None
        server = Server(*self._where, server_name)
        shortcut = known.take(server, trace) if known is not None else None
        if shortcut is not None:
            await self._shake_hands_soon(shortcut, trace)
            return
        exact = Secure(context, server_name)
        await self._shake_hands(exact, trace)
        if known is not None:
            known.learn(server, exact)

    async def await_admission(self) -> None:
        """With TLS 1.3, a server judges our certificate after the handshake: wait for its next message.

        That is an alert, or a session ticket. A server that says nothing for a while has no objection.
        Raises ProbeError ``tls_error``.
        """
        secure = self._secure
        if secure is None or not str(secure).startswith("TLSv1.3"):
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(ADMISSION):
                if secure.read(1) is None:
                    await self._converse(secure)
                    secure.read(1)

    async def _shake_hands_soon(self, shortcut: Rustls, trace: Trace) -> None:
        try:
            async with asyncio.timeout(_SHORTCUT_TAKES):
                await self._shake_hands(shortcut, trace)
        except TimeoutError:
            raise ProbeError(Reason.TLS_TIMEOUT, "the server did not answer a handshake by rustls") from None

    async def _shake_hands(self, secure: Secure | Rustls, trace: Trace) -> None:
        self._secure = secure
        try:
            while not secure.shake_hands():
                await self._converse(secure)
        finally:
            self.note_tls(trace)

    def note_tls(self, trace: Trace) -> None:
        """Note the certificate of the peer, and the version and cipher of TLS."""
        if self._secure is not None:
            certificate = self._secure.certificate
            trace.certificates += () if certificate is None else (certificate,)
            trace.tls = str(self._secure)

    async def _converse(self, secure: Secure | Rustls) -> None:
        """Send the pending data of TLS to the peer, and feed its answer to TLS."""
        if secure.due:
            await self._send(secure.outgoing())
        secure.feed(await self._receive(_RECORD))

    async def read(self, limit: int = CHUNK) -> bytes:
        """The available bytes, at most ``limit``, after waiting for the first; ``b""`` at the end."""
        if self._buffer:
            return self._take(min(limit, len(self._buffer)))
        return await self._next(limit)

    def _next(self, limit: int) -> Awaitable[bytes]:
        return self._receive(limit) if self._secure is None else self._decrypted(self._secure, limit)

    async def _decrypted(self, secure: Secure | Rustls, limit: int) -> bytes:
        while (data := secure.read(limit)) is None:
            await self._converse(secure)
        return data

    async def _receive(self, limit: int) -> bytes:
        if self._hurried >= _TURN:  # a peer that never pauses must not keep the others waiting
            self._hurried = 0
            await asyncio.sleep(0)
        if self._asked:
            await self._data()
        while True:
            try:
                return self._counted(self._sock.recv(limit))
            except BlockingIOError:
                await self._data()
            except OSError as error:
                raise fault(error, connected=True) from None

    def _data(self) -> Awaitable[None]:
        """Wait for data."""
        self._hurried, self._asked = 0, False
        return self._ready.readable(self._sock.fileno())

    def _counted(self, data: bytes) -> bytes:
        self._hurried += 1
        if not self.heard:
            self.heard = data[:2]
        self.allowance -= len(data)
        if self.allowance < 0:
            raise ProbeError(Reason.PROTOCOL_ERROR, "the peer sends without end")
        return data

    async def read_until(self, mark: bytes, limit: int = CHUNK) -> bytes:
        """Everything up to and including ``mark``.

        ProbeError ``protocol_error`` when the stream ends first or ``limit`` bytes hold no mark.
        """
        while (at := self._buffer.find(mark)) < 0:
            if len(self._buffer) >= limit:
                raise ProbeError(Reason.PROTOCOL_ERROR, f"no end of line within {limit} bytes")
            await self._fill()
        return self._take(at + len(mark))

    async def read_exactly(self, count: int) -> bytes:
        """``count`` bytes; ProbeError ``protocol_error`` when the stream ends first."""
        while len(self._buffer) < count:
            await self._fill()
        return self._take(count)

    async def _fill(self) -> None:
        data = await self._next(CHUNK)
        if not data:
            raise ProbeError(Reason.PROTOCOL_ERROR, "the peer closed the connection early")
        self._buffer += data

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    async def farewell(self, data: bytes) -> None:
        """Send a last message of the protocol; errors do not matter any more."""
        with suppress(ProbeError):
            await self.write(data)

    async def write(self, data: bytes) -> None:
        """Send all of ``data``."""
        if self._secure is not None:
            self._secure.write(data)
            data = self._secure.outgoing()
        await self._send(data)

    async def _send(self, data: bytes) -> None:
        self._asked = True
        rest: bytes | memoryview = data
        while rest:
            try:
                sent = self._sock.send(rest)
                rest = b"" if sent == len(rest) else memoryview(rest)[sent:]
            except BlockingIOError:
                await self._ready.writable(self._sock.fileno())
            except OSError as error:
                raise fault(error, connected=True) from None


def prepare_tls(options: TlsOptions, alpn: tuple[str, ...] = ()) -> None:
    """Load the modules and files for a handshake with these settings, before any clock runs."""
    with suppress(FieldError):  # the check reports a missing file, if it gets that far
        prepare_shortcuts(tls_context(options, alpn))


async def connect(host: str, port: int, trace: Trace, ip_version: IpVersion = "auto") -> Connection:
    """A fresh connection to ``host``, by name or address.

    Phases ``dns`` (for a name) and ``connect``; notes the address that answered. Of several
    addresses the first to answer wins, each with a short head start on the next. Raises
    ProbeError: ``dns_error``, ``connection_refused``, ``unreachable`` …
    """
    literal = numeric(host, port, ip_version)
    addresses = await resolve(host, port, trace, ip_version) if literal is None else [literal]
    trace.enter(Phase.CONNECT)
    trace.address = str(addresses[0])
    if len(addresses) == 1:
        return Connection(await _dial(addresses[0]), (host, port))
    sock, address = await _race(_interleaved(addresses))
    trace.address = str(address)
    return Connection(sock, (host, port))


async def _dial(address: Address) -> socket.socket:
    try:
        sock = socket.socket(address.family, socket.SOCK_STREAM | _NONBLOCKING)
    except OSError as error:
        raise fault(error, family=address.family) from None
    try:
        if not _NONBLOCKING:
            sock.setblocking(False)
        code = sock.connect_ex(address.sockaddr)
        if (
            code == errno.EINPROGRESS
        ):  # a second try costs a system call, and saves two turns of the loop for a near peer
            code = sock.connect_ex(address.sockaddr)
        while code in _UNDER_WAY:
            await ready().writable(sock.fileno())
            code = sock.connect_ex(address.sockaddr)
        if code not in (0, errno.EISCONN):
            raise OSError(code, os.strerror(code))
    except OSError as error:
        sock.close()
        raise fault(error, family=address.family) from None
    except BaseException:
        sock.close()
        raise
    return sock


def _interleaved(addresses: Sequence[Address]) -> list[Address]:
    """The families in turn, beginning with the first address's (RFC 8305, section 4)."""
    first = [address for address in addresses if address.family == addresses[0].family]
    other = [address for address in addresses if address.family != addresses[0].family]
    longest = max(len(first), len(other))
    return [family[i] for i in range(longest) for family in (first, other) if i < len(family)]


async def _race(addresses: Sequence[Address]) -> tuple[socket.socket, Address]:
    waiting = list(addresses)
    running: dict[asyncio.Task[socket.socket], Address] = {}
    failures: list[ProbeError] = []
    try:
        while waiting or running:
            if waiting:
                address = waiting.pop(0)
                running[asyncio.ensure_future(_dial(address))] = address
            done, _ = await asyncio.wait(
                running, timeout=HEAD_START if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                address = running.pop(task)
                error = task.exception()
                if error is None:
                    return task.result(), address
                if not isinstance(error, ProbeError):
                    raise error
                failures.append(error)
    finally:
        _abandon(running)
    raise min(failures, key=_telling)


def _abandon(running: dict[asyncio.Task[socket.socket], Address]) -> None:
    for task in running:
        task.cancel()
        task.add_done_callback(_close_late)


def _close_late(task: asyncio.Task[socket.socket]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().close()


def _telling(error: ProbeError) -> tuple[bool, int]:
    """Sort key: errors of the endpoint come before those of this machine."""
    return isinstance(error, LocalError), REASON_RANK[error.reason]
