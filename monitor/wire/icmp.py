"""ICMP: echo requests, and the errors that routers and hosts answer packets with.

An unprivileged socket gets the errors that its own packets caused from its error queue (``IP_RECVERR``,
see ip(7)), with the address of their sender.
"""

from __future__ import annotations

import errno
import socket
import struct
import time
from typing import NamedTuple

from monitor.errors import LocalError
from monitor.wire.os_errors import fault
from monitor.wire.resolve import Address

ECHO: dict[int, int] = {socket.AF_INET: 8, socket.AF_INET6: 128}
"""The type of an echo request, by address family."""
REPLY: dict[int, int] = {socket.AF_INET: 0, socket.AF_INET6: 129}
HEADER = struct.Struct("!BBHHH")
"""Type, code, checksum, identifier, sequence number of an echo."""
_PROTOCOL: dict[int, int] = {socket.AF_INET: socket.IPPROTO_ICMP, socket.AF_INET6: socket.IPPROTO_ICMPV6}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EPROTONOSUPPORT}
_ADVICE = (
    "this machine does not permit ICMP: allow it with 'sysctl net.ipv4.ping_group_range=\"0 2147483647\"', "
    "or give the Python interpreter the capability cap_net_raw"
)


# ── echo ────────────────────────────────────────────────────────────────────────────────────────


def open_echo(address: Address) -> socket.socket:
    """A connected socket for echoes: the unprivileged kind where the system allows it, else a raw one.

    Raises LocalError where ICMP is not permitted, and otherwise as :func:`monitor.wire.os_errors.fault`.
    """
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            sock = socket.socket(address.family, kind, _PROTOCOL[address.family])
        except OSError as error:
            if error.errno in _FORBIDDEN:
                continue
            raise fault(error, family=address.family) from None
        try:
            sock.setblocking(False)
            report_errors(sock)
            sock.connect(address.sockaddr)
        except OSError as error:
            sock.close()
            raise fault(error, family=address.family) from None
        return sock
    raise LocalError(_ADVICE)


def echo_request(family: int, ident: int, sequence: int, payload: bytes) -> bytes:
    """A packet to send; an unprivileged socket replaces ``ident``. ``payload`` has an even length."""
    bare = HEADER.pack(ECHO[family], 0, 0, ident, sequence) + payload
    return HEADER.pack(ECHO[family], 0, _checksum(bare), ident, sequence) + payload


def _checksum(data: bytes) -> int:
    """RFC 1071; the kernel overwrites it where it knows better (IPv6, unprivileged sockets)."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def without_header(sock: socket.socket, data: bytes) -> bytes:
    """The ICMP packet in received data: raw IPv4 sockets deliver the IP header too."""
    if sock.family == socket.AF_INET and sock.type == socket.SOCK_RAW:
        return data[(data[0] & 0x0F) * 4 :] if data else data
    return data


# ── errors ──────────────────────────────────────────────────────────────────────────────────────

REPORTS_ERRORS = hasattr(socket, "MSG_ERRQUEUE")
"""Whether this system has error queues: Linux."""
_QUEUE: int = getattr(socket, "MSG_ERRQUEUE", 0)
_RECVERR: dict[int, tuple[int, int]] = {
    socket.AF_INET: (socket.IPPROTO_IP, 11),
    socket.AF_INET6: (socket.IPPROTO_IPV6, 25),
}
_TTL: dict[int, tuple[int, int]] = {
    socket.AF_INET: (socket.IPPROTO_IP, socket.IP_TTL),
    socket.AF_INET6: (socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS),
}
_TIMESTAMP = 35
"""SO_TIMESTAMPNS: the kernel notes when a packet came, however late this process reads it."""
_TIMESPEC = struct.Struct("@qq")
_ERROR = struct.Struct("=IBBBxII")
"""``struct sock_extended_err`` of linux/errqueue.h: errno, origin, type, code, info, data."""
_LOCAL, _ICMP, _ICMP6 = 1, 2, 3
_OFFENDER: dict[int, int] = {socket.AF_INET: 4, socket.AF_INET6: 8}
"""The offset of the IP address in a socket address of the family."""
_LENGTH: dict[int, int] = {socket.AF_INET: 4, socket.AF_INET6: 16}


class IcmpError(NamedTuple):
    """An error caused by one of the socket's packets."""

    kind: int
    code: int
    sender: str
    """The address of the router or host that sent it."""
    arrived: float
    """By ``time.time()``."""
    port: int
    """The port that the packet was sent to; 0 for ICMP."""
    packet: bytes
    """The beginning of the packet: without the header for UDP, with it for TCP and ICMP."""


def report_errors(sock: socket.socket) -> None:
    """Let ICMP errors be reported in the error queue of ``sock``, where there is one, with their times."""
    if REPORTS_ERRORS:
        sock.setsockopt(*_RECVERR[sock.family], 1)
        sock.setsockopt(socket.SOL_SOCKET, _TIMESTAMP, 1)


def limit_hops(sock: socket.socket, ttl: int) -> None:
    """Let packets that ``sock`` sends from now on expire at the router number ``ttl``."""
    sock.setsockopt(*_TTL[sock.family], ttl)


def next_error(sock: socket.socket) -> IcmpError | None:
    """The next ICMP error in the queue of ``sock``; None when there is none."""
    while True:
        try:
            packet, notes, _, peer = sock.recvmsg(512, 512, _QUEUE)
        except OSError:  # nothing waits
            return None
        found = _error(sock.family, notes, packet, peer[1] if peer else 0)
        if found:
            return found


def _error(family: int, notes: list[tuple[int, int, bytes]], packet: bytes, port: int) -> IcmpError | None:
    """The ICMP error among the control messages of one entry of the queue."""
    arrived, found = time.time(), b""
    for level, kind, data in notes:
        if (level, kind) == (socket.SOL_SOCKET, _TIMESTAMP) and len(data) >= _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack_from(data)
            arrived = seconds + nanoseconds / 1e9
        elif (level, kind) == _RECVERR[family]:
            found = data
    sender = found[_ERROR.size + _OFFENDER[family] :][: _LENGTH[family]]
    if len(sender) < _LENGTH[family]:
        return None
    _, origin, kind, code, _, _ = _ERROR.unpack_from(found)
    if origin not in (_ICMP, _ICMP6):
        return None
    return IcmpError(kind, code, socket.inet_ntop(family, sender), arrived, port, packet)


_PROHIBITED = "administratively prohibited"
_UNREACHABLE: dict[int, dict[int, str]] = {
    socket.AF_INET: {
        0: "network unreachable",
        1: "host unreachable",
        2: "protocol unreachable",
        3: "port unreachable",
        5: "source route failed",
        6: "network unknown",
        7: "host unknown",
        9: _PROHIBITED,
        10: _PROHIBITED,
        13: _PROHIBITED,
    },
    socket.AF_INET6: {
        0: "no route to the target",
        1: _PROHIBITED,
        2: "beyond the scope of the source address",
        3: "address unreachable",
        4: "port unreachable",
        5: "source address failed policy",
        6: "route rejected",
    },
}
"""RFC 792, RFC 1812 section 5.2.7.1 and RFC 4443 section 3.1."""
_UNREACHABLE_TYPE: dict[int, int] = {socket.AF_INET: 3, socket.AF_INET6: 1}
_EXPIRED_TYPE: dict[int, int] = {socket.AF_INET: 11, socket.AF_INET6: 3}


def is_expiry(family: int, error: IcmpError) -> bool:
    """Whether the packet's time to live expired."""
    return error.kind == _EXPIRED_TYPE[family] and error.code == 0


def refusal(family: int, error: IcmpError) -> str:
    """Why the packet was not delivered, in words; empty if the error says something else."""
    if error.kind != _UNREACHABLE_TYPE[family]:
        return ""
    return _UNREACHABLE[family].get(error.code, f"destination unreachable (code {error.code})")
