"""What several of these scripts need: something to check, an engine's config, and its CPU time."""

from __future__ import annotations

import asyncio
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from monitor.checks.limits import raise_open_files
from monitor.link.client import Client
from monitor.link.messages import CheckNow, EndpointStatus

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"
BODY = "ok\\n" * 20
PULL = 0.25
"""Seconds between two pulls of a dashboard."""
TICK = 0.05
"""Seconds between two pulls while we wait for checks to end."""
_TICKS = os.sysconf("SC_CLK_TCK")
_MEASURABLE = 0.5
"""Seconds of CPU to have another process use before dividing: the kernel counts in hundredths."""

# ── something to check ──────────────────────────────────────────────────────────────────────────

NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/errors;
worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 100000;
  server {{ listen 127.0.0.1:{plain} backlog=4096; location / {{ return 200 "{body}"; }} }}
"""
NGINX_TLS = """
  server {{
    listen 127.0.0.1:{secure} ssl backlog=4096;
    listen 127.0.0.1:{secure_h2} ssl http2 backlog=4096;
    ssl_certificate {pem}; ssl_certificate_key {pem}; ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache off; ssl_session_tickets off;
    location / {{ return 200 "{body}"; }}
  }}
"""


class Ports(NamedTuple):
    """Where nginx listens on loopback."""

    plain: int
    secure: int
    secure_h2: int


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on; all are held until the last is known, so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextmanager
def nginx(folder: Path, pem: Path | None = None) -> Iterator[Ports]:
    """nginx on loopback, with TLS where ``pem`` holds a certificate and its key."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if program is None:
        sys.exit(f"{sys.argv[0]} needs nginx")
    ports = Ports(*free_ports(len(Ports._fields)))
    text = NGINX + (NGINX_TLS if pem else "") + "}}\n"
    config = folder / "nginx.conf"
    config.write_text(text.format(folder=folder, pem=pem, body=BODY, **ports._asdict()))
    server = subprocess.Popen([program, "-c", str(config), "-p", str(folder), "-e", str(folder / "errors")])
    try:
        listening(ports.plain)
        yield ports
    finally:
        server.terminate()
        server.wait()


def listening(port: int, within: float = 10.0) -> None:
    """Return once somebody listens on ``port``."""
    gives_up = time.monotonic() + within
    while time.monotonic() < gives_up:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    sys.exit(f"nobody listens on port {port}")


class _Answering(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        kind, _, rest = data.removeprefix(b"GET /").partition(b"/")
        if kind == b"after":
            asyncio.get_running_loop().call_later(float(rest.partition(b"/")[0]), self._answer)
        elif kind != b"never":
            self._answer()

    def _answer(self) -> None:
        assert isinstance(self._transport, asyncio.WriteTransport)
        self._transport.write(ANSWER)
        self._transport.close()


async def _serve() -> None:
    raise_open_files()
    server = await asyncio.get_running_loop().create_server(_Answering, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


@contextmanager
def web_server() -> Iterator[int]:
    """A plain HTTP server in a process of its own; its port on loopback.

    Pages below ``/after/SECONDS/`` take so long, those below ``/never/`` do not answer.
    """
    pipe = subprocess.PIPE
    child = subprocess.Popen([sys.executable, __file__], stdin=pipe, stdout=pipe)
    try:
        yield int(child.stdout.readline())
    finally:
        child.stdin.close()
        child.wait()


# ── an engine ───────────────────────────────────────────────────────────────────────────────────


@contextmanager
def daemon(config: Path) -> Iterator[tuple[int, Path]]:
    """A daemon on a config of :func:`write_config` that accepts dashboards: its process id and socket."""
    command = [sys.executable, "-P", "-m", "monitor", "daemon", "-c", str(config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr
        for line in process.stderr:
            if b"dashboards can attach" in line:
                break
        yield process.pid, config.parent / "s"
        process.terminate()


def write_config(folder: Path, urls: Iterable[str], defaults: str, *, listen: int = 0) -> Path:
    """A config of an endpoint for each URL; ``defaults`` is TOML; with a web address on port ``listen``."""
    tables = (f'[[endpoints]]\nname = "host {at}"\nurl = "{url}"\n' for at, url in enumerate(urls))
    file = folder / "monitor.toml"
    web = f'listen = "127.0.0.1:{listen}"\n' if listen else ""
    settings = f'[monitor]\nsocket = "s"\nhistory = "off"\n{web}'
    file.write_text(f"{settings}[defaults]\n{defaults}\n" + "".join(tables))
    return file


def use_history(config: Path, history: str) -> None:
    """Have a config keep its history there."""
    text = re.sub(r'^history = ".*"$', f'history = "{history}"', config.read_text(), flags=re.MULTILINE)
    config.write_text(text)


def pages(base: str, count: int) -> list[str]:
    """So many different URLs below ``base``."""
    return [f"{base}/{number}" for number in range(count)]


class Picture(NamedTuple):
    """An engine as a dashboard sees it that has just connected."""

    started_at: float
    handles: tuple[int, ...]
    statuses: tuple[EndpointStatus, ...]


async def picture(source: Client) -> Picture:
    """The engine with all of its endpoints, which come in parts."""
    news = await source.hello()
    started_at, infos, statuses = news.started_at, list(news.infos), list(news.statuses)
    while news.more:
        news = await source.pull()
        infos += news.infos
        statuses += news.statuses
    return Picture(started_at, tuple(info.handle for info in infos), tuple(statuses))


async def first_checks(source: Client) -> float:
    """Wait until each endpoint has been checked: seconds from the engine's start to the last of them."""
    seen = await picture(source)
    checked, statuses = {}, list(seen.statuses)
    while True:
        for status in statuses:
            if status.checked_at is not None:
                checked.setdefault(status.handle, status.checked_at)
        if len(checked) == len(seen.handles):
            return max(checked.values()) - seen.started_at
        await asyncio.sleep(0.2)
        statuses = await changed(source)


async def changed(source: Client) -> list[EndpointStatus]:
    """What changed since the last time."""
    news = await source.pull()
    statuses = list(news.statuses)
    while news.more:
        news = await source.pull()
        statuses += news.statuses
    return statuses


async def listen(source: Client, seconds: float) -> None:
    """What a dashboard does, for so long."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        await changed(source)
        await asyncio.sleep(PULL)


async def all_at_once(source: Client, pid: int, every: Sequence[int]) -> float:
    """The engine's microseconds of CPU per check when ``every`` endpoint is checked at the same time."""
    totals = {status.handle: status.total for status in (await picture(source)).statuses}
    cpu, checked = cpu_seconds(pid), 0
    while cpu_seconds(pid) - cpu < _MEASURABLE:
        await source.command(CheckNow(handles=tuple(every)))
        left = set(every)
        while left:
            await asyncio.sleep(TICK)
            seen = {status.handle: status.total for status in await changed(source)}
            left -= {handle for handle, total in seen.items() if total > totals[handle]}
            totals |= seen
        checked += len(every)
    return (cpu_seconds(pid) - cpu) / checked * 1e6


async def starts(source: Client, handles: Sequence[int]) -> list[list[float]]:
    """When each of these endpoints' checks started, seconds since the epoch."""
    return [[point.at for point in (await source.detail(handle, 0.0)).points] for handle in handles]


# ── figures ─────────────────────────────────────────────────────────────────────────────────────


def cpu_seconds(pid: int) -> float:
    """CPU time that process ``pid`` has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def children_cpu_seconds() -> float:
    """CPU time of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def resident_mb(pid: int) -> float:
    """Megabytes of memory that process ``pid`` holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def lateness_ms(times: Sequence[Sequence[float]], interval: float) -> list[float]:
    """How late each start was on its endpoint's grid, whose phase is that of the earliest start in it."""
    late = []
    for own in times:
        offsets = [at - number * interval for number, at in enumerate(own)]
        late += [(offset - min(offsets)) * 1000 for offset in offsets]
    return late


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the values are; 0 when there are none."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


if __name__ == "__main__":
    asyncio.run(_serve())
