"""Packets with a limited time to live, and their answers: connections, echo requests, datagrams."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, Protocol

from monitor.errors import LocalError
from monitor.judge.path_trace import EXPIRED, Answer
from monitor.model.path import PathProtocol
from monitor.wire import icmp
from monitor.wire.os_errors import fault
from monitor.wire.resolve import Address

Heard = Callable[[int, str, float, Answer], object]
"""Called with each answer: the packet's TTL, the sender, the round trip in milliseconds, the answer."""

_UDP_PORT = 33434
"""The first port of traceroute's range, which hosts and firewalls know."""
_AT_ONCE = 64
"""Packets to read from a socket before other tasks get a turn."""
_REPEATED_MS = 950.0
"""Milliseconds after which the kernel sends a TCP packet again: a later answer may be to that one."""


class _Sent(NamedTuple):
    ttl: int
    at: float
    """By ``time.time()``, the clock of the kernel's timestamps."""

    def trip_ms(self, arrived: float) -> float:
        return max(arrived - self.at, 0.0) * 1000


class Packets(Protocol):
    """Sends packets of one protocol to one address."""

    protocol: PathProtocol

    def send(self, ttl: int) -> None:
        """Send a packet. Raises ProbeError if this machine cannot send there."""

    def close(self) -> None:
        """Stop receiving answers."""


def open_packets(protocol: PathProtocol, target: Address, heard: Heard) -> Packets:
    """Packets to ``target``; UDP where ICMP is asked for and not permitted. Raises ProbeError."""
    if not icmp.REPORTS_ERRORS:
        raise LocalError("paths can be traced on Linux only")
    match protocol:
        case PathProtocol.TCP:
            return Connections(target, heard)
        case PathProtocol.ICMP:
            with suppress(LocalError):
                return Echoes(target, heard)
    return Datagrams(target, heard)


def _answer(sock: socket.socket, error: icmp.IcmpError, target: Address) -> Answer | None:
    """The meaning of an ICMP error; None if it has none for a path."""
    if icmp.is_expiry(sock.family, error):
        return EXPIRED
    words = icmp.refusal(sock.family, error)
    if not words:
        return None
    if error.sender == str(target.sockaddr[0]).partition("%")[0]:
        return Answer(words, is_target=True)
    own = error.sender == sock.getsockname()[0].partition("%")[0]
    return Answer(f"{words}, by this machine itself" if own else words, refused=True)


class Connections:
    """TCP connections to the target's port; each is closed as soon as it is answered.

    The kernel repeats one that is not answered within a second: what is answered then was lost.
    """

    protocol = PathProtocol.TCP

    def __init__(self, target: Address, heard: Heard) -> None:
        self._target, self._heard = target, heard
        self._loop = asyncio.get_running_loop()
        self._open: dict[socket.socket, _Sent] = {}

    def send(self, ttl: int) -> None:
        try:
            sock = socket.socket(self._target.family, socket.SOCK_STREAM)
        except OSError as error:
            raise fault(error, family=self._target.family) from None
        sock.setblocking(False)
        icmp.report_errors(sock)
        icmp.limit_hops(sock, ttl)
        self._open[sock] = _Sent(ttl, time.time())
        self._begun(sock, sock.connect_ex(self._target.sockaddr))

    def _begun(self, sock: socket.socket, code: int) -> None:
        if code in (0, errno.EINPROGRESS):
            self._loop.add_writer(sock, self._answered, sock)
        else:
            self._forget(sock)
            raise fault(OSError(code, os.strerror(code)), family=self._target.family)

    def _answered(self, sock: socket.socket) -> None:
        error = icmp.next_error(sock)
        if error is None:
            self._end(sock, sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
            return
        answer = _answer(sock, error, self._target)
        sent = self._forget(sock)
        trip_ms = sent.trip_ms(error.arrived)
        if answer and (answer.refused or trip_ms < _REPEATED_MS):
            self._heard(sent.ttl, error.sender, trip_ms, answer)

    def _end(self, sock: socket.socket, code: int) -> None:
        """Handle a connection that was opened, refused, or given up by this machine."""
        sent = self._forget(sock)
        trip_ms = sent.trip_ms(time.time())
        if code in (0, errno.ECONNREFUSED, errno.ECONNRESET) and trip_ms < _REPEATED_MS:
            words = "connection refused" if code else "the port is open"
            self._heard(sent.ttl, str(self._target.sockaddr[0]), trip_ms, Answer(words, is_target=True))

    def _forget(self, sock: socket.socket) -> _Sent:
        self._loop.remove_writer(sock)
        sock.close()
        return self._open.pop(sock)

    def close(self) -> None:
        for sock in list(self._open):
            self._forget(sock)


class _Single:
    """Packets of one socket, distinguished by a number."""

    def __init__(self, sock: socket.socket, target: Address, heard: Heard) -> None:
        self._sock, self._target, self._heard = sock, target, heard
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[int, _Sent] = {}
        self._count = 0
        self._loop.add_reader(sock, self._receive)

    def send(self, ttl: int) -> None:
        number, self._count = self._count, self._count + 1
        try:
            icmp.limit_hops(self._sock, ttl)
            self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)  # clears an earlier error
            self._waiting[number] = _Sent(ttl, time.time())
            self._send(number)
        except OSError as error:
            raise fault(error, family=self._sock.family) from None

    def _send(self, number: int) -> None:
        raise NotImplementedError

    def _receive(self) -> None:
        for _ in range(_AT_ONCE):
            error = icmp.next_error(self._sock)
            if error is None:
                break
            self._take_error(error)
        self._take_replies()

    def _take_error(self, error: icmp.IcmpError) -> None:
        sent = self._waiting.pop(self._number(error), None)
        answer = _answer(self._sock, error, self._target)
        if sent and answer:
            self._heard(sent.ttl, error.sender, sent.trip_ms(error.arrived), answer)

    def _number(self, error: icmp.IcmpError) -> int:
        raise NotImplementedError

    def _take_replies(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                data = self._sock.recv(512)
            except BlockingIOError:
                return
            except OSError:  # an error that was in the queue as well
                continue
            self._take_reply(data, time.time())

    def _take_reply(self, data: bytes, now: float) -> None:
        """Handle a packet that is no error."""

    def _reached(self, number: int, now: float, words: str) -> None:
        sent = self._waiting.pop(number, None)
        if sent:
            sender = str(self._target.sockaddr[0])
            self._heard(sent.ttl, sender, sent.trip_ms(now), Answer(words, is_target=True))

    def close(self) -> None:
        self._loop.remove_reader(self._sock)
        self._sock.close()


class Echoes(_Single):
    """ICMP echo requests."""

    protocol = PathProtocol.ICMP

    def __init__(self, target: Address, heard: Heard) -> None:
        super().__init__(icmp.open_echo(target), target, heard)
        self._ident = int.from_bytes(os.urandom(2), "big")
        self._token = os.urandom(16)

    def _send(self, number: int) -> None:
        self._sock.send(icmp.echo_request(self._sock.family, self._ident, number, self._token))

    def _number(self, error: icmp.IcmpError) -> int:
        return self._sequence(error.packet, icmp.ECHO[self._sock.family])

    def _sequence(self, packet: bytes, kind: int) -> int:
        """The number of our echo; -1 for other echoes."""
        if len(packet) < icmp.HEADER.size or packet[0] != kind:
            return -1
        _, _, _, ident, sequence = icmp.HEADER.unpack_from(packet)
        is_raw = self._sock.type == socket.SOCK_RAW  # the kernel sorts the others
        return -1 if is_raw and ident != self._ident else sequence

    def _take_reply(self, data: bytes, now: float) -> None:
        packet = icmp.without_header(self._sock, data)
        if packet[icmp.HEADER.size :] == self._token:
            self._reached(self._sequence(packet, icmp.REPLY[self._sock.family]), now, "echo reply")


class Datagrams(_Single):
    """UDP datagrams, each to another port: a target that nobody listens on says "port unreachable"."""

    protocol = PathProtocol.UDP

    def __init__(self, target: Address, heard: Heard) -> None:
        try:
            sock = socket.socket(target.family, socket.SOCK_DGRAM)
        except OSError as error:
            raise fault(error, family=target.family) from None
        sock.setblocking(False)
        icmp.report_errors(sock)
        super().__init__(sock, target, heard)

    def _send(self, number: int) -> None:
        host, _, *rest = self._target.sockaddr
        self._sock.sendto(b"", (host, _UDP_PORT + number, *rest))

    def _number(self, error: icmp.IcmpError) -> int:
        return error.port - _UDP_PORT
