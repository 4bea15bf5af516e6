"""Names to addresses, by the system's own resolver.

``getaddrinfo`` blocks and cannot be interrupted, so it runs in daemon threads of our own: a
resolver that hangs delays neither the other names nor the end of the program. Names in the hosts file are
found without a thread, because they cannot block.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache, partial
from typing import Any, Literal, NamedTuple, TypeVar

from monitor.errors import LocalError, ProbeError
from monitor.model import Reason
from monitor.trace import Phase, Trace
from monitor.wire.hosts_file import HostsFile

IpVersion = Literal["auto", 4, 6, "both"]
"""The user's choices; ``both`` becomes two checks and does not occur here."""

T = TypeVar("T")
_Found = tuple[Any, ...]
"""As in a result of ``socket.getaddrinfo``."""

MOST_THREADS = 256
HANGING = 1.0
"""If all threads are busy and no lookup finishes for this many seconds, the resolver is considered hung."""

_FAMILIES: dict[IpVersion, int] = {"auto": socket.AF_UNSPEC, 4: socket.AF_INET, 6: socket.AF_INET6}
_LINK_LOCAL = ("fe8", "fe9", "fea", "feb", "ff02:")
_OUR_FAULTS = {socket.EAI_MEMORY, socket.EAI_SYSTEM}


class Address(NamedTuple):
    """An address to connect to: the argument of ``socket.connect``, and its family."""

    family: int
    sockaddr: tuple[Any, ...]

    def __str__(self) -> str:
        """``192.0.2.1:443`` or ``[2001:db8::1]:443``."""
        host, port = self.sockaddr[:2]
        return f"[{host}]:{port}" if self.family == socket.AF_INET6 else f"{host}:{port}"


class _Threads:
    """Daemon threads that run blocking calls; created on demand and kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._made = 0
        self._under_way = 0
        """Number of jobs that have not ended, including waiting ones."""
        self._moved = 0.0
        """The last time that a job was started or ended, by the monotonic clock."""

    def submit(self, job: Callable[[], None]) -> None:
        """Run ``job`` in a thread as soon as one is free; LocalError when all of them hang."""
        with self._lock:
            if self._under_way < self._most:
                self._moved = time.monotonic()
                self._make_one_more()
            elif time.monotonic() - self._moved > HANGING:
                raise LocalError(f"all {self._most} name look-ups that may run at once are hanging")
            self._under_way += 1
        self._jobs.put(job)

    def _make_one_more(self) -> None:
        if self._under_way == self._made:
            self._made += 1
            threading.Thread(target=self._work, name="resolver", daemon=True).start()

    def _work(self) -> None:
        while True:
            self._jobs.get()()
            with self._lock:
                self._under_way -= 1
                self._moved = time.monotonic()


_threads = _Threads(MOST_THREADS)
_hosts_file = HostsFile()


async def resolve(host: str, port: int, trace: Trace, ip_version: IpVersion = "auto") -> list[Address]:
    """The addresses of ``host``, best first; at least one.

    Enters the phase ``dns`` unless ``host`` is an address already. Raises ProbeError:
    ``dns_error``, or ``unreachable`` when an address is not of the family asked for. LocalError for a
    link-local address that does not say on which interface.
    """
    literal = numeric(host, port, ip_version)
    if literal is not None:
        return [literal]
    trace.enter(Phase.DNS)
    return _reachable(host, _unique(await _look_up(host, port, _FAMILIES[ip_version])))


@lru_cache(maxsize=4096)
def numeric(host: str, port: int, ip_version: IpVersion) -> Address | None:
    """``host`` as an address; None for a name. Errors as in :func:`resolve`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.inet_pton(family, host)
    except (OSError, ValueError):
        return None
    if ip_version != "auto" and family != _FAMILIES[ip_version]:
        raise ProbeError(Reason.UNREACHABLE, f"{host} is not an IPv{ip_version} address")
    address = Address(family, (host, port) if family == socket.AF_INET else (host, port, 0, 0))
    return _reachable(host, [address])[0]


def _reachable(host: str, found: list[Address]) -> list[Address]:
    """``found`` without link-local addresses that do not name their interface (RFC 4007, 6)."""
    usable = [address for address in found if not _lacks_scope(address)]
    if found and not usable:
        address = str(found[0].sockaddr[0])
        named = "" if address == host else f"{host} is at {address}: "
        raise LocalError(f"{named}a link-local address needs its interface, as in {address}%eth0")
    return usable


def _lacks_scope(address: Address) -> bool:
    return (
        address.family == socket.AF_INET6
        and address.sockaddr[3] == 0
        and address.sockaddr[0].lower().startswith(_LINK_LOCAL)
    )


def _unique(found: list[_Found]) -> list[Address]:
    return list(dict.fromkeys(Address(family, sockaddr) for family, _, _, _, sockaddr in found))


async def _look_up(host: str, port: int, family: int) -> list[_Found]:
    # A scope in a URL begins with %25 (RFC 6874), and with % for people.
    name = host.replace("%25", "%", 1) if ":" in host else _loopback(host)
    look_up = partial(socket.getaddrinfo, name, port, family, socket.SOCK_STREAM)
    try:
        return look_up() if _hosts_file.has(name, family) else (await _in_thread(look_up))()
    except socket.gaierror as error:
        raise _fault(host, error) from None
    except UnicodeError:
        raise ProbeError(Reason.DNS_ERROR, f"{host} is not a host name") from None


def _in_thread(call: Callable[[], T]) -> Awaitable[Callable[[], T]]:
    """Make the ``call`` in a thread; the outcome is as of :func:`_outcome`."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Callable[[], T]] = loop.create_future()

    def job() -> None:
        outcome = _outcome(call)
        with contextlib.suppress(RuntimeError):  # the loop was closed while the resolver hung
            loop.call_soon_threadsafe(_settle, answer, outcome)

    _threads.submit(job)
    return answer


def _loopback(host: str) -> str:
    """``localhost`` for names of this machine that a resolver may not know (RFC 6761, 6.3)."""
    name = host.removesuffix(".")
    return "localhost" if name == "localhost" or name.endswith(".localhost") else host


def _outcome(call: Callable[[], T]) -> Callable[[], T]:
    """Make the ``call`` now. The returned function returns its result or raises its error."""
    try:
        result = call()
    except (OSError, UnicodeError) as caught:
        error = caught

        def fail() -> T:
            raise error

        return fail
    return lambda: result


def _settle(answer: asyncio.Future[T], outcome: T) -> None:
    if not answer.done():
        answer.set_result(outcome)


def _fault(host: str, error: socket.gaierror) -> ProbeError:
    words = (error.strerror or "unknown error").lower()
    if error.errno in _OUR_FAULTS:
        return LocalError(f"cannot look up names: {words}")
    if ":" in host:
        return LocalError(f"{host}: this machine has no such interface")
    return ProbeError(Reason.DNS_ERROR, f"{host} does not resolve: {words}")
