"""Servers that may be checked with rustls: their certificates were accepted by OpenSSL a short time ago.

Fast accept, exact reject. A session by rustls costs half the CPU time, and it may find a server up. It
never finds one down: a check that fails after it took a shortcut is made again without one
(:mod:`monitor.checks.run_probe`), and the server stays with OpenSSL for a while. So rustls, which is
stricter and has other error messages, changes no verdict and no reason. The certificates that are shown
are those that OpenSSL verified.
"""

from __future__ import annotations

import ssl
import time
from contextlib import suppress
from functools import lru_cache, partial
from typing import NamedTuple
from weakref import WeakKeyDictionary

from monitor.trace import Trace
from monitor.wire import rustls
from monitor.wire.chain import ends
from monitor.wire.hosts import verified_name
from monitor.wire.rustls import Accepted, Rustls
from monitor.wire.secure import Secure
from monitor.wire.tls import made_for

GOOD_FOR = 600.0
"""Seconds for which OpenSSL's verdict on a server may be repeated, and rustls is not used after a failure."""
_MOST = 65536
"""Servers to remember for each context."""


class Server(NamedTuple):
    """A server: its dialled address, and the name that its certificate must have."""

    host: str
    port: int
    name: str


class Shortcuts:
    """The servers that OpenSSL has accepted with one context."""

    def __init__(self, alpn: tuple[str, ...]) -> None:
        self._alpn = alpn
        self._until: dict[Server, float] = {}
        """Server -> the time until which OpenSSL's verdict on it holds."""
        self._accepted: dict[Server, Accepted] = {}

    def __bool__(self) -> bool:
        return bool(self._accepted)

    def take(self, server: Server, trace: Trace) -> Rustls | None:
        """A session with ``server`` by rustls; None if OpenSSL must be used."""
        accepted = self._accepted.get(server)
        if accepted is None or self._until[server] <= time.time():
            return None
        trace.shortcuts.append(partial(self._close, server))
        return Rustls(accepted)

    def _close(self, server: Server) -> None:
        self._accepted.pop(server, None)
        self._until[server] = time.time() + GOOD_FOR

    def learn(self, server: Server, session: Secure) -> None:
        """Remember that OpenSSL has accepted ``server``, if rustls can repeat it."""
        now = time.time()
        if self._until.get(server, now) > now:
            return
        if len(self._until) >= _MOST:
            self._until.clear()
            self._accepted.clear()
        sent, path = session.chains
        self._until[server] = min(now + GOOD_FOR, ends(path or sent))
        accepted = self._repeatable(server, session)
        if accepted is None:
            self._accepted.pop(server, None)
        else:
            self._accepted[server] = accepted

    def _repeatable(self, server: Server, session: Secure) -> Accepted | None:
        certificate, (sent, path) = session.certificate, session.chains
        version, _, cipher = str(session).partition(" ")
        if certificate is None or len(path) < 2 or not rustls.can_repeat(version, cipher):
            return None
        return Accepted(
            name=verified_name(server.name),
            chain=rustls.digest(sent),
            issuer=_shared(path[1]),
            certificate=certificate,
            cipher=cipher,
            alpn=self._alpn,
        )


@lru_cache(maxsize=4096)
def _shared(issuer: bytes) -> bytes:
    """The same object for all servers with that issuer: there may be thousands."""
    return issuer


_of: WeakKeyDictionary[ssl.SSLContext, Shortcuts] = WeakKeyDictionary()


def shortcuts(context: ssl.SSLContext) -> Shortcuts | None:
    """The shortcuts of ``context``; None when its settings are for OpenSSL alone, or rustls is not there."""
    found = _of.get(context)
    if found is None and rustls.installed():
        settings = made_for(context)
        if settings is not None and settings.options.verify and settings.options.cert is None:
            found = _of[context] = Shortcuts(settings.alpn)
    return found


def prepare(context: ssl.SSLContext) -> None:
    """Load the library once there is a server to ask with it, and before any clock runs."""
    if _of.get(context):
        with suppress(ImportError):  # the first session fails then, and OpenSSL is asked
            rustls.load()
