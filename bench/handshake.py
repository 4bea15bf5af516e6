"""What our side of a TLS 1.3 handshake costs, by OpenSSL and by rustls: CPU time, without a network.

    python bench/handshake.py [--handshakes 500] [--rounds 5]

The server is OpenSSL in the same process, and its time is not counted. Both ways verify the same certificate
(P-256), take turns, and each figure is the median of its rounds.
"""

from __future__ import annotations

import argparse
import ssl
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from monitor.demo.certs import Authority
from monitor.trace import Trace
from monitor.wire import rustls
from monitor.wire.rustls import Rustls
from monitor.wire.secure import Secure
from monitor.wire.shortcuts import Server, Shortcuts
from monitor.wire.tls import TlsOptions, context

HERE = Server("localhost", 443, "localhost")
Session = Secure | Rustls


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--handshakes", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    if not rustls.installed():
        sys.exit(f"{sys.argv[0]} needs the extra rustls")
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        ways = _ways(authority)
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(arguments.rounds):
            for name, make in ways.items():
                taken[name].append(_cost(make, authority.server_context(), arguments.handshakes))
    slowest = max(map(statistics.median, taken.values()))
    for name, figures in taken.items():
        median = statistics.median(figures)
        print(f"{name:<10}{median:6.0f} µs of CPU {median / slowest:6.2f}")


def _ways(authority: Authority) -> dict[str, Callable[[], Session]]:
    trusting, known = context(TlsOptions(ca=str(authority.ca))), Shortcuts(())
    first = Secure(trusting, HERE.name)
    _shake_hands(first, authority.server_context())
    known.learn(HERE, first)

    def shortcut() -> Session:
        session = known.take(HERE, Trace())
        assert session is not None
        return session

    return {"OpenSSL": lambda: Secure(trusting, HERE.name), "rustls": shortcut}


def _cost(make: Callable[[], Session], server: ssl.SSLContext, handshakes: int) -> float:
    """Microseconds of CPU for our side of one handshake."""
    return sum(_shake_hands_with(make, server) for _ in range(handshakes)) / handshakes / 1e3


def _shake_hands_with(make: Callable[[], Session], server: ssl.SSLContext) -> int:
    began = time.process_time_ns()
    session = make()
    return time.process_time_ns() - began + _shake_hands(session, server)


def _shake_hands(session: Session, context: ssl.SSLContext) -> int:
    """Shake hands with a server; our nanoseconds of CPU."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(incoming, outgoing, server_side=True)
    ours = 0
    while True:
        began = time.process_time_ns()
        done = session.shake_hands()
        assert not done or session.certificate is not None
        incoming.write(session.outgoing())
        ours += time.process_time_ns() - began
        if done:
            return ours
        with suppress(ssl.SSLWantReadError):
            server.do_handshake()
        session.feed(outgoing.read())


if __name__ == "__main__":
    main()
