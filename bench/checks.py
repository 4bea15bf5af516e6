"""What one HTTP check costs: CPU time of this process per check, nginx answering in its own.

    python bench/checks.py [CHECKS] [ROUNDS]

Ways are interleaved and each figure is the median of its rounds, so that a busy moment hits all.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from monitor.demo.certs import Authority
from monitor.expectations import STATUS
from monitor.observe import observe
from monitor.probes.http import Http
from monitor.trace import Trace
from monitor.verdict import judge
from monitor.wire import http1, tls
from monitor.wire.connection import connect
from monitor.wire.tls import TlsOptions

BODY = b"ok\n" * 20

NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/errors;
events {{ worker_connections 512; }}
http {{
  access_log off; keepalive_requests 100000;
  server {{ listen 127.0.0.1:{plain}; location / {{ return 200 "{body}"; }} }}
  server {{
    listen 127.0.0.1:{secure} ssl;
    listen 127.0.0.1:{secure_h2} ssl http2;
    ssl_certificate {pem}; ssl_certificate_key {pem}; ssl_session_cache off; ssl_session_tickets off;
    location / {{ return 200 "{body}"; }}
  }}
}}
"""

Way = Callable[[], Awaitable[object]]


class Ports(NamedTuple):
    """Where nginx listens on loopback."""

    plain: int
    secure: int
    secure_h2: int


def free_ports() -> Ports:
    """Ports that nobody listens on; all are held until the last is known, so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in Ports._fields]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return Ports(*(one.getsockname()[1] for one in sockets))


@contextmanager
def nginx(folder: Path, pem: Path, ports: Ports) -> Iterator[None]:
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/opt/homebrew/bin")
    if program is None:
        sys.exit("bench/checks.py needs nginx")
    text = NGINX.format(folder=folder, pem=pem, body=BODY.decode(), **ports._asdict())
    config = folder / "nginx.conf"
    config.write_text(text)
    server = subprocess.Popen([program, "-c", str(config), "-p", str(folder), "-e", str(folder / "errors")])
    try:
        yield
    finally:
        server.terminate()
        server.wait()


async def listening(port: int) -> None:
    """Return once nginx answers."""
    for _ in range(200):
        if (await observe(Http(url=f"http://127.0.0.1:{port}/"), 1)).reason is None:
            return
        await asyncio.sleep(0.02)
    sys.exit("nginx did not start")


def exchange(port: int, options: TlsOptions | None) -> Way:
    """The exchange alone, with no probe around it."""
    host = "127.0.0.1" if options is None else "localhost"
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    async def run() -> None:
        trace = Trace()
        with await connect("127.0.0.1", port, trace) as connection:
            if options is not None:
                await connection.start_tls(tls.context(options, ("http/1.1",)), host, trace)
            assert (await http1.exchange(connection, request, "GET", trace, 1 << 20)).status == 200

    return run


def probe(url: str, options: TlsOptions = tls.DEFAULT) -> Way:
    """A whole check as the engine makes it, judged."""
    check = Http(url=url, tls=options)
    expect = STATUS.compile("status", "2xx")

    async def run() -> None:
        assert judge("x", await observe(check, 10), expect, ()).reason is None

    return run


def stock(url: str, context: ssl.SSLContext) -> Way:
    """httpx as most would use it: a client per check for a fresh connection, the context shared."""
    import httpx

    async def run() -> None:
        async with httpx.AsyncClient(verify=context) as client:
            assert (await client.get(url)).status_code == 200

    return run


async def cost(way: Way, checks: int) -> float:
    """Microseconds of CPU per check."""
    await way()
    before = time.process_time()
    for _ in range(checks):
        await way()
    return (time.process_time() - before) / checks * 1e6


async def measure(ca: Path, ports: Ports, checks: int, rounds: int) -> None:
    await listening(ports.plain)
    options, context = TlsOptions(ca=str(ca)), ssl.create_default_context(cafile=str(ca))
    plain, secure = f"http://127.0.0.1:{ports.plain}/", f"https://localhost:{ports.secure}/"
    ways: dict[str, Way] = {
        "plain: exchange": exchange(ports.plain, None),
        "plain: http check": probe(plain),
        "plain: stock httpx": stock(plain, context),
        "TLS: exchange": exchange(ports.secure, options),
        "TLS: http check": probe(secure, options),
        "TLS: stock httpx": stock(secure, context),
        "TLS: http check over HTTP/2": probe(f"https://localhost:{ports.secure_h2}/", options),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            taken[name].append(await cost(way, checks if name.startswith("plain") else max(checks // 8, 1)))
    for name, figures in taken.items():
        reference = statistics.median(taken[f"{name.partition(':')[0]}: stock httpx"])
        median = statistics.median(figures)
        print(f"{name:30} {median:8.0f} µs of CPU   1/{reference / median:.1f} of stock httpx")


def main() -> None:
    checks = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        authority, ports = Authority(folder), free_ports()
        with nginx(folder, authority.pem("valid"), ports):
            asyncio.run(measure(authority.ca, ports, checks, rounds))


if __name__ == "__main__":
    main()
