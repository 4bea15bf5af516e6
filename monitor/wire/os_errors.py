"""The operating system's errors as reasons: faults of the endpoint, of the network, or of this machine."""

from __future__ import annotations

import errno
import os
import socket

from monitor.errors import LocalError, ProbeError
from monitor.model import Reason

_REASONS = {
    errno.ECONNREFUSED: Reason.CONNECTION_REFUSED,
    errno.ECONNRESET: Reason.CONNECTION_RESET,
    errno.ECONNABORTED: Reason.CONNECTION_RESET,
    errno.EPIPE: Reason.CONNECTION_RESET,
    errno.ESHUTDOWN: Reason.CONNECTION_RESET,
    errno.ENOTCONN: Reason.CONNECTION_RESET,
    errno.ENETUNREACH: Reason.UNREACHABLE,
    errno.ENETDOWN: Reason.UNREACHABLE,
    errno.EHOSTUNREACH: Reason.UNREACHABLE,
    errno.EHOSTDOWN: Reason.UNREACHABLE,
    errno.EAFNOSUPPORT: Reason.UNREACHABLE,
    errno.EADDRNOTAVAIL: Reason.UNREACHABLE,
    errno.ETIMEDOUT: Reason.CONNECT_TIMEOUT,
}

_WORDS = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset by the peer",
    errno.EPIPE: "connection reset by the peer",
    errno.ENETUNREACH: "network unreachable",
    errno.EHOSTUNREACH: "host unreachable",
    errno.EAFNOSUPPORT: "this machine does not speak that address family",
    errno.EADDRNOTAVAIL: "this machine has no address of that family",
    errno.ETIMEDOUT: "connection timed out",
}

_OURS = {
    errno.EMFILE: "this process is out of file descriptors",
    errno.ENFILE: "this machine is out of file descriptors",
    errno.ENOBUFS: "this machine is out of socket buffers",
    errno.ENOMEM: "this machine is out of memory",
    errno.EACCES: "this machine does not permit the connection",
    errno.EPERM: "this machine does not permit the connection",
}

_ROUTE_TESTS = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def fault(error: OSError, *, family: int | None = None, connected: bool = False) -> ProbeError:
    """The :class:`ProbeError` (or :class:`LocalError`) for ``error``.

    ``family`` is the address family that was tried, where one was; ``connected`` says that the
    connection stood when the error came.
    """
    code = error.errno
    if code in _OURS:
        return LocalError(_OURS[code])
    if code == errno.EADDRNOTAVAIL and family == socket.AF_INET:
        return LocalError("this machine is out of local ports")
    if code in (errno.ENETUNREACH, errno.ENETDOWN) and not has_route():
        return LocalError("this machine has no route to any network")
    reason = _REASONS.get(code) if code is not None else None
    if reason is None:
        return LocalError(f"unexpected system error: {_words(error)}")
    if reason is Reason.CONNECT_TIMEOUT and connected:
        reason = Reason.READ_TIMEOUT
    return ProbeError(reason, _words(error))


def _words(error: OSError) -> str:
    if error.errno is None:
        return str(error) or type(error).__name__
    return f"{_WORDS.get(error.errno) or os.strerror(error.errno).lower()} (errno {error.errno})"


def has_route() -> bool:
    """Whether this machine has a route out in any family; sends nothing."""
    return any(_routed(family, address) for family, address in _ROUTE_TESTS)


def _routed(family: int, address: str) -> bool:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 9))  # a UDP connect only looks the route up
    except OSError:
        return False
    return True
